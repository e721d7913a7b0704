"""Reads about calls of which nobody knows what they cost: a person has to decide."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from omixa_studio.models import Generation, State
from omixa_studio.models.generations import Charged


def unknown_calls(target: str) -> QuerySet[Generation]:
    """The calls whose hold stays until somebody decides, newest first.

    Their outcome is unknown, or they ended with pictures or a refusal but without an amount.
    """
    # The target in both halves: beside them SQLite would read all rows of the target instead.
    of_target = Q(target=target)
    open_cost = (of_target & Q(state=State.UNKNOWN)) | (of_target & Q(charged=Charged.UNKNOWN))
    rows = Generation.objects.filter(open_cost)
    return rows.select_related("person").order_by("-id")


def unknown_count(target: str) -> int:
    return unknown_calls(target).order_by().count()


def taken_request_ids(target: str, request_ids: Iterable[str]) -> set[str]:
    """Return those of some request ids that belong to calls whose cost is known."""
    rows = Generation.objects.filter(target=target, request_id__in=set(request_ids))
    settled = rows.exclude(state=State.UNKNOWN).exclude(charged=Charged.UNKNOWN)
    return set(settled.values_list("request_id", flat=True))
