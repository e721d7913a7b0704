"""The ledger as rows of text, one per generation, for the export.

The statement is SQL that both databases take: instances of Charge, and amounts as Decimal, cost
nine tenths of the time of an export.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from django.db import connection
from django.utils import timezone

from omixa_studio.models.money import places
from omixa_studio.models.spans import Span

COLUMNS = (
    "time",
    "person",
    "model",
    "operation",
    "generation",
    "state",
    "pictures",
    "estimated",
    "held",
    "billed",
)
# The places of the columns that hold words of people, which a spreadsheet might run.
TEXTS = (1, 2, 3)
AT_A_TIME = 2000
# Lines of the bill without a request have their own ids with a minus in place of a generation's.
BEFORE_ALL = -(2**62)
# All rows of a generation have the day of its click, so a day is whole in itself; nothing is sorted
# but the rows of one day.
OF_A_DAY = """
SELECT booked.*, made.state, made.estimate_micros
FROM (
    SELECT generation_id, MIN(created_at), MIN(person_name), MIN(model), MIN(operation),
        CAST(SUM(pictures) AS bigint),
        CAST(SUM(CASE WHEN kind IN ('hold', 'raise') THEN amount_micros ELSE 0 END) AS bigint),
        CAST(SUM(CASE WHEN kind IN ('capture', 'adjustment') THEN amount_micros END) AS bigint),
        MAX(CASE WHEN kind IN ('release', 'capture', 'adjustment') THEN 1 ELSE 0 END)
    FROM omixa_studio_charge
    WHERE target = %(target)s AND day = %(day)s{narrowed}
    GROUP BY generation_id{first}
) AS booked
LEFT JOIN omixa_studio_generation AS made ON made.id = booked.generation_id
ORDER BY booked.generation_id
"""
_WITH_PICTURE = """
    AND generation_id IN (
        SELECT picture.generation_id FROM omixa_studio_picture AS picture
        JOIN {marks} AS mark ON mark.picture_id = picture.id WHERE mark.{name} = %({name})s
    )"""
# What only pictures know; all else are columns of the ledger.
OF_PICTURES = {
    "collection_id": _WITH_PICTURE.format(
        marks="omixa_studio_collectionitem", name="collection_id"
    ),
    "tag_id": _WITH_PICTURE.format(marks="omixa_studio_picturetag", name="tag_id"),
}
FIRST_AFTER = """
    HAVING generation_id > %(after)s ORDER BY generation_id LIMIT %(most)s"""


def ledger_rows(target: str, span: Span) -> Iterator[tuple[str, ...]]:
    """Yield each generation of a span as text in the order of COLUMNS, by day, then as made.

    Amounts are dollars with six decimals; an unknown amount is empty. Only one batch is in memory
    at a time.
    """
    zone = timezone.get_default_timezone()
    for day in span.days:
        for found in _of_a_day(target, span, day):
            yield _row(found, zone)


def ledger_page(
    target: str, span: Span, day: date, *, after: int, most: int
) -> list[tuple[Any, ...]]:
    """Return rows of a day whose generation's id is above `after`, as values for a spreadsheet.

    Moments are those of the studio's clocks, without a zone; amounts are micro-dollars, None if
    unknown; all else is as in COLUMNS.
    """
    zone = timezone.get_default_timezone()
    with connection.cursor() as cursor:
        cursor.execute(*_statement(target, span, day, FIRST_AFTER, after=after, most=most))
        return [_values(found, zone) for found in cursor.fetchall()]


def _of_a_day(target: str, span: Span, day: date) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(*_statement(target, span, day))
        while batch := cursor.fetchmany(AT_A_TIME):
            yield from batch


def _statement(
    target: str, span: Span, day: date, first: str = "", **more: Any
) -> tuple[str, dict[str, Any]]:
    given = span.narrowed
    narrowed = "".join(OF_PICTURES.get(name, f" AND {name} = %({name})s") for name in given)
    given |= {"target": target, "day": connection.ops.adapt_datefield_value(day), **more}
    return OF_A_DAY.format(narrowed=narrowed, first=first), given


def _values(found: tuple[Any, ...], zone: tzinfo) -> tuple[Any, ...]:
    generation, at, person, model, operation, pictures, held, billed, ended, state, estimate = found
    clicked = _local(at, zone).replace(tzinfo=None, microsecond=0)
    about = (clicked, person, model, operation, generation, state or "", pictures)
    return (*about, estimate, held, (billed or 0) if ended else None)


def _row(found: tuple[Any, ...], zone: tzinfo) -> tuple[str, ...]:
    generation, at, person, model, operation, pictures, held, billed, ended, state, estimate = found
    return (
        _local(at, zone).isoformat(timespec="seconds"),
        person,
        model,
        operation,
        _number(generation),
        state or "",
        str(pictures),
        "" if estimate is None else places(estimate),
        places(held),
        places(billed or 0) if ended else "",
    )


def _number(generation: int) -> str:
    """Return the id of a generation; "" for a line of the bill that belongs to none."""
    return str(generation) if generation > 0 else ""


def _local(at: str | datetime, zone: tzinfo) -> datetime:
    """Return a moment as a database gives it, SQLite as text in UTC, in a time zone."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return at.astimezone(zone)
