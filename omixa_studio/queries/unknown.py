"""Read calls of unknown cost, which an admin has to decide."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import Generation, State
from omixa_studio.models.generations import Charged

from .gateway_keys import keys_on_own_bills

# The longest time a call may wait before it is sent; it bounds the part of the index that is read.
LONGEST_IN_QUEUE = timedelta(days=2)


def booked(target: str) -> QuerySet[Generation]:
    """Return all paid calls; in the sandbox also those of the sandbox."""
    rows = Generation.objects.all()
    return rows if target == SANDBOX else rows.exclude(target=SANDBOX)


def unknown_calls(target: str) -> QuerySet[Generation]:
    """Return the calls whose hold stays until an admin decides, newest first.

    Their outcome is unknown, or they ended with pictures or a refusal but without an amount. Calls
    to gateways used earlier are included; each is decided on its own target.
    """
    rows = booked(target).filter(Q(state=State.UNKNOWN) | Q(charged=Charged.UNKNOWN))
    return rows.select_related("person", "gateway_key").order_by("-id")


def few_unknown(target: str, most: int) -> QuerySet[Generation]:
    """Return up to so many of the unknown calls, found by the index: their cost is not known."""
    found = booked(target).filter(charged=Charged.UNKNOWN).order_by()
    return Generation.objects.filter(pk__in=found.values("pk")[:most])


def unknown_count(target: str) -> int:
    return unknown_calls(target).order_by().count()


def settled_calls(target: str, since: datetime, until: datetime) -> QuerySet[Generation]:
    """Return the calls of known cost that may have been at the gateway between two moments.

    Those with a key on a bill of its own are left out: the usage log does not have them.
    """
    rows = Generation.objects.filter(
        target=target,
        state__in=(State.DONE, State.FAILED),
        charged=Charged.YES,
        created_at__gte=since - LONGEST_IN_QUEUE,
        created_at__lte=until,
    )
    rows = rows.exclude(gateway_key__in=keys_on_own_bills())
    return rows.filter(Q(sent_at=None) | Q(sent_at__gte=since, sent_at__lte=until))


def taken_request_ids(target: str, request_ids: Iterable[str]) -> set[str]:
    """Return the given request ids that belong to calls of known cost."""
    rows = Generation.objects.filter(target=target, request_id__in=set(request_ids))
    settled = rows.exclude(state=State.UNKNOWN).exclude(charged=Charged.UNKNOWN)
    return set(settled.values_list("request_id", flat=True))
