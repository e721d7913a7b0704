"""Balances: locked in one order, moved in the transaction of the ledger rows they count.

Whatever locks both locks generations first and balances last, and asks for all balances of a
transaction at once, so that no two wait for each other.
"""

from collections.abc import Collection, Mapping

from django.db import connection
from django.db.models import F

from omixa_studio.models import Balance, BalanceKey
from omixa_studio.queries.budget import balances


def lock(keys: Collection[BalanceKey]) -> dict[BalanceKey, Balance]:
    """Hold the rows of some balances to the end of the transaction, made where missing.

    PostgreSQL has no immediate transaction, and two requests that race for the last of a
    limit must see each other even where nobody has spent anything yet. Missing rows are made
    before the first one is locked: whoever makes the same waits without holding any.
    """
    found = balances(keys)
    if len(found) < len(keys):
        missing = [Balance(**key._asdict()) for key in sorted(keys)]
        Balance.objects.bulk_create(missing, ignore_conflicts=True)
        found = balances(keys)
    if not connection.features.has_select_for_update:
        return found  # SQLite locks all there is when the transaction begins
    ours = Balance.objects.filter(pk__in=[row.pk for row in found.values()])
    # Read again with the lock: another may have moved them meanwhile.
    return {row.key: row for row in ours.select_for_update().order_by("pk")}


def move(locked: Mapping[BalanceKey, Balance], moves: Mapping[BalanceKey, int]) -> None:
    """Add micro-dollars to balances that this transaction has locked."""
    for amount in set(moves.values()) - {0}:
        moved = [locked[key].pk for key, by in moves.items() if by == amount]
        Balance.objects.filter(pk__in=moved).update(counted_micros=F("counted_micros") + amount)
