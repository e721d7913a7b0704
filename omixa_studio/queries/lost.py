"""Reads about paid calls that this database knows nothing of."""

from django.db.models import QuerySet

from omixa_studio.models import LostCall


def listed_calls() -> QuerySet[LostCall]:
    """The lost calls that nobody has taken off the list, of every target, newest first."""
    return LostCall.objects.filter(closed_by="").order_by("-sent_at", "-pk")
