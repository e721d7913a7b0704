"""Sums of costs by up to two things, exact at each moment, from the totals that the worker keeps.

One statement adds whole years, whole months and single days, each from the smallest total that
tells apart what is asked, and the few ledger rows that are in no total yet.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db import connection

from omixa_studio.models import Charge, CostMark, CostTotal, Generation, State
from omixa_studio.models.cost_totals import ANY_ID, ANY_NAME, DIMENSIONS, ROLLUPS
from omixa_studio.models.spans import Span

FAR = 10**15
# So many ids find fewer rows of totals than their days do.
A_FEW = 3
LETTERS = {"person": "p", "model": "m", "operation": "o", "project": "j"}
COLUMNS = {name: DIMENSIONS[letter][0] for name, letter in LETTERS.items()}
# The grains from which a grouping can be added up.
GRAINS = {"day": "d", "week": "d", "month": "dm"}
SUMS = ("billed_micros", "counted_micros", "requests", "settled", "failed", "pictures")
MARK = "COALESCE((SELECT max(charge_id) FROM {marks}), 0)"
# Summed up here, since each of hundreds of groups has a row in each of its parts.
ALL = """
    WITH parts ({keys}, {names}) AS ({parts})
    SELECT {keys}, {sums} FROM parts GROUP BY {keys}
"""
TOTALS = "SELECT {keys} {sums} FROM {totals} WHERE {where}"
CHARGES = """
    SELECT {keys},
        sum(CASE WHEN c.kind IN ('capture', 'adjustment') THEN c.amount_micros ELSE 0 END),
        sum(c.amount_micros), sum(CASE WHEN c.kind = 'hold' THEN 1 ELSE 0 END),
        sum(CASE WHEN c.kind = 'release' THEN 1 ELSE 0 END),
        sum(CASE WHEN g.state = 'failed' THEN 1 ELSE 0 END), sum(c.pictures)
    FROM {charges} c
    LEFT JOIN {generations} g ON c.kind = 'release' AND g.id = c.generation_id
    WHERE {where}
"""


UNKNOWN = """
    SELECT {keys} g.state, sum(CASE WHEN c.kind = 'hold' THEN 1 ELSE 0 END), sum(c.amount_micros)
    FROM {generations} g CROSS JOIN {charges} c
    WHERE {where}
    GROUP BY {places}
