"""The append-only ledger: one function per kind of row."""

from omixa_studio.models import Charge, Generation, Kind


def hold(generation: Generation) -> None:
    """Set the generation's hold aside."""
    _append(generation, Kind.HOLD, generation.held_micros)


def release(generation: Generation) -> None:
    """Give the whole hold back; a capture of the same transaction takes what was billed."""
    _append(generation, Kind.RELEASE, -generation.held_micros)


def capture(generation: Generation, amount_micros: int, received_text: str) -> None:
    """Book what the gateway billed, with the text it said it in."""
    _append(generation, Kind.CAPTURE, amount_micros, received_text=received_text)


def adjust(generation: Generation, amount_micros: int, *, text: str, reason: str) -> None:
    """Bring the ledger to the truth after somebody had already decided."""
    _append(generation, Kind.ADJUSTMENT, amount_micros, received_text=text, reason=reason)


def _append(
    generation: Generation,
    kind: Kind,
    amount_micros: int,
    *,
    received_text: str = "",
    reason: str = "",
) -> None:
    person = generation.person
    Charge.objects.create(
        kind=kind,
        amount_micros=amount_micros,
        received_text=received_text,
        reason=reason,
        target=generation.target,
        month=generation.month,
        generation_id=generation.pk,
        person_id=person.pk if person else 0,
        person_name=person.name if person else "",
        model=generation.model,
        operation=generation.operation,
    )
