"""Mail about new notices, sent by the worker: many are one mail, none is mailed twice."""

import logging
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models.functions import Now

from omixa_studio.models import Notice, Person
from omixa_studio.queries.mail import due_people, is_their_turn, notices_to_mail

log = logging.getLogger(__name__)

# Sends a person a mail about notices; raises whatever a mail server makes go wrong.
Send = Callable[[Person, Sequence[Notice]], object]


def mail_notices(send: Send) -> int:
    """Send a mail to each person for whom one is due; return how many were sent.

    Notices are marked before the mail leaves, so that no two workers send the same one. If it
    fails they are not marked any more, and the person's turn comes again later.
    """
    return sum(_mail(person, send) for person in list(due_people()))


def _mail(person: Person, send: Send) -> bool:
    notices = _take(person)
    if not notices:
        return False
    try:
        send(person, notices)
    except Exception as error:  # noqa: BLE001 (whatever the mail server says, the studio goes on)
        log.warning("Mail about notices could not be sent: %s: %s", type(error).__name__, error)
        Notice.objects.filter(pk__in=[one.pk for one in notices]).update(mailed_at=None)
        return False
    return True


def _take(person: Person) -> Sequence[Notice]:
    """Mark a person's notices as mailed, unless another worker did so."""
    with transaction.atomic():
        turn = Person.objects.filter(
            is_their_turn(), pk=person.pk, mail_notices=True, is_active=True
        )
        if not turn.update(mailed_at=Now()):
            return []
        notices = notices_to_mail(person)
        Notice.objects.filter(pk__in=[one.pk for one in notices]).update(mailed_at=Now())
    return notices
