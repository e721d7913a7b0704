"""Read a bill out of a CSV file: how it is written, what its columns say, each row as an entry."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import dropwhile, islice
from typing import IO, Any

from django.utils import timezone

from omixa_studio.gateway import lenient
from omixa_studio.gateway.records import UsageEntry
from omixa_studio.gateway.redaction import clean

ENCODINGS = ("utf-8-sig", "utf-16", "windows-1251", "windows-1252")
SEPARATORS = (",", ";", "\t", "|")
POINT, COMMA = ".", ","
ISO, DAY_FIRST, MONTH_FIRST = "iso", "dmy", "mdy"
TIME, AMOUNT, MODEL, ID, STATUS, OPERATION = (
    *("time", "amount", "model", "id"),
    *("status", "operation"),
)
COLUMNS = (TIME, AMOUNT, MODEL, ID, STATUS, OPERATION)
SNIFFED_BYTES = 64 * 1024
MOST_COLUMNS = 100
# How many rows may stand above the header.
MOST_TITLES = 20
MOST_ROWS = 200_000
LONGEST_CELL = 500

# Names of columns by what they say, the likeliest first.
NAMES: Mapping[str, Sequence[str]] = {
    TIME: ("created at", "created", "timestamp", "time", "date time", "datetime", "date", "дата"),
    AMOUNT: (
        *("billed amount", "billed", "cost", "final cost", "total cost", "amount", "charge"),
        *("cost usd", "amount usd", "price", "стоимость", "сумма"),
    ),
    MODEL: ("model", "model slug", "model name", "model id", "модель"),
    ID: ("request id", "id", "request", "transaction id", "uuid", "reference"),
    STATUS: ("status", "state", "outcome", "статус"),
    OPERATION: ("operation", "endpoint", "type", "описание", "тип"),
}
# A column of these is no column of dollars.
PARTS_OF_A_DOLLAR = frozenset(["cent", "cents", "millis", "micros", "nanos", "minor"])
# A time as ISO has it, but for slashes, a space before the zone, or the name of the zone.
_SLASHES = re.compile(r"^(\d{4})/(\d\d)/(\d\d)(?=[ T])")
_UTC = re.compile(r"(?: ?[+-]00:?00)? ?(?:UTC|GMT)$")
_SPACED_ZONE = re.compile(r" ([+-]\d\d:?\d\d)$")
_SIGN = re.compile(r"[-\N{MINUS SIGN}\N{EN DASH}]")
_MONEY_WORDS = re.compile(r"[\s\u00a0\u202f$]|usd", re.IGNORECASE)
# Amounts that nobody can read in two ways: with signs between thousands, and cents.
_THOUSANDS = {
    POINT: re.compile(r"\d{1,3}(?:[,'\u2019]\d{3})+\.\d+"),
    COMMA: re.compile(r"\d{1,3}(?:[.'\u2019]\d{3})+,\d+"),
}
_CENTS = {
    sign: re.compile(rf"(?:^|\D)(?:0{re.escape(sign)}\d+|\d+{re.escape(sign)}(?:\d\d?|\d{{4,}}))$")
    for sign in (POINT, COMMA)
}
_DATE = re.compile(
    r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})[\sT,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?"
    r"\s*([AaPp][Mm])?"
)


class NoBill(ValueError):
    """The file is no table; the text is a key of `FAULTS`."""


@dataclass(frozen=True)
class HowToRead:
    """How a file is read: its encoding and separator, and the number of the column of each thing.

    `decimal` is the sign before the cents, `dates` the order of days and months, `in_studio_zone`
    whether times without a zone are the studio's (else UTC), `minus` whether charges are negative.
    """

    encoding: str = "utf-8-sig"
    separator: str = ","
    decimal: str = POINT
    dates: str = ISO
    in_studio_zone: bool = False
    minus: bool = False
    columns: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def mapped(stored: Mapping[str, Any]) -> HowToRead:
    """Return what `as_json` gave."""
    return HowToRead(**stored)


def guess(start: bytes) -> HowToRead:
    """Guess how a file is written from its first bytes."""
    encoding = _encoding(start)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(start)
    separator = _separator(text.splitlines()[:10])
    rows = list(_some_rows(text, separator, 20))
    header, body = (rows[0], rows[1:]) if rows else ([], [])
    columns = guess_columns(header)
    amounts = [row[columns[AMOUNT]] for row in body if columns.get(AMOUNT, 999) < len(row)]
    times = [row[columns[TIME]] for row in body if columns.get(TIME, 999) < len(row)]
    return HowToRead(
        encoding=encoding,
        separator=separator,
        decimal=_decimal(amounts),
        dates=_dates(times),
        minus=bool(amounts) and all(_SIGN.match(one.strip()) for one in amounts),
        columns=columns,
    )


def guess_columns(header: Sequence[str]) -> dict[str, int]:
    """Return the number of the likeliest column of each thing."""
    spelled = [re.sub(r"[\W_]+", " ", cell.lower()).strip() for cell in header]
    found: dict[str, int] = {}
    for what, names in NAMES.items():
        free = {name: at for at, name in enumerate(spelled) if at not in found.values()}
        exact = next((free[name] for name in names if name in free), None)
        near = next(
            (at for name in names for cell, at in free.items() if _is_about(cell.split(), name)),
            None,
        )
        if (at := exact if exact is not None else near) is not None:
            found[what] = at
    return found


def _is_about(words: Sequence[str], name: str) -> bool:
    return name in words and PARTS_OF_A_DOLLAR.isdisjoint(words)


def rows_of(file: IO[bytes], how: HowToRead) -> Iterator[list[str]]:
    """Yield the rows of a file, its header first, in flat memory. Raises NoBill."""
    text = io.TextIOWrapper(file, encoding=how.encoding, errors="replace", newline="")
    try:
        for row in _table(text, how.separator):
            yield [cell.replace("\0", "")[:LONGEST_CELL] for cell in row[:MOST_COLUMNS]]
    except (csv.Error, UnicodeError):
        raise NoBill("unreadable") from None
    finally:
        with suppress(ValueError):  # the file may be closed by now
            text.detach()


def read_row(row: Sequence[str], how: HowToRead) -> UsageEntry | str:
    """Return a row as an entry, or a key of what is wrong with it ("" if it says nothing)."""
    if not any(cell.strip() for cell in row):
        return ""
    cells = {what: _cell(row, how.columns.get(what)) for what in COLUMNS}
    text = cells[AMOUNT]
    amount = read_amount(text, how)
    if isinstance(amount, str):
        return amount
    at = read_time(cells[TIME], how)
    if at is None and not cells[ID]:
        return "time"
    return UsageEntry(
        id=cells[ID],
        model=cells[MODEL],
        operation=cells[OPERATION],
        status=cells[STATUS],
        cost=amount,
        cost_text=text,
        created=at,
        raw={},
    )


def read_amount(text: str, how: HowToRead) -> Any:
    """Return dollars, or a key of what is wrong ("" for no amount, or money that came in)."""
    bare = _MONEY_WORDS.sub("", text)
    if not bare:
        return ""
    sign = bool(_SIGN.match(bare))
    if sign is not how.minus and not re.fullmatch(r"[-\N{MINUS SIGN}]?0+([.,]0+)?", bare):
        return "" if how.minus else "negative"
    bare = _SIGN.sub("", bare, count=1) if sign else bare
    if _THOUSANDS[how.decimal].fullmatch(bare):
        bare = re.sub(rf"[^\d{re.escape(how.decimal)}]", "", bare)
    other = COMMA if how.decimal == POINT else POINT
    if other in bare:
        return "comma" if other == COMMA else "point"
    amount = lenient.exact_dollars(bare.replace(COMMA, POINT))
    return "amount" if amount is None else amount


def read_time(text: str, how: HowToRead) -> datetime | None:
    """Return a moment; None for a text without a time of day, or that cannot be read."""
    zone: tzinfo = timezone.get_default_timezone() if how.in_studio_zone else UTC
    try:
        if how.dates != ISO:
            return _read_date(text, how.dates, zone)
        text = _UTC.sub("Z", _SPACED_ZONE.sub(r"\1", _SLASHES.sub(r"\1-\2-\3", text)))
        if lenient.moment(text) is None:
            return None
        read = None if text.replace(".", "").isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    if read is not None and read.tzinfo is None:
        return read.replace(tzinfo=zone).astimezone(UTC)
    return lenient.moment(text)


def _read_date(text: str, order: str, zone: tzinfo) -> datetime | None:
    found = _DATE.fullmatch(text)
    if not found:
        return None
    first, second, year, hour, minute, second_of = found.groups()[:6]
    day, month = (first, second) if order == DAY_FIRST else (second, first)
    at = int(hour)
    if found[7]:
        at = at % 12 + (12 if found[7].lower() == "pm" else 0)
    told = (int(year), int(month), int(day), at, int(minute), int(second_of or 0))
    return datetime(*told, tzinfo=zone).astimezone(UTC) if 2000 <= told[0] < 2200 else None


def _cell(row: Sequence[str], at: int | None) -> str:
    return clean(row[at], most=200) if at is not None and at < len(row) else ""


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8-sig")("strict").decode(start)
    except UnicodeDecodeError:
        # Cyrillic words are runs of high bytes; in Western ones these stand alone.
        high = re.findall(rb"[\xc0-\xff]+", start)
        runs = sum(len(run) for run in high if len(run) > 1)
        many = runs * 2 > sum(map(len, high))
        return "windows-1251" if many else "windows-1252"
    return "utf-8-sig"


def _separator(lines: Sequence[str]) -> str:
    def fit(one: str) -> tuple[int, int]:
        counts = [line.count(one) for line in lines if line.strip()]
        alike = max((counts.count(count) for count in counts if count), default=0)
        return alike, sum(counts)

    return max(SEPARATORS, key=fit)


def _table(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    """Yield rows from the header on: nothing empty before it, nor titles or the separator."""
    rows = csv.reader(lines, delimiter=separator)
    filled = dropwhile(lambda row: not any(row) or row[0].lower().startswith("sep="), rows)
    first = list(islice(filled, MOST_TITLES + 1))
    yield from first[_header_in(first) :]
    yield from filled


def _header_in(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the first row that names an amount, and a time or an id; else 0."""
    named = (guess_columns(row[:MOST_COLUMNS]).keys() for row in rows)
    return next((at for at, it in enumerate(named) if AMOUNT in it and it & {TIME, ID}), 0)


def _some_rows(text: str, separator: str, most: int) -> Iterator[list[str]]:
    try:
        for at, row in enumerate(_table(io.StringIO(text, newline=""), separator)):
            if at >= most:
                return
            yield row[:MOST_COLUMNS]
    except csv.Error:
        return


def _decimal(amounts: Sequence[str]) -> str:
    bare = [_MONEY_WORDS.sub("", one) for one in amounts]
    commas, points = (any(map(_CENTS[sign].search, bare)) for sign in (COMMA, POINT))
    return COMMA if commas and not points else POINT


def _dates(times: Sequence[str]) -> str:
    parts = [found.groups() for text in times if (found := _DATE.fullmatch(text.strip()))]
    if not parts:
        return ISO
    month_first = any(int(part[1]) > 12 for part in parts) or any(part[6] for part in parts)
    return MONTH_FIRST if month_first else DAY_FIRST
