"""What a card shows, in few letters: a page says them, and gets the cards that differ."""

from collections.abc import Iterable

from django.conf import settings

from omixa_studio.models import Generation, Person, State
from omixa_studio.queries import generations
from omixa_studio.queries.holdups import Holdup, holdups_of

# A page that stood open for days compares its newest cards only.
MOST_COMPARED = 500


def stamp(row: Generation, place: int | None, holdup: Holdup | None) -> str:
    """What a card of an open generation shows, in few letters: it changes when they differ."""
    waits = holdup.stamp if holdup else int(row.not_before.timestamp()) if row.not_before else 0
    sent = int(row.sent_at is not None)
    return f"{row.pk}.{row.state}.{place or 0}.{sent}.{waits}"


def ended_stamp(pk: int, state: str, kept: int) -> str:
    """What a card of an ended generation shows, in few letters; `kept` are its pictures."""
    return f"{pk}.{state}.{kept}"


def ended_stamps(person: Person, pks: Iterable[int]) -> dict[int, str]:
    """The stamps of a person's ended generations among some, in one statement."""
    rows = generations.kept_of(person, list(pks)[:MOST_COMPARED])
    return {pk: ended_stamp(pk, state, kept) for pk, state, kept in rows}


def stamps_of(person: Person, pks: Iterable[int]) -> dict[int, str]:
    """The stamps of a person's generations among some, read without drawing any card."""
    rows = generations.progress_of(person, list(pks))
    queued = any(row.state == State.QUEUED for row in rows)
    places = generations.places_in_queue(settings.GATEWAY_TARGET) if queued else {}
    holdups = holdups_of(settings.GATEWAY_TARGET, rows)
    return {row.pk: stamp(row, places.get(row.pk), holdups.get(row.pk)) for row in rows}


def seen_stamps(text: str) -> dict[int, str]:
    """Read what a page says it shows: stamps by generation. Odd parts are left out."""
    stamps = (part for part in text.split(",") if part.split(".")[0].isdecimal())
    return {int(part.split(".")[0][:18]): part for part in stamps}
