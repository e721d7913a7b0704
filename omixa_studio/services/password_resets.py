"""New passwords for those who forgot theirs: asked for, mailed by the worker, chosen once."""

import logging
import secrets
from collections.abc import Callable

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from omixa_studio.models import ActKind, PasswordReset, Person
from omixa_studio.queries.password_resets import LASTS, digest_of_reset, resets_to_mail
from omixa_studio.queries.people import known_as

from . import audit, people
from .audit import Actor
from .person_sessions import end_sessions

log = logging.getLogger(__name__)

SECRET_BYTES = 32
# Mails a person the secret of a link; raises whatever a mail server makes go wrong.
Send = Callable[[Person, str], object]


def ask_for_reset(text: str, *, address: str) -> None:
    """Note that somebody asked for a new password for a username or e-mail.

    The same is written whether or not there is such an account, so that not even the time it takes
    tells. Accounts without an e-mail get no link.
    """
    person = known_as(text)
    gets_mail = person is not None and person.is_active and bool(person.email)
    with transaction.atomic():
        PasswordReset.objects.create(person=person if gets_mail else None)
        audit.write(ActKind.PASSWORD_ASKED, by=Actor(address=address), whom=person)


def mail_resets(send: Send) -> int:
    """Mail each link that is due, and return how many; forget requests that have ended.

    A request is marked before its mail leaves, so that no two workers send it. If that fails, its
    turn comes again with another link.
    """
    PasswordReset.objects.filter(asked_at__lte=timezone.now() - 2 * LASTS).delete()
    return sum(_mail(row, send) for row in list(resets_to_mail()))


def choose_password(
    reset: PasswordReset, password: str, *, address: str, ends_tokens: bool
) -> bool:
    """Set the password that was chosen at a link, once, and end all sessions of the person.

    With `ends_tokens` access tokens end, too. Returns whether the link was still there.
    """
    person = reset.person
    with transaction.atomic():
        if person is None or not PasswordReset.objects.filter(pk=reset.pk).delete()[0]:
            return False
        by = Actor(person.pk, person.username, address, person.name)
        people.set_password(person, password, by=by, ends_tokens=ends_tokens)
        end_sessions(person)
    return True


def _mail(reset: PasswordReset, send: Send) -> bool:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    same = PasswordReset.objects.filter(pk=reset.pk)
    taken = same.filter(mailed_at=None).update(mailed_at=Now(), digest=digest_of_reset(secret))
    if not taken or reset.person is None:
        return False
    try:
        send(reset.person, secret)
    except Exception as error:  # noqa: BLE001 (whatever the mail server says, the studio goes on)
        log.warning("A link for a new password was not sent: %s: %s", type(error).__name__, error)
        same.update(mailed_at=None, digest=None)
        return False
    return True
