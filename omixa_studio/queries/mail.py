"""Read whom mail about new notices is due to, and what it says."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from omixa_studio.models import Notice, Person

# A notice waits so long for others, and a person gets no more than one mail in so long.
WAIT = timedelta(minutes=2)
BETWEEN = timedelta(minutes=30)
# What is older is not mailed any more, such as after a day without a mail server.
TOO_OLD = timedelta(days=1)
MOST_IN_A_MAIL = 10
MOST_PEOPLE = 50


def due_people() -> QuerySet[Person]:
    """Return people who are to get a mail now, those who waited longest first."""
    waiting = Notice.objects.filter(
        person=OuterRef("pk"), created_at__lte=Now() - WAIT, created_at__gt=Now() - TOO_OLD
    )
    rows = Person.objects.filter(is_their_turn(), is_active=True, mail_notices=True, unread__gt=0)
    unsent = waiting.filter(mailed_at=None, read_at=None)
    return rows.exclude(email="").filter(Exists(unsent)).order_by("mailed_at", "pk")[:MOST_PEOPLE]


def notices_to_mail(person: Person) -> Sequence[Notice]:
    """Return a person's notices that are neither read nor mailed, oldest first."""
    rows = Notice.objects.filter(
        person=person, read_at=None, mailed_at=None, created_at__gt=Now() - TOO_OLD
    )
    rows = rows.filter(comment__deleted_at=None)
    related = rows.select_related("comment__person", "comment__link", "comment__picture")
    return list(related.order_by("id"))


def is_their_turn() -> Q:
    """Return the condition that a person's last mail was long enough ago."""
    return Q(mailed_at=None) | Q(mailed_at__lte=Now() - BETWEEN)
