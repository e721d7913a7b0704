"""Read paid calls that are missing from this database."""

from django.db.models import QuerySet

from omixa_studio.models import LostCall


def listed_calls() -> QuerySet[LostCall]:
    """Return the lost calls that nobody has removed from the list, of all targets, newest first."""
    return LostCall.objects.filter(closed_by="").order_by("-sent_at", "-pk")
