"""The append-only ledger, and the balances that change with each of its rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from omixa_studio.models import BillEntry, Charge, Generation, Kind
from omixa_studio.models.ledger import today
from omixa_studio.models.limits import keys_of, moves_of

from . import balances, budget
from .statements import Statement, compiled, slot

# SQLite accepts about 32,000 values in a statement.
ROWS_AT_A_TIME = 1_000

T = TypeVar("T")


@transaction.atomic(savepoint=False)
def hold(*generations: Generation, day: date | None = None) -> None:
    """Record the holds of generations, all or none, on the day of their click or today.

    Raises BudgetRefused.
    """
    clicked = day or today()
    charges = [
        _row(one, Kind.HOLD, one.held_micros, like=_click_of(one, clicked)) for one in generations
    ]
    moves = moves_of(charges)
    balances.move(budget.make_room(moves), moves)
    Charge.objects.bulk_create(charges)


def ask_again(generation_id: int) -> None:
    """Check whether everything held and billed by now, including this row's hold, still fits.

    The balances stay locked until the end of the transaction. Raises BudgetRefused.
    """
    held = hold_of(generation_id)
    if held is not None:
        budget.check_again(keys_of(held))


def hold_of(generation_id: int) -> Charge | None:
    """Return the hold of a generation, which determines the balances it counts in."""
    return Charge.objects.filter(generation_id=generation_id, kind=Kind.HOLD).first()


def all_held(generation: Generation) -> Charge:
    """Return the total held for a generation, with every raise, as an unsaved row like `_held`.

    It cannot change between the claim and the end of that attempt: only queued rows are raised.
    """
    rows = _holding(connection.vendor).records(Charge, generation_id=generation.pk)
    return _summed(rows).get(generation.pk) or _nothing_held(generation)


def release(*generations: Generation) -> None:
    """Release whole holds; nothing was billed."""
    held = _held(*generations)
    append([_release(generation, held[generation.pk]) for generation in generations])


def raises(held_micros: Mapping[int, int], generations: Sequence[Generation]) -> list[Charge]:
    """Return unsaved rows that raise the holds of generations to their new amounts.

    `held_micros` is the new amount by generation id; the caller has locked the rows.
    """
    holds = _held(*generations)
    nth: dict[int, int] = {}
    for batch in in_batches([one.pk for one in generations]):
        before = Charge.objects.filter(generation_id__in=batch, kind=Kind.RAISE).order_by()
        nth |= dict(before.values_list("generation_id").annotate(Max("nth")))
    return [
        _row(one, Kind.RAISE, more, like=holds[one.pk], nth=nth.get(one.pk, 0) + 1)
        for one in generations
        if (more := held_micros[one.pk] - holds[one.pk].amount_micros) > 0
    ]


def capture(
    generation: Generation,
    amount_micros: int,
    received_text: str,
    *,
    pictures: int = 0,
    held: Charge | None = None,
    beside: Sequence[Charge] = (),
) -> None:
    """Release the hold and record the bill, its text as received, and the number of pictures.

    `held` is the result of `all_held`, if already read. `beside` are further rows, of other
    generations, to write with this bill.
    """
    held = held or all_held(generation)
    billed = _row(
        generation,
        Kind.CAPTURE,
        amount_micros,
        like=held,
        received_text=received_text,
        pictures=pictures,
    )
    append([_release(generation, held), billed, *beside])


def adjust(
    generation: Generation,
    amount_micros: int,
    *,
    text: str,
    reason: str,
    pictures: int = 0,
    beside: Sequence[Charge] = (),
) -> None:
    """Correct the ledger once more: after a person had decided the cost, or by a bill.

    The caller has locked the row of the generation.
    """
    late = _row(
        generation,
        Kind.ADJUSTMENT,
        amount_micros,
        like=all_held(generation),
        received_text=text,
        reason=reason,
        pictures=pictures,
        nth=_adjustments(generation.pk),
    )
    append([late, *beside])


def book_line(line: BillEntry, amount_micros: int, *, day: date) -> None:
    """Record what is not booked yet of a line of the bill that belongs to no request here.

    It is nobody's, on a day; in place of a generation's id the row has the line's with a minus. The
    caller has locked the day of the bill.
    """
    charge = Charge(
        kind=Kind.ADJUSTMENT,
        amount_micros=amount_micros,
        received_text=line.amount_text,
        reason="bill",
        target=line.target,
        month=f"{day:%Y-%m}",
        day=day,
        generation_id=-line.pk,
        nth=_adjustments(-line.pk),
        person_id=0,
        person_name="",
        model=line.model,
        operation=line.operation[:20],
    )
    append([charge])


@transaction.atomic(savepoint=False)
def append(charges: Sequence[Charge]) -> None:
    """Write rows and update their balances, both or neither; the only writer of such rows.

    Rows that cancel each other out, such as a release and a bill equal to the hold, change no
    balance.
    """
    moves = {key: by for key, by in moves_of(charges).items() if by}
    if moves:
        balances.move(balances.lock(moves), moves)
    Charge.objects.bulk_create(charges)


def in_batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """Split into batches that fit into one statement on every database."""
    for first in range(0, len(things), ROWS_AT_A_TIME):
        yield things[first : first + ROWS_AT_A_TIME]


def _held(*generations: Generation) -> dict[int, Charge]:
    """Return an unsaved row per generation with its hold's person, role, project, token and day.

    Its amount is the total held, with every raise: a row in memory may be older than those. The
    hold keeps the person after deletion, and the day as recorded, even if the studio's time zone
    has changed.
    """
    batches = in_batches([generation.pk for generation in generations])
    rows = (row for batch in batches for row in _holds().filter(generation_id__in=batch))
    found = _summed(rows)
    return {one.pk: found.get(one.pk) or _nothing_held(one) for one in generations}


def _holds() -> QuerySet[Charge]:
    return Charge.objects.filter(kind__in=(Kind.HOLD, Kind.RAISE)).order_by("pk")


@cache
def _holding(vendor: str) -> Statement:
    """Return the statement that reads a generation's hold and raises, compiled per database."""
    return compiled(_holds().filter(generation_id=slot(Charge, "generation_id")))


