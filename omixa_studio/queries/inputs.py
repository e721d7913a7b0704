"""Reads about what can be sent along with a request."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from omixa_studio.models import Person, Picture


def usable_pictures(person: Person, ids: Sequence[int]) -> QuerySet[Picture]:
    """The pictures among some ids that a person may use: own and shared ones, none of the trash."""
    mine = Q(person=person) | Q(shared=True)
    return Picture.objects.filter(mine, id__in=ids, trashed_at=None)
