"""Rows that may not be sent although they are next in line: no money is left for them.

While calls that count in the same place are under way, their bills may turn out below their
holds, so the others wait; once none is, those that were asked for last are cancelled.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Now

from omixa_studio.gateway.errors import told
from omixa_studio.models import BalanceKey, Charge, Generation, Kind, Limit, Run, State
from omixa_studio.models.limits import keys_of
from omixa_studio.queries import budget
from omixa_studio.queries.holdups import room_under_cap

from . import balances, ledger
from .endings import cancel_all, lock_in_order

SECONDS_TO_WAIT = 1.0


def capped() -> bool:
    """Whether any run has a cap: it gets it before its rows, so none now means none for them."""
    return Run.objects.filter(cap_micros__isnull=False).exists()


def limited() -> bool:
    """Whether any hard limit is set."""
    return Limit.objects.filter(hard=True).exists()


def cap_forbids(chosen: int, rows: QuerySet[Generation]) -> bool:
    """Whether the cap of the row's run leaves no room for it; then it waits or is cancelled."""
    group = Generation.objects.filter(pk=chosen).values("group")
    capped = Run.objects.filter(cap_micros__isnull=False, pk__in=group)
    # Locked, so that of two rows of one run each sees what the other has set aside.
    run = capped.select_for_update().first()
    needed = rows.aggregate(sum=Sum("held_micros"))["sum"] or 0
    if run is None or needed <= room_under_cap(run):
        return False
    of_run = Generation.objects.filter(group=run.pk)
    waiting = lock_in_order(of_run.filter(state=State.QUEUED, sent_at=None))
    if of_run.filter(state=State.RUNNING).exists():
        _wait(waiting)
    else:
        cancel_all(waiting, told("cap_reached"))
    return True


@transaction.atomic
def give_way(chosen: int, target: str) -> None:
    """Let the rows wait that count in the limit that a claim was past, or cancel the last ones.

    It asks once more: what was booked meanwhile may have made room.
    """
    held = ledger.hold_of(chosen)
    key = _overdrawn(keys_of(held)) if held else None
    if key is None:
        return
    waiting = lock_in_order(_counting_in(key, target, State.QUEUED).filter(sent_at=None))
    if _counting_in(key, target, State.RUNNING).exists():
        _wait(waiting)
        return
    balances.lock(_all_keys(waiting) | {key})
    cancel_all(_last_asked(waiting, _excess(key)), told("limit_used_up"))


def _wait(waiting: Collection[Generation]) -> None:
    """Look at none of them for a moment; a longer wait that the gateway asked for stays."""
    later = Now() + timedelta(seconds=SECONDS_TO_WAIT)
    sooner = Q(not_before=None) | Q(not_before__lt=later)
    rows = Generation.objects.filter(sooner, pk__in=[row.pk for row in waiting])
    rows.update(not_before=later)


def _overdrawn(keys: Collection[BalanceKey]) -> BalanceKey | None:
    """The balance that is furthest past a hard limit of its own."""
    past = {key: excess for key in keys if (excess := _excess(key))}
    return max(past, key=past.__getitem__, default=None)


def _excess(key: BalanceKey) -> int:
    """By how many micro-dollars a balance is past its hard limit, 0 where it is not."""
    hard = [room for room in budget.rooms([key]) if room.hard]
    return max([0, *(room.counted_micros - room.limit_micros for room in hard)])


def _counting_in(key: BalanceKey, target: str, state: State) -> QuerySet[Generation]:
    """The generations in a state whose holds count in a balance."""
    rows = Generation.objects.filter(target=target, state=state)
    holds = Charge.objects.filter(generation_id__in=rows.values("pk"), kind=Kind.HOLD)
    return rows.filter(pk__in=[one.generation_id for one in holds if key in keys_of(one)])


def _all_keys(rows: Collection[Generation]) -> set[BalanceKey]:
    holds = Charge.objects.filter(generation_id__in=[row.pk for row in rows], kind=Kind.HOLD)
    return {key for held in holds for key in keys_of(held)}


def _last_asked(waiting: Collection[Generation], excess: int) -> list[Generation]:
    """As many of the newest as it takes to bring so many micro-dollars back."""
    chosen: list[Generation] = []
    for row in sorted(waiting, key=lambda row: row.pk, reverse=True):
        if excess <= 0:
            break
        chosen.append(row)
        excess -= row.held_micros
    return chosen
