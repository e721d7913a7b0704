"""Reads about pauses."""

from django.db.models import Q
from django.db.models.functions import Now

from omixa_studio.models import Pause


def current_pause(target: str) -> Pause | None:
    """Return the pause that holds the queue of a target now, or None."""
    return Pause.objects.filter(target=target).filter(Q(until=None) | Q(until__gt=Now())).first()
