"""The gateway's request log beside our own rows. A missing entry proves nothing."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from omixa_studio.gateway.records import UsageEntry
from omixa_studio.models import Generation, dollars

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
    began, _ended = _span(generation)
    near = [
        (abs(one.created - began), at)
        for at, one in enumerate(entries)
        if one.created and may_be(generation, one) and not (one.id and one.id in taken)
    ]
    return [entries[at] for _, at in sorted(near)[:MOST_FITTING]]


def left_over(
    entries: Iterable[UsageEntry], settled: Iterable[Generation], *, not_theirs: Collection[str]
) -> list[UsageEntry]:
    """Leave out the entries that calls of known cost explain, as many as there are such calls.

    Each takes one of its model, time and amount: the earliest still there, those first whose
    time is over first, so that as many as possible find theirs. Ids in `not_theirs` belong
    to others, and a call whose own id is among the entries takes that one.
    """
    left = list(entries)
    ids = {one.id for one in left if one.id}
    left = [one for one in left if one.id not in {call.request_id for call in settled} - {""}]
    without_id = [call for call in settled if not (call.request_id and call.request_id in ids)]
    for call in sorted(without_id, key=lambda call: _span(call)[1]):
        theirs = [
            one
            for one in left
            if may_be(call, one)
            and one.cost == dollars(call.billed_micros)
            and not (one.id and one.id in not_theirs)
        ]
        if theirs:
            left.remove(min(theirs, key=lambda one: one.created or _span(call)[0]))
    return left


def may_be(generation: Generation, entry: UsageEntry) -> bool:
    """Whether an entry is of a call's model and time."""
    began, ended = _span(generation)
    return (
        entry.created is not None
        and began - SLACK <= entry.created <= ended + SLACK
        and entry.model.lower() in ("", generation.model.lower())
    )


def suggested(found: Collection[UsageEntry]) -> Decimal | None:
    """Return the amount to put into the form: only where one entry alone fits and has one."""
    costs = [one.cost for one in found]
    return costs[0] if len(costs) == 1 and costs[0] else None


def oldest(entries: Iterable[UsageEntry]) -> datetime | None:
    """Return how far back the log reaches, as far as its entries tell their times."""
    return min((one.created for one in entries if one.created), default=None)


def _span(generation: Generation) -> tuple[datetime, datetime]:
    """From when to when a call can have been at the gateway.

    A person may have decided, or a lost call been found, days after it was over.
    """
    began = generation.sent_at or generation.started_at or generation.created_at
    longest = timedelta(seconds=settings.CALL_SECONDS)
    if generation.seconds is not None:
        return began, began + min(timedelta(seconds=generation.seconds), longest)
    return began, min(generation.finished_at or began, began + longest)
