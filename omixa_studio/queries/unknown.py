"""Reads about calls of which nobody knows what they cost: a person has to decide."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import Generation, State
from omixa_studio.models.generations import Charged

from .lost import listed_calls

# How long a call may have waited before it was sent; it bounds what is read of the index.
LONGEST_IN_QUEUE = timedelta(days=2)


def booked(target: str) -> QuerySet[Generation]:
    """All calls that are money; practice among them while a studio practises."""
    rows = Generation.objects.all()
    return rows if target == SANDBOX else rows.exclude(target=SANDBOX)


def unknown_calls(target: str) -> QuerySet[Generation]:
    """The calls whose hold stays until somebody decides, newest first.

    Their outcome is unknown, or they ended with pictures or a refusal but without an amount.
    Those of gateways that were in use before are among them, each booked where it was held.
    """
    rows = booked(target).filter(Q(state=State.UNKNOWN) | Q(charged=Charged.UNKNOWN))
    return rows.select_related("person").order_by("-id")


def unknown_count(target: str) -> int:
    return unknown_calls(target).order_by().count()


def to_decide_count(target: str) -> int:
    """How many calls wait for an admin's word: of unknown cost, and lost ones."""
    unknown = unknown_calls(target).order_by().values("pk")
    return unknown.union(listed_calls().order_by().values("pk"), all=True).count()


def settled_calls(target: str, since: datetime, until: datetime) -> QuerySet[Generation]:
    """The calls of known cost that may have been at the gateway between two moments."""
    rows = Generation.objects.filter(
        target=target,
        state__in=(State.DONE, State.FAILED),
        charged=Charged.YES,
        created_at__gte=since - LONGEST_IN_QUEUE,
        created_at__lte=until,
    )
    return rows.filter(Q(sent_at=None) | Q(sent_at__gte=since, sent_at__lte=until))


def taken_request_ids(target: str, request_ids: Iterable[str]) -> set[str]:
    """Return those of some request ids that belong to calls whose cost is known."""
    rows = Generation.objects.filter(target=target, request_id__in=set(request_ids))
    settled = rows.exclude(state=State.UNKNOWN).exclude(charged=Charged.UNKNOWN)
    return set(settled.values_list("request_id", flat=True))
