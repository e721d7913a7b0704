"""Holds: money set aside before a call is sent, never beyond a hard limit."""

from collections.abc import Collection, Iterable, Mapping

from django.db import connection

from omixa_studio.models import BalanceKey, Limit, Period, Scope
from omixa_studio.queries import budget
from omixa_studio.queries.balances import CountedBalance
from omixa_studio.queries.budget import Room

from . import balances
from .refusals import Refused


class BudgetRefused(Refused):
    """A hold does not fit: the micro-dollars needed, and the limit with too little room."""

    reason = "budget"

    def __init__(self, *, needed_micros: int, room: Room) -> None:
        super().__init__()
        self.needed_micros, self.room = needed_micros, room


def make_room(needed: Mapping[BalanceKey, int]) -> dict[BalanceKey, CountedBalance]:
    """Check every limit that applies, inside the transaction that inserts the holds.

    `needed` is the amount to hold by balance, as returned by `moves_of`. The balances are returned
    and stay locked, so that competing holds are decided one after the other, also while a limit is
    being set. Raises BudgetRefused for the tightest limit.
    """
    locked = balances.lock(needed)
    _refuse_beyond(budget.rooms(needed), needed)
    return locked


def check_again(keys: Collection[BalanceKey]) -> None:
    """Check whether all that counts in some balances still fits, inside a transaction.

    Locks only the balances with a hard limit. Raises BudgetRefused for the tightest limit.
    """
    found = budget.rooms(keys)
    limited = [key for key in keys if any(room.hard and room.key == key[1:] for room in found)]
    if limited and connection.features.has_select_for_update:
        balances.lock(limited)
        found = budget.rooms(limited)
    _refuse_beyond(found, dict.fromkeys(keys, 0))


def _refuse_beyond(found: Iterable[Room], needed: Mapping[BalanceKey, int]) -> None:
    by_key = {key[1:]: micros for key, micros in needed.items()}
    for room in sorted(found, key=lambda room: room.left_micros):
        micros = by_key[room.key]
        if room.hard and not room.fits(micros):
            raise BudgetRefused(needed_micros=micros, room=room)


def set_limit(
    scope: Scope,
    subject: object,
    amount_micros: int | None,
    *,
    period: Period = Period.MONTH,
    hard: bool = True,
) -> None:
    """Set a limit for a person's id or "" for the studio; None removes it."""
    if amount_micros is None:
        which = Limit.objects.filter(scope=scope, subject=str(subject), period=period, hard=hard)
        which.delete()
        return
    Limit.objects.update_or_create(
        scope=scope,
        subject=str(subject),
        period=period,
        hard=hard,
        defaults={"amount_micros": amount_micros},
    )


def set_limits(scope: Scope, subjects: Collection[object], amount_micros: int | None) -> None:
    """Set one hard monthly limit for each of many subjects; None removes it."""
    of_each = {"scope": scope, "period": Period.MONTH, "hard": True}
    if amount_micros is None:
        Limit.objects.filter(subject__in=[str(one) for one in subjects], **of_each).delete()
        return
    Limit.objects.bulk_create(
        [Limit(subject=str(one), amount_micros=amount_micros, **of_each) for one in subjects],
        update_conflicts=True,
        update_fields=["amount_micros"],
        unique_fields=["scope", "subject", "period", "hard"],
    )
