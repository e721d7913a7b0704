"""Read rows out of JSON whose shape nobody has documented. Requires nothing, invents nothing.

Names are compared in one spelling (`createdAt`, `created-at` and `Created At` are `created_at`).
A value inside an object has the names on the way to it (`user_id`), so that it is not taken for one
of the outer object; only objects named as in WRAPPERS add nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from omixa_studio.gateway.money import parse_money
from omixa_studio.gateway.redaction import clean

MOST_ROWS = 10_000
MOST_NAMES = 200
DEEPEST = 4
LONGEST_TEXT = 200

WRAPPERS = frozenset(
    {
        *("usage", "billing", "bill", "cost", "costs", "charge", "request", "data", "attributes"),
        *("meta", "pagination", "paging", "page_info"),
    }
)

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
_SECONDS = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,9})?")
_AMOUNT = re.compile(r"(?:\$|usd)?\s*([0-9]{1,9}(?:\.[0-9]{1,30})?)\s*(?:\$|usd)?", re.IGNORECASE)
_DAY = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})")
# What a name ends in decides the unit of its amount: places to shift the point by.
_UNITS = (("micros", 6), ("micro_usd", 6), ("microdollars", 6), ("cents", 2))
# A small number is a number, and no time in 1970.
_YEARS = range(2000, 2200)
_MILLISECONDS, _MICROSECONDS = 10**11, 10**14

Row = Mapping[str, object]


def rows_in(document: object, names: Sequence[str] = ()) -> list[dict[str, object]] | None:
    """Return the objects of the list in a document, None if there is no list.

    A list under one of `names` goes before others; of these the first one with objects in it.
    """
    lists = list(_lists(document))
    named = [found for name in names for key, found in lists if spelled(key) == name]
    usable = [found for found in (*named, *(found for _, found in lists)) if _objects(found)]
    if not (usable or named or isinstance(document, list)):
        return None
    return _objects(usable[0])[:MOST_ROWS] if usable else []


def flat(row: Row) -> dict[str, str]:
    """Return the texts and numbers of an object by their names, outer ones first."""
    found: dict[str, str] = {}
    for path, text in _texts(row):
        if len(found) >= MOST_NAMES:
            break
        found.setdefault("_".join(path), text)
        bare = [name for name in path[:-1] if name not in WRAPPERS]
        found.setdefault("_".join([*bare, path[-1]]), text)
    return found


def first(texts: Mapping[str, str], names: Sequence[str]) -> str:
    """Return the text under the first of these names, "" if none has one."""
    return next((texts[name] for name in names if texts.get(name)), "")


def amount(texts: Mapping[str, str], names: Sequence[str]) -> tuple[Decimal | None, str]:
    """Return dollars, and their text as received, under the first of these names that has one.

    The dollars are None where the text is unclear; the text is "" where there is none.
    """
    shifts = (("", 0), ("_usd", 0), *((f"_{unit}", places) for unit, places in _UNITS))
    for name in names:
        for ending, places in shifts:
            if text := texts.get(name + ending):
                return exact_dollars(text, places=places), text
    return None, ""


def exact_dollars(text: str, *, places: int = 0) -> Decimal | None:
    """Return dollars from a text, None if unclear: a sign, a comma, an exponent, too many places.

    A dollar sign and zeros after the sixth place are no matter. `places` moves the point.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        return None
    value = Decimal(found[1]).scaleb(-places)
    whole, _, fraction = f"{value:f}".partition(".")
    fraction = fraction.rstrip("0")
    return parse_money((whole.lstrip("0") or "0") + (f".{fraction}" if fraction else ""))


def moment(text: str) -> datetime | None:
    """Return a time from Unix seconds, milliseconds, microseconds or ISO text; zoneless is UTC."""
    try:
        if _SECONDS.fullmatch(text):
            seconds = Decimal(text)
            if seconds >= _MILLISECONDS:
                seconds = seconds.scaleb(-6 if seconds >= _MICROSECONDS else -3)
            read = datetime.fromtimestamp(float(seconds), UTC)
        elif len(text) <= len("2026-11-30"):  # a day is no moment
            return None
        else:
            read = datetime.fromisoformat(text)
            read = read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return read if read.year in _YEARS else None


def day(text: str) -> date | None:
    """Return a day from a date, or from a time, whose day in UTC it is."""
    try:
        if found := _DAY.fullmatch(text):
            return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None
    at = moment(text)
    return at.date() if at else None


def spelled(name: str) -> str:
    """Return a name in the one spelling in which names are compared."""
    return _NOT_A_LETTER.sub("_", _HUMP.sub("_", name[:LONGEST_TEXT]).lower()).strip("_")


def _lists(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, list[object]]]:
    """Yield the lists of a document with their names, outer ones first."""
    if isinstance(value, list):
        yield name, value
    elif isinstance(value, dict) and depth < DEEPEST:
        inner = list(value.items())[:MOST_NAMES]
        for key, found in inner:
            if isinstance(found, list):
                yield key, found
        for key, found in inner:
            if isinstance(found, dict):
                yield from _lists(found, key, depth + 1)


def _objects(values: list[object]) -> list[dict[str, object]]:
    return [value for value in values if isinstance(value, dict)]


def _texts(row: Row) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the texts of an object with their names, those of a level before those below it."""
    level: list[tuple[tuple[str, ...], Row]] = [((), row)]
    for _ in range(DEEPEST):
        below: list[tuple[tuple[str, ...], Row]] = []
        for path, one in level:
            for key, value in list(one.items())[:MOST_NAMES]:
                if isinstance(value, dict):
                    below.append(((*path, spelled(key)), value))
                elif isinstance(value, str) and value:
                    yield (*path, spelled(key)), clean(value, most=LONGEST_TEXT)
        level = below[:MOST_NAMES]
