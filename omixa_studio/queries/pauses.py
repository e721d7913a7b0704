"""Read pauses of the queue."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from omixa_studio.gateway.refusal import LONGEST_WAIT
from omixa_studio.models import Pause
from omixa_studio.models.pauses import Reason


def current_pause(target: str) -> Pause | None:
    """Return the pause that holds the queue of a target now, or None."""
    return holding_pauses(target).first()


def is_older_copy(target: str) -> bool:
    """Return whether the database is an older copy and nobody has resumed since it was put back."""
    pause = current_pause(target)
    return pause is not None and pause.reason == Reason.OLDER


def holding_pauses(target: str) -> QuerySet[Pause]:
    """Return the pause that holds the queue of a target, by the database's own clock.

    A pause that ends later than the longest possible wait was written before the clock was set
    back, and is ignored.
    """
    longest = Now() + timedelta(seconds=LONGEST_WAIT)
    timed = Q(until__gt=Now(), until__lte=longest)
    return Pause.objects.filter(target=target).filter(Q(until=None) | timed)
