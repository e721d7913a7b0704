"""How a row ends that was never sent: free, with a sentence, in one statement."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.db.models.functions import Now

from omixa_studio.gateway.errors import Told
from omixa_studio.models import Generation, State
from omixa_studio.models.generations import Charged

from . import ledger


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


def cancel_all(waiting: Sequence[Generation], reason: Told) -> None:
    """Cancel queued rows that this transaction has locked: rows first, balances last."""
    Generation.objects.filter(pk__in=[row.pk for row in waiting]).update(
        **unsent(State.CANCELLED, [reason])
    )
    ledger.release(*waiting)
