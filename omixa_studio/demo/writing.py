"""Write copies: rows, with the balances that the ledger rows move."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from omixa_studio.models import Charge, Generation, GenerationInput, Picture
from omixa_studio.models.limits import COUNTED_BY, moves_of
from omixa_studio.services import balances

from .bulk import Values, insert, new_ids
from .copies import Copy
from .prompts import Prompts


def write(copies: Sequence[Copy], prompts: Prompts) -> int:
    """Insert the rows of copies, in this order; return the number of ledger rows."""
    ids = new_ids(Generation, len(copies))
    for copy, pk, used in zip(copies, ids, prompts.ids_of(copies), strict=True):
        copy.belongs_to(pk, used)
    insert(Generation, [copy.generation for copy in copies])
    insert(GenerationInput, [row for copy in copies for row in _inputs(copy)])
    # Charges first: kept pictures count under the names that these have of their request.
    charges = [charge for copy in copies for charge in copy.charges]
    insert(Charge, charges)
    insert(Picture, [picture for copy in copies for picture in copy.pictures])
    _move_balances(charges)
    return len(charges)


def _inputs(copy: Copy) -> Iterable[Values]:
    given = copy.template.given
    if given:
        yield {
            "generation_id": copy.generation["id"],
            "image_id": given.row.pk,
            "position": 0,
            "is_mask": False,
        }


def _move_balances(charges: Iterable[Values]) -> None:
    """Add ledger rows to their balances, by one row for all that count in the same ones."""
    sums: Counter[tuple[object, ...]] = Counter()
    for charge in charges:
        sums[tuple(charge[name] for name in COUNTED_BY)] += charge["amount_micros"]
    moves = moves_of(_charge(key, amount) for key, amount in sums.items())
    moved = {key: by for key, by in moves.items() if by}
    balances.move(balances.lock(moved), moved)


def _charge(counted_by: tuple[object, ...], amount_micros: object) -> Charge:
    facts = dict(zip(COUNTED_BY, counted_by, strict=True))
    # As the driver takes it, a day may be text.
    day = date.fromisoformat(str(facts["day"]))
    return Charge(**{**facts, "day": day, "amount_micros": amount_micros})