def _summed(holds: Iterable[Charge]) -> dict[int, Charge]:
    """Return the first row of each generation, with the sum of all its rows as amount."""
    found: dict[int, Charge] = {}
    for row in holds:
        first = found.setdefault(row.generation_id, row)
        if first is not row:
            first.amount_micros += row.amount_micros
    return found


def _nothing_held(generation: Generation) -> Charge:
    nothing = _click_of(generation, today())
    nothing.amount_micros = 0
    return nothing


def _click_of(generation: Generation, day: date) -> Charge:
    person = generation.person
    return Charge(
        amount_micros=generation.held_micros,
        month=generation.month,
        day=day,
        person_id=person.pk if person else 0,
        person_name=person.name if person else "",
        project_id=generation.project_id or 0,
        token_id=generation.token_id or 0,
        role=person.role if person else "",
    )


def _adjustments(generation_id: int) -> int:
    return Charge.objects.filter(generation_id=generation_id, kind=Kind.ADJUSTMENT).count()


def _release(generation: Generation, held: Charge) -> Charge:
    return _row(generation, Kind.RELEASE, -held.amount_micros, like=held)


def _row(
    generation: Generation, kind: Kind, amount_micros: int, *, like: Charge, **facts: str | int
) -> Charge:
    return Charge(
        kind=kind,
        amount_micros=amount_micros,
        target=generation.target,
        month=like.month,
        day=like.day,
        generation_id=generation.pk,
        person_id=like.person_id,
        person_name=like.person_name,
        project_id=like.project_id,
        token_id=like.token_id,
        role=like.role,
        model=generation.model,
        operation=generation.operation,
        **facts,
    )
