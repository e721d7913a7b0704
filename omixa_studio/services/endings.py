"""End rows that were never sent: free of charge, with a reason, in one statement."""

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from omixa_studio.gateway.errors import Told
from omixa_studio.models import Generation, State
from omixa_studio.models.generations import Charged

from . import ledger
from .ledger import in_batches


def unsent(after: State, reason: Sequence[Told]) -> dict[str, object]:
    """Return the columns of a row that ends before it was sent."""
    return {
        "state": after,
        "charged": Charged.NO,
        "error_kind": "ours" if after == State.FAILED else "",
        "error": list(reason),
        "settled_by": "studio",
        "finished_at": Now(),
    }


def lock_in_order(rows: QuerySet[Generation]) -> list[Generation]:
    """Lock rows until the end of the transaction; always in this order, to avoid deadlocks.

    Leaves out the bodies, which may be long and are not needed to end many rows.
    """
    held = rows.select_for_update(of=("self",)).select_related("person").defer("body")
    return list(held.order_by("pk"))


def cancel_all(waiting: Sequence[Generation], *reason: Told) -> None:
    """Cancel queued rows that this transaction has locked: rows first, balances last."""
    ended = unsent(State.CANCELLED, reason)
    for batch in in_batches(waiting):
        Generation.objects.filter(pk__in=[row.pk for row in batch]).update(**ended)
    for batch in in_batches(waiting):
        ledger.release(*batch)


def cancel_waiting(rows: QuerySet[Generation], *reason: Told) -> list[Generation]:
    """Cancel the queued ones of some rows in one step, free of charge; return them."""
    with transaction.atomic():
        waiting = lock_in_order(rows.filter(state=State.QUEUED, sent_at=None))
        cancel_all(waiting, *reason)
    return waiting


def waiting_in_batches(rows: QuerySet[Generation]) -> Iterator[QuerySet[Generation]]:
    """Yield queued rows in batches, so that no transaction blocks the database for long."""
    waiting = rows.filter(state=State.QUEUED, sent_at=None).order_by("pk")
    for batch in in_batches(list(waiting.values_list("pk", flat=True))):
        yield Generation.objects.filter(pk__in=batch)
