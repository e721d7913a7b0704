"""Holds: money set aside before a call is sent, never past a hard limit."""

from dataclasses import dataclass
from datetime import datetime

from omixa_studio.models import Limit
from omixa_studio.queries import budget


@dataclass(eq=False)
class BudgetRefused(Exception):
    """A hold does not fit; micro-dollars left, whose limit, and when it starts anew."""

    needed_micros: int
    left_micros: int
    limit_micros: int
    of_studio: bool
    resets_at: datetime


def make_room(target: str, month: str, *, person_id: int, needed_micros: int) -> None:
    """Check every limit that applies; call it inside the transaction that inserts the hold.

    PostgreSQL has no immediate transaction: the limit rows are locked first, always in
    the order of their keys, so that racing holds are decided one after the other.
    Raises BudgetRefused.
    """
    for limit in budget.limits_of(person_id).select_for_update():
        if limit.amount_micros is not None:
            _check(limit, limit.amount_micros, target, month=month, needed_micros=needed_micros)


def _check(limit: Limit, amount: int, target: str, *, month: str, needed_micros: int) -> None:
    left = amount - budget.counted(target, month, limit.person_id)
    if needed_micros > left:
        raise BudgetRefused(
            needed_micros=needed_micros,
            left_micros=max(left, 0),
            limit_micros=amount,
            of_studio=limit.person_id is None,
            resets_at=budget.next_month_starts(month),
        )


def set_limit(person_id: int | None, amount_micros: int | None) -> None:
    """Set the hard monthly limit of a person (None: of the studio); no amount lifts it."""
    Limit.objects.update_or_create(person_id=person_id, defaults={"amount_micros": amount_micros})
