"""Match the gateway's request log with our rows. A missing entry proves nothing."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings

from omixa_studio.gateway.records import UsageEntry
from omixa_studio.models import Generation, dollars

# Clocks differ, and it is not documented whether an entry has the start or the end of a call.
SLACK = timedelta(seconds=60)
MOST_FITTING = 5


def fitting(
    generation: Generation, entries: Iterable[UsageEntry], *, taken: Collection[str] = ()
) -> list[UsageEntry]:
    """Return the entries that may be this call, the likeliest first.

    An entry with its request id is the only one; otherwise those of its model and time that are not
    `taken` by the request ids of other calls.
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
    """Return the entries that calls of known cost do not explain.

    Each call explains one entry of its model, time and amount: the earliest one left. Calls that
    ended first choose first, so that as many as possible find theirs. Ids in `not_theirs` belong to
    others, and a call whose own id is among the entries takes that one.
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
    """Return whether an entry matches a call's model and time."""
    began, ended = _span(generation)
    return (
        entry.created is not None
        and began - SLACK <= entry.created <= ended + SLACK
        and entry.model.lower() in ("", generation.model.lower())
    )


def suggested(found: Collection[UsageEntry]) -> Decimal | None:
    """Return the amount to suggest in the form: only if a single entry fits and has one."""
    costs = [one.cost for one in found]
    return costs[0] if len(costs) == 1 and costs[0] else None


def oldest(entries: Iterable[UsageEntry]) -> datetime | None:
    """Return how far back the log reaches, by those of its entries that have a time."""
    return min((one.created for one in entries if one.created), default=None)


def _span(generation: Generation) -> tuple[datetime, datetime]:
    """Return from when to when a call can have been at the gateway.

    The row may have been decided, or its lost call found, days after the call was over.
    """
    began = generation.sent_at or generation.started_at or generation.created_at
    longest = timedelta(seconds=settings.CALL_SECONDS)
    if generation.seconds is not None:
        return began, began + min(timedelta(seconds=generation.seconds), longest)
    return began, min(generation.finished_at or began, began + longest)
