"""The append-only ledger, and the balances that move with each of its rows."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from omixa_studio.models import Charge, Generation, Kind
from omixa_studio.models.limits import moves_of

from . import balances, budget


@transaction.atomic(savepoint=False)
def hold(*generations: Generation) -> None:
    """Set the holds of generations aside, all or none. Raises BudgetRefused."""
    charges = [_row(one, Kind.HOLD, one.held_micros, like=_click_of(one)) for one in generations]
    moves = moves_of(charges)
    balances.move(budget.make_room(moves), moves)
    Charge.objects.bulk_create(charges)


def release(*generations: Generation) -> None:
    """Give whole holds back; nothing was billed."""
    held = _held(*generations)
    append([_release(generation, held[generation.pk]) for generation in generations])


def capture(
    generation: Generation, amount_micros: int, received_text: str, *, pictures: int = 0
) -> None:
    """Give the hold back and book what was billed, in what words, for how many pictures."""
    held = _held(generation)[generation.pk]
    billed = _row(
        generation,
        Kind.CAPTURE,
        amount_micros,
        like=held,
        received_text=received_text,
        pictures=pictures,
    )
    append([_release(generation, held), billed])


def adjust(
    generation: Generation, amount_micros: int, *, text: str, reason: str, pictures: int = 0
) -> None:
    """Bring the ledger to the truth after somebody had already decided."""
    late = _row(
        generation,
        Kind.ADJUSTMENT,
        amount_micros,
        like=_held(generation)[generation.pk],
        received_text=text,
        reason=reason,
        pictures=pictures,
    )
    append([late])


@transaction.atomic(savepoint=False)
def append(charges: Sequence[Charge]) -> None:
    """Write rows and move their balances, both or neither; nothing else writes such rows."""
    moves = moves_of(charges)
    balances.move(balances.lock(moves), moves)
    Charge.objects.bulk_create(charges)


def day_of(generation: Generation) -> date:
    """Return the day of the click in the studio's time zone, always one of its month."""
    clicked = timezone.localdate(generation.created_at, timezone.get_default_timezone())
    if f"{clicked:%Y-%m}" == generation.month:
        return clicked
    year, month = (int(part) for part in generation.month.split("-"))
    return date(year, month, monthrange(year, month)[1])


def _held(*generations: Generation) -> dict[int, Charge]:
    """What the rows of each generation have in common, as its hold tells it.

    The hold keeps a person who was deleted, and the day as it was, whatever time zone the
    studio has by now.
    """
    keys = [generation.pk for generation in generations]
    holds = Charge.objects.filter(generation_id__in=keys, kind=Kind.HOLD)
    found = {held.generation_id: held for held in holds}
    return {one.pk: found.get(one.pk) or _click_of(one) for one in generations}


def _click_of(generation: Generation) -> Charge:
    person = generation.person
    return Charge(
        month=generation.month,
        day=day_of(generation),
        person_id=person.pk if person else 0,
        person_name=person.name if person else "",
    )


def _release(generation: Generation, held: Charge) -> Charge:
    return _row(generation, Kind.RELEASE, -generation.held_micros, like=held)


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
        model=generation.model,
        operation=generation.operation,
        **facts,
    )
