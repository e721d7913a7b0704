"""How a row ends that was never sent: free, with a sentence, in one statement."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from omixa_studio.gateway.errors import Told
from omixa_studio.models import Generation, State
from omixa_studio.models.generations import Charged

from . import ledger

# SQLite takes some 32,000 values in a statement.
ROWS_AT_A_TIME = 1_000


def unsent(after: State, reason: Sequence[Told]) -> dict[str, object]:
    """The columns of a row that ends before it was sent."""
    return {
        "state": after,
        "charged": Charged.NO,
        "error_kind": "ours" if after == State.FAILED else "",
        "error": list(reason),
        "settled_by": "studio",
        "finished_at": Now(),
    }


def lock_in_order(rows: QuerySet[Generation]) -> list[Generation]:
    """Hold rows to the end of the transaction; whoever takes several takes them in this order."""
    return list(rows.select_for_update(of=("self",)).select_related("person").order_by("pk"))


def cancel_all(waiting: Sequence[Generation], *reason: Told) -> None:
    """Cancel queued rows that this transaction has locked: rows first, balances last."""
    ended = unsent(State.CANCELLED, reason)
    for first in range(0, len(waiting), ROWS_AT_A_TIME):
        batch = [row.pk for row in waiting[first : first + ROWS_AT_A_TIME]]
        Generation.objects.filter(pk__in=batch).update(**ended)
    if waiting:
        ledger.release(*waiting)


def cancel_waiting(rows: QuerySet[Generation], *reason: Told) -> list[Generation]:
    """Cancel all of some rows that still wait, in one step, and return them; free of charge."""
    with transaction.atomic():
        waiting = lock_in_order(rows.filter(state=State.QUEUED, sent_at=None))
        cancel_all(waiting, *reason)
    return waiting
