"""Balances: locked in one order, updated in the transaction of the ledger rows they count.

Code that locks both locks generations first and balances last, and locks all balances of a
transaction at once, so that no two transactions deadlock.
"""

from collections.abc import Collection, Mapping

from django.db import connection
from django.db.models import F

from omixa_studio.models import Balance, BalanceKey
from omixa_studio.queries.budget import balances


def lock(keys: Collection[BalanceKey]) -> dict[BalanceKey, Balance]:
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
    ours = Balance.objects.filter(pk__in=[row.pk for row in found.values()])
    # Read again with the lock: another transaction may have changed them meanwhile.
    return {row.key: row for row in ours.select_for_update().order_by("pk")}


def move(locked: Mapping[BalanceKey, Balance], moves: Mapping[BalanceKey, int]) -> None:
    """Add micro-dollars to balances that this transaction has locked."""
    for amount in set(moves.values()) - {0}:
        moved = [locked[key].pk for key, by in moves.items() if by == amount]
        Balance.objects.filter(pk__in=moved).update(counted_micros=F("counted_micros") + amount)
