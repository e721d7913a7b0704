"""The append-only ledger: one function per kind of row."""

from calendar import monthrange
from datetime import date

from django.utils import timezone

from omixa_studio.models import Charge, Generation, Kind


def hold(generation: Generation) -> None:
    """Set the generation's hold aside."""
    _append(generation, Kind.HOLD, generation.held_micros)


def release(generation: Generation) -> None:
    """Give the whole hold back; a capture of the same transaction takes what was billed."""
    _append(generation, Kind.RELEASE, -generation.held_micros)


def capture(
    generation: Generation, amount_micros: int, received_text: str, *, pictures: int = 0
) -> None:
    """Book what the gateway billed, with the text it said it in, and for how many pictures."""
    _append(
        generation,
        Kind.CAPTURE,
        amount_micros,
        received_text=received_text,
        pictures=pictures,
    )


def adjust(
    generation: Generation, amount_micros: int, *, text: str, reason: str, pictures: int = 0
) -> None:
    """Bring the ledger to the truth after somebody had already decided."""
    _append(
        generation,
        Kind.ADJUSTMENT,
        amount_micros,
        received_text=text,
        reason=reason,
        pictures=pictures,
    )


def _append(
    generation: Generation,
    kind: Kind,
    amount_micros: int,
    *,
    received_text: str = "",
    reason: str = "",
    pictures: int = 0,
) -> None:
    person_id, person_name = _who(generation)
    Charge.objects.create(
        kind=kind,
        amount_micros=amount_micros,
        received_text=received_text,
        reason=reason,
        target=generation.target,
        month=generation.month,
        day=day_of(generation),
        generation_id=generation.pk,
        person_id=person_id,
        person_name=person_name,
        model=generation.model,
        operation=generation.operation,
        pictures=pictures,
    )


def _who(generation: Generation) -> tuple[int, str]:
    """Name the person, after a deletion as the generation's hold does."""
    person = generation.person
    if person is not None:
        return person.pk, person.name
    held = Charge.objects.filter(generation_id=generation.pk, kind=Kind.HOLD)
    return held.values_list("person_id", "person_name").first() or (0, "")


def day_of(generation: Generation) -> date:
    """Return the day of the click in the studio's time zone, always one of its month."""
    clicked = timezone.localdate(generation.created_at, timezone.get_default_timezone())
    if f"{clicked:%Y-%m}" == generation.month:
        return clicked
    year, month = (int(part) for part in generation.month.split("-"))
    return date(year, month, monthrange(year, month)[1])
