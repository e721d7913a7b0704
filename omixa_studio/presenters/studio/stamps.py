"""Stamps: short strings of what cards show, by which a page gets only the cards that differ."""

from collections.abc import Iterable

from django.conf import settings

from omixa_studio.models import Generation, Person, State
from omixa_studio.queries import generations
from omixa_studio.queries.holdups import Holdup, holdups_of

# A page left open for days compares only its newest cards.
MOST_COMPARED = 500


def stamp(row: Generation, place: int | None, holdup: Holdup | None) -> str:
    """Return the stamp of an open generation's card, which changes when the card does."""
    waits = holdup.stamp if holdup else int(row.not_before.timestamp()) if row.not_before else 0
    sent = int(row.sent_at is not None)
    return f"{row.pk}.{row.state}.{place or 0}.{sent}.{waits}"


def ended_stamp(pk: int, state: str, kept: int) -> str:
    """Return the stamp of an ended generation's card; `kept` is its number of pictures."""
    return f"{pk}.{state}.{kept}"


def ended_stamps(person: Person, pks: Iterable[int]) -> dict[int, str]:
    """Return the stamps of a person's ended generations among some, in one statement."""
    rows = generations.kept_of(person, list(pks)[:MOST_COMPARED])
    return {pk: ended_stamp(pk, state, kept) for pk, state, kept in rows}


def stamps_of(person: Person, pks: Iterable[int]) -> dict[int, str]:
    """Return the stamps of a person's generations among some, without drawing any card."""
    rows = generations.progress_of(person, list(pks))
    queued = any(row.state == State.QUEUED for row in rows)
    places = generations.places_in_queue(settings.GATEWAY_TARGET) if queued else {}
    holdups = holdups_of(settings.GATEWAY_TARGET, rows)
    return {row.pk: stamp(row, places.get(row.pk), holdups.get(row.pk)) for row in rows}


def seen_stamps(text: str) -> dict[int, str]:
    """Parse the stamps that a page sent, by generation. Malformed parts are left out."""
    stamps = (part for part in text.split(",") if part.split(".")[0].isdecimal())
    return {int(part.split(".")[0][:18]): part for part in stamps}
