"""The gateway's request log beside our own rows. A missing entry proves nothing."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from omixa_studio.gateway.records import UsageEntry
from omixa_studio.models import Generation

# Clocks differ, and nobody says whether an entry names the begin or the end of a call.
SLACK = timedelta(seconds=60)
MOST_FITTING = 5


def fitting(
    generation: Generation, entries: Iterable[UsageEntry], *, taken: Collection[str] = ()
) -> list[UsageEntry]:
    """Return the entries that may be this call, the likeliest first.

    One with its request id is the only one; otherwise those of its model and time that are
    not `taken` by the request ids of other calls.
    """
    entries = list(entries)
    same = [one for one in entries if one.id and one.id == generation.request_id]
    if same:
        return same[:1]
    began = generation.sent_at or generation.started_at or generation.created_at
    ended = generation.finished_at or began
    near = [
        (abs(one.created - began), at)
        for at, one in enumerate(entries)
        if one.created
        and began - SLACK <= one.created <= ended + SLACK
        and one.model.lower() in ("", generation.model.lower())
        and not (one.id and one.id in taken)
    ]
    return [entries[at] for _, at in sorted(near)[:MOST_FITTING]]


def suggested(found: Collection[UsageEntry]) -> Decimal | None:
    """Return the amount to put into the form: only where one entry alone fits and has one."""
    costs = [one.cost for one in found]
    return costs[0] if len(costs) == 1 and costs[0] else None


def oldest(entries: Iterable[UsageEntry]) -> datetime | None:
    """Return how far back the log reaches, as far as its entries tell their times."""
    return min((one.created for one in entries if one.created), default=None)
