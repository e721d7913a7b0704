"""Balances: locked in one order, updated in the transaction of the ledger rows they count.

Code that locks both locks generations first and balances last, and locks all balances of a
transaction at once, so that no two transactions deadlock.
"""

from collections.abc import Collection, Mapping
from functools import cache

from django.db import connection

from omixa_studio.models import Balance, BalanceKey
from omixa_studio.queries.balances import KEYS_AT_A_TIME, CountedBalance, balances

_TABLE = f'"{Balance._meta.db_table}"'


def lock(keys: Collection[BalanceKey]) -> dict[BalanceKey, CountedBalance]:
    """Lock the rows of some balances until the end of the transaction; create missing rows.

    PostgreSQL has no immediate transaction, and two requests racing for the rest of a limit must
    see each other even before anything was spent. Missing rows are created before the first one is
    locked: a transaction that creates the same rows waits without holding any.
    """
    found = balances(keys)
    if len(found) < len(keys):
        missing = [Balance(**key._asdict()) for key in sorted(keys)]
        Balance.objects.bulk_create(missing, ignore_conflicts=True)
        found = balances(keys)
    if not connection.features.has_select_for_update:
        return found  # SQLite locks the whole database when the transaction begins
    micros = _locked(sorted(one.pk for one in found.values()))
    return {key: CountedBalance(one.pk, micros[one.pk]) for key, one in found.items()}


def move(locked: Mapping[BalanceKey, CountedBalance], moves: Mapping[BalanceKey, int]) -> None:
    """Add micro-dollars to balances that this transaction has locked."""
    for amount in set(moves.values()) - {0}:
        moved = [locked[key].pk for key, by in moves.items() if by == amount]
        with connection.cursor() as cursor:
            for pks in _batches(moved):
                cursor.execute(_adding(len(pks)), [amount, *pks])


def _locked(pks: list[int]) -> dict[int, int]:
    """Lock rows in this order; return what they count now, which others may just have changed."""
    micros: dict[int, int] = {}
    with connection.cursor() as cursor:
        for batch in _batches(pks):
            cursor.execute(_locking(len(batch)), batch)
            micros |= dict(cursor.fetchall())
    return micros


def _batches(pks: list[int]) -> list[list[int]]:
    return [pks[first : first + KEYS_AT_A_TIME] for first in range(0, len(pks), KEYS_AT_A_TIME)]


@cache
def _locking(count: int) -> str:
    return (
        f"SELECT id, counted_micros FROM {_TABLE} WHERE id IN ({_slots(count)})"
        " ORDER BY id FOR UPDATE"
    )


@cache
def _adding(count: int) -> str:
    return f"UPDATE {_TABLE} SET counted_micros = counted_micros + %s WHERE id IN ({_slots(count)})"


def _slots(count: int) -> str:
    return ", ".join(["%s"] * count)