"""
# A request is made on the day of its hold; clocks and time zones of machines may differ.
ABOUT_A_DAY = timedelta(days=2)


@dataclass
class LedgerSum:
    """Sums of one group in micro-dollars and counts; `open` is held and not settled.

    `not_final` requests are those still running and those whose cost is unknown.
    """

    billed: int = 0
    open: int = 0
    requests: int = 0
    not_final: int = 0
    failed: int = 0
    pictures: int = 0

    @property
    def each(self) -> int | None:
        """Return the mean bill per picture paid for, None without pictures."""
        return round(self.billed / self.pictures) if self.pictures else None

    def add(self, other: "LedgerSum") -> None:
        self.billed += other.billed
        self.open += other.open
        self.requests += other.requests
        self.not_final += other.not_final
        self.failed += other.failed
        self.pictures += other.pictures


@dataclass
class UnknownSum:
    """Requests whose cost nobody knows, the failed ones among them, and what is held for them."""

    requests: int = 0
    failed: int = 0
    held: int = 0

    def add(self, other: "UnknownSum") -> None:
        self.requests += other.requests
        self.failed += other.failed
        self.held += other.held


Sums = dict[tuple[Any, ...], LedgerSum]
UnknownSums = dict[tuple[Any, ...], UnknownSum]


@dataclass
class _Part:
    """A SELECT and its values."""

    sql: str
    values: list[Any] = field(default_factory=list)


def cost_sums(
    target: str,
    span: Span,
    by: Sequence[str] = (),
    *,
    only: Mapping[str, Sequence[Any]] | None = None,
) -> Sums:
    """Return the sums of a span by some of person, model, operation, project, day, week, month.

    Keys are ids (0 is nobody or no project), slugs, and the first days of weeks and months. `only`
    keeps those of some values, such as {"person": [3, 7]}. Collections and tags are not in the
    ledger: see queries/picture_sums.py.
    """
    asked = _Asked(
        target, span, tuple(by), {name: tuple(all_) for name, all_ in (only or {}).items()}
    )
    if not all(asked.only.values()):
        return {}
    parts = [*asked.totals(), asked.later()]
    keys = [f"key{n}" for n in range(max(len(by), 1))]
    sql = ALL.format(
        keys=", ".join(keys),
        names=", ".join(SUMS),
        parts=" UNION ALL ".join(part.sql for part in parts),
        sums=", ".join(f"CAST(sum({name}) AS bigint)" for name in SUMS),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for part in parts for value in part.values])
        rows = cursor.fetchall()
    # What has no rows has no sum.
    return {asked.key_of(row): _sum_of(row[-len(SUMS) :]) for row in rows if row[-1] is not None}


def unknown_sums(target: str, span: Span, by: Sequence[str] = ()) -> UnknownSums:
    """Return the requests of a span whose cost is unknown, by what `cost_sums` takes.

    Days are those of the ledger.
    """
    asked = _Asked(target, span, tuple(by), {})
    part = asked.unknown()
    found: UnknownSums = {}
    with connection.cursor() as cursor:
        cursor.execute(part.sql, part.values)
        for row in cursor.fetchall():
            state, requests, held = row[-3], int(row[-2]), int(row[-1])
            sums = found.setdefault(asked.key_of(row), UnknownSum())
            sums.add(UnknownSum(requests, requests if state == State.FAILED else 0, held))
    return found


def _sum_of(sums: tuple[int, ...]) -> LedgerSum:
    billed, counted, requests, settled, failed, pictures = sums
    return LedgerSum(billed, counted - billed, requests, requests - settled, failed, pictures)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


@dataclass
class _Asked:
    """What is asked of the totals."""

    target: str
    span: Span
    by: tuple[str, ...]
    only: dict[str, tuple[Any, ...]]

    def key_of(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """Return the key in the first columns of a row."""
        if not self._has_days:
            return tuple(row[: len(self.by)])
        return tuple(
            _day(value) if name in GRAINS else value
            for name, value in zip(self.by, row, strict=False)
        )

    @cached_property
    def _has_days(self) -> bool:
        return any(name in GRAINS for name in self.by)

    def totals(self) -> Iterator[_Part]:
        grains = next((GRAINS[name] for name in self.by if name in GRAINS), "dmy")
        kept = [one for one in grains if _smallest(one, self._letters) is not None]
        for grain, first, last in stretches(self.span.first, self.span.last, kept):
            kind = f"{grain}{_smallest(grain, self._letters)}"
            conditions = [f"target = %s AND kind = '{kind}' AND starts_on BETWEEN %s AND %s"]
            values: list[Any] = [self.target, f"{first}", f"{last}"]
            conditions += self._told_apart
            self._narrow(conditions, values, "{}")
            sql = TOTALS.format(
                keys=self._keys("", "starts_on"),
                sums=", ".join(f"sum({name})" for name in SUMS),
                totals=CostTotal._meta.db_table,
                where=" AND ".join(conditions),
            )
            yield _Part(sql + self._grouped, values)

    def later(self) -> _Part:
        """Return the sums of the ledger rows after the mark, found by their ids.

        The columns are compared as expressions: SQLite would rather read a month by its index. The
        ids have an upper end, however far: without one PostgreSQL expects a third of the table.
        """
        mark = MARK.format(marks=CostMark._meta.db_table)
        conditions = [
            f"c.id > {mark} AND c.id < {mark} + {FAR} AND COALESCE(c.target, c.target) = %s"
            " AND COALESCE(c.day, c.day) BETWEEN %s AND %s"
        ]
        values: list[Any] = [self.target, f"{self.span.first}", f"{self.span.last}"]
        self._narrow(conditions, values, "COALESCE(c.{0}, c.{0})")
        sql = CHARGES.format(
            keys=self._keys("c.", "c.day").rstrip(", ") or "0",
            charges=Charge._meta.db_table,
            generations=Generation._meta.db_table,
            where=" AND ".join(conditions),
        )
        return _Part(sql + self._grouped, values)

    def unknown(self) -> _Part:
        """Return the requests whose cost is unknown, with their reserves.

        CROSS JOIN makes SQLite read those few first. A reserve that is raised keeps its day.
        """
        first, last = self.span.first, self.span.last
        conditions = [
            "g.charged = 'unknown' AND g.target = %s AND g.created_at BETWEEN %s AND %s"
            " AND c.generation_id = g.id AND c.kind IN ('hold', 'raise')"
            " AND COALESCE(c.day, c.day) BETWEEN %s AND %s"
        ]
        days = (first - ABOUT_A_DAY, last + ABOUT_A_DAY, first, last)
        values: list[Any] = [self.target, *(f"{day}" for day in days)]
        self._narrow(conditions, values, "COALESCE(c.{0}, c.{0})")
        sql = UNKNOWN.format(
            keys=self._keys("c.", "c.day"),
            charges=Charge._meta.db_table,
            generations=Generation._meta.db_table,
            where=" AND ".join(conditions),
            places=", ".join(str(n + 1) for n in range(max(len(self.by), 1) + 1)),
        )
        return _Part(sql, values)

    @property
    def _narrowing(self) -> set[str]:
        """Return the letters of what the rows are narrowed to."""
        columns = {column: letter for letter, (column, _) in DIMENSIONS.items()}
        filters = {columns[name] for name in self.span.of_ledger}
        return filters | {LETTERS[name] for name in self.only}

    @property
    def _told_apart(self) -> list[str]:
        """Return the condition of the one partial index that finds the fewest rows, if any does.

        SQLite has no statistics, and takes the last one that it may. A list of many ids finds more
        rows than the days do.
        """
        columns = {column: letter for letter, (column, _) in DIMENSIONS.items()}
        filters = {columns[name] for name in self.span.of_ledger}
        short = {LETTERS[name] for name, all_ in self.only.items() if len(all_) <= A_FEW}
        found = [letter for few in (filters, short) for letter in _TOLD_APART if letter in few]
        return [_TOLD_APART[letter] for letter in found[:1]]

    @property
    def _letters(self) -> set[str]:
        return self._narrowing | {LETTERS[name] for name in self.by if name in LETTERS}

    @property
    def _grouped(self) -> str:
        places = [str(n + 1) for n in range(len(self.by))]
        return f" GROUP BY {', '.join(places)}" if places else ""

    def _keys(self, table: str, day: str) -> str:
        """Return the columns to group by, each with a comma; a constant if there are none."""
        names = [
            _started(name, day) if name in GRAINS else table + COLUMNS[name] for name in self.by
        ]
        return ", ".join(names or ["0"]) + ","

    def _narrow(self, conditions: list[str], values: list[Any], column: str) -> None:
        """Add the conditions of filters and of `only`, with their values."""
        for name, value in self.span.of_ledger.items():
            conditions.append(f"{column.format(name)} = %s")
            values.append(value)
        for name, wanted in self.only.items():
            places = ", ".join(["%s"] * len(wanted))
            conditions.append(f"{column.format(COLUMNS[name])} IN ({places})")
            values.extend(wanted)


# Verbatim the conditions of the partial indexes: SQLite uses those for nothing else. One person has
# fewer rows than one project, that one fewer than one model.
_TOLD_APART = {
    "p": f'"person_id" >= {ANY_ID + 1}',
    "j": f'"project_id" >= {ANY_ID + 1}',
    "m": f"NOT (\"model\" = '{ANY_NAME}')",
}


def _smallest(grain: str, letters: set[str]) -> str | None:
    """Return the smallest total of a grain that tells some dimensions apart, if one is kept."""
    return next((kind for kind in ROLLUPS[grain] if letters <= set(kind)), None)


def stretches(first: date, last: date, grains: Container[str]) -> Iterator[tuple[str, date, date]]:
    """Cut a range of days into whole years, whole months and days, as far as the grains allow.

    Yields the letter of a grain with its first and its last start.
    """
    if last < first:
        return
    for grain, start, following in (("y", _year, 366), ("m", _month, 31)):
        if grain not in grains:
            continue
        begins = first if start(first) == first else start(start(first) + timedelta(days=following))
        ends = start(last + timedelta(days=1))
        if begins < ends:
            yield grain, begins, start(ends - timedelta(days=1))
            yield from stretches(first, begins - timedelta(days=1), grains)
            yield from stretches(ends, last, grains)
            return
    yield "d", first, last


def _year(day: date) -> date:
    return day.replace(month=1, day=1)


def _month(day: date) -> date:
    return day.replace(day=1)


def _started(name: str, day: str) -> str:
    """Return SQL for the first day of the week or month that contains a day."""
    if name == "day":
        return day
    if connection.vendor == "postgresql":
        return f"CAST(date_trunc('{name}', {day}) AS date)"
    steps = "'-6 days', 'weekday 1'" if name == "week" else "'start of month'"
    return f"date({day}, {steps})"
