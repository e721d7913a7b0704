"""Reads about pauses."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from omixa_studio.gateway.refusal import LONGEST_WAIT
from omixa_studio.models import Pause


def current_pause(target: str) -> Pause | None:
    """Return the pause that holds the queue of a target now, or None."""
    return holding_pauses(target).first()


def holding_pauses(target: str) -> QuerySet[Pause]:
    """The pause that holds the queue of a target, as a query of the database's own time.

    One that ends further ahead than any wait was written by a clock that was set back since.
    """
    longest = Now() + timedelta(seconds=LONGEST_WAIT)
    timed = Q(until__gt=Now(), until__lte=longest)
    return Pause.objects.filter(target=target).filter(Q(until=None) | timed)
