"""Withhold rows that are next to be claimed but for which no money is left.

While calls that count in the same balance are running, their bills may turn out below their holds,
so the others wait; once none is running, the latest requests are cancelled.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Now

from omixa_studio.gateway.errors import told
from omixa_studio.models import BalanceKey, Charge, Generation, Kind, Limit, Run, Scope, State
from omixa_studio.models.limits import counts_in, keys_of
from omixa_studio.queries import budget
from omixa_studio.queries.holdups import room_under_cap

from . import balances, ledger
from .endings import cancel_all, cancel_waiting, lock_in_order, waiting_in_batches
from .ledger import ROWS_AT_A_TIME
from .statements import Statement, compiled

# Per thousand rows: more writes per second would block everybody else.
SECONDS_TO_WAIT = 1.0


def capped_or_limited() -> tuple[bool, bool]:
    """Return whether any run has a cap, and whether any hard limit is set.

    A run gets its cap before its rows, so that no cap now means none for queued rows.
    """
    [(capped, limited)] = _asking_for_both(connection.vendor).rows()
    return bool(capped), bool(limited)


@cache
def _asking_for_both(vendor: str) -> Statement:
    capped = compiled(Run.objects.filter(cap_micros__isnull=False).values_list("pk")[:1])
    limited = compiled(Limit.objects.filter(hard=True).values_list("pk")[:1])
    both = f"SELECT EXISTS({capped.sql}), EXISTS({limited.sql})"
    return Statement(both, capped.parameters + limited.parameters)


def cap_forbids(chosen: int, rows: QuerySet[Generation]) -> bool:
    """Return whether the cap of a row's run has no room; then postpone or cancel its rows."""
    group = Generation.objects.filter(pk=chosen).values("group")
    capped = Run.objects.filter(cap_micros__isnull=False, pk__in=group)
    # Locked, so that two rows of one run each see what the other has reserved.
    run = capped.select_for_update().first()
    needed = rows.aggregate(sum=Sum("held_micros"))["sum"] or 0
    if run is None or needed <= room_under_cap(run):
        return False
    of_run = Generation.objects.filter(group=run.pk)
    if of_run.filter(state=State.RUNNING).exists():
        _wait(of_run)
    else:
        cancel_waiting(of_run, told("cap_reached"))
    return True


def give_way(chosen: int, target: str) -> None:
    """Postpone the rows that count in the limit that a claim exceeded, or cancel the latest.

    There may be thousands: each step handles some of them in its own transaction, and checks again,
    since bills recorded meanwhile may have made room.
    """
    held = ledger.hold_of(chosen)
    while held and (key := _overdrawn(keys_of(held))):
        counting = _counting_in(key, target)
        if counting.filter(state=State.RUNNING).exists():
            _wait(counting)
            return
        if not _cancel_last(key, counting.filter(state=State.QUEUED, sent_at=None)):
            return


@transaction.atomic
def _cancel_last(key: BalanceKey, waiting: QuerySet[Generation]) -> bool:
    """Cancel the latest requests, at most one batch; return whether there were any."""
    last = list(waiting.order_by("-pk").values_list("pk", flat=True)[:ROWS_AT_A_TIME])
    rows = lock_in_order(waiting.filter(pk__in=last))
    balances.lock(_all_keys(rows) | {key})
    chosen = _last_asked(rows, _excess(key))
    cancel_all(chosen, told("limit_used_up"))
    return bool(chosen)


def _wait(rows: QuerySet[Generation]) -> None:
    """Postpone the next claim of rows briefly; a longer wait requested by the gateway stays."""
    soon = Now() + timedelta(seconds=SECONDS_TO_WAIT)
    due = rows.filter(Q(not_before=None) | Q(not_before__lt=soon))
    batches = list(waiting_in_batches(due))
    later = Now() + timedelta(seconds=SECONDS_TO_WAIT * len(batches))
    for batch in batches:
        with transaction.atomic():
            held = batch.filter(state=State.QUEUED).select_for_update().order_by("pk")
            still = list(held.values_list("pk", flat=True))
            Generation.objects.filter(pk__in=still).update(not_before=later)


def _overdrawn(keys: Collection[BalanceKey]) -> BalanceKey | None:
    """Return a balance beyond its hard limit, a person's first: cancelling there frees both."""
    narrow_first = sorted(keys, key=lambda key: key.scope == Scope.STUDIO)
    return next((key for key in narrow_first if _excess(key)), None)


def _excess(key: BalanceKey) -> int:
    """Return by how many micro-dollars a balance exceeds its hard limit, 0 if it does not."""
    hard = [room for room in budget.rooms([key]) if room.hard]
    return max((room.missing_for(0) for room in hard), default=0)


def _counting_in(key: BalanceKey, target: str) -> QuerySet[Generation]:
    """Return the generations whose holds count in a balance."""
    holds = Charge.objects.filter(counts_in(key), generation_id=OuterRef("pk"), kind=Kind.HOLD)
    return Generation.objects.filter(Exists(holds), target=target)


def _all_keys(rows: Sequence[Generation]) -> set[BalanceKey]:
    holds = Charge.objects.filter(generation_id__in=[row.pk for row in rows], kind=Kind.HOLD)
    return {key for held in holds for key in keys_of(held)}


def _last_asked(waiting: Sequence[Generation], excess: int) -> list[Generation]:
    """Return as many of the newest as needed to free so many micro-dollars."""
    chosen: list[Generation] = []
    for row in sorted(waiting, key=lambda row: row.pk, reverse=True):
        if excess <= 0:
            break
        chosen.append(row)
        excess -= row.held_micros
    return chosen
