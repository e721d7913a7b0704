"""How a row ends that was never sent: free, with a sentence, in one statement."""

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
    """Hold rows to the end of the transaction; whoever takes several takes them in this order.

    Without their bodies, which may be long and end with nobody who locks many.
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
    """Cancel all of some rows that still wait, in one step, and return them; free of charge."""
    with transaction.atomic():
        waiting = lock_in_order(rows.filter(state=State.QUEUED, sent_at=None))
        cancel_all(waiting, *reason)
    return waiting


def waiting_in_batches(rows: QuerySet[Generation]) -> Iterator[QuerySet[Generation]]:
    """Divide what waits now, for transactions so short that nobody waits long for the database."""
    waiting = rows.filter(state=State.QUEUED, sent_at=None).order_by("pk")
    for batch in in_batches(list(waiting.values_list("pk", flat=True))):
        yield Generation.objects.filter(pk__in=batch)
