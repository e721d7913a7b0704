"""Database triggers that count the pictures of each month in every gallery.

Recreated after every migration: altering a table on SQLite silently drops its triggers.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils import timezone

from omixa_studio.models import (
    CalendarMonth,
    CollectionItem,
    Generation,
    MonthCount,
    Picture,
    PictureTag,
)

FIRST_YEAR, LAST_YEAR = 2020, 2079
BEFORE_ANY = datetime(1970, 1, 1, tzinfo=UTC)
PICTURES, COUNTS = Picture._meta.db_table, MonthCount._meta.db_table
GENERATIONS, MONTHS = Generation._meta.db_table, CalendarMonth._meta.db_table


@dataclass(frozen=True)
class CountedKind:
    """A kind of gallery in SQL: whose a picture {p} is there, its time, and when it is in it."""

    kind: str
    person: str
    moment: str
    when: str


COUNTED = (
    CountedKind(
        "mine", "{p}.person_id", "{p}.created_at", "{p}.trashed_at IS NULL AND {p}.person_id > 0"
    ),
    CountedKind("team", "0", "{p}.created_at", "{p}.trashed_at IS NULL AND {p}.shared"),
    CountedKind(
        "trash",
        "{p}.person_id",
        "{p}.trashed_at",
        "{p}.trashed_at IS NOT NULL AND {p}.person_id > 0",
    ),
)
# A change of these moves a picture, or changes what a month says.
MOVING = ("person_id", "shared", "trashed_at", "created_at", "aspect", "cost_micros", "bytes")
# A change of these can only be noticed by a filter.
MARKING = ("picked", "verdict", "approval", "note", "downloaded", "collected_in")
KEY, FIGURES = "kind, person_id, month, target", "pictures, billed_micros, unknown, bytes"
SUMS = ", ".join(f"SUM({it})" for it in FIGURES.split(", "))
# Tables of links to pictures, whose rows come and go: a filter can notice that.
LINKING = (PictureTag._meta.db_table, CollectionItem._meta.db_table)
# Never 0, and not the same again where an older database is put back.
STAMPS = {
    "postgresql": "1 + (random() * 1000000)::bigint",
    "sqlite": "1 + abs(random() % 1000000)",
}


@dataclass(frozen=True)
class Trigger:
    """A trigger after an event of a table; only after changes of some columns if there are any.

    And only `when` a condition on the row is true, if one is given.
    """

    table: str
    what: str
    event: str
    body: str
    columns: tuple[str, ...] = ()
    when: str = ""

    @property
    def name(self) -> str:
        return f"{self.table}_{self.what}"

    @property
    def event_of_columns(self) -> str:
        return f"{self.event} OF {', '.join(self.columns)}" if self.columns else self.event

    def condition(self, differs: str) -> str:
        """Return its WHEN clause, "" if it has none; `differs` is how columns are compared."""
        changed = " OR ".join(f"OLD.{it} {differs} NEW.{it}" for it in self.columns)
        both = " AND ".join(f"({it})" for it in (changed, self.when) if it)
        return f" WHEN ({both})" if both else ""


def keep_counts(
    *, using: str = DEFAULT_DB_ALIAS, plan: Sequence[object] = (), **_signal: Any
) -> None:
    """Create the triggers, and count anew after migrations or in another time zone.

    A post_migrate hook.
    """
    if not _is_of_this_version(using):
        return
    with transaction.atomic(using=using):  # another process never writes without them
        stop_counting(using=using)
        create_triggers(_triggers(connections[using].vendor), using=using)
    months = _calendar()
    known = CalendarMonth.objects.using(using).order_by("starts_at")
    if plan or list(known.values_list("name", "starts_at")) != months:
        count_anew(using=using)


def count_anew(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Write the calendar, and count all pictures; pictures cannot change meanwhile."""
    with transaction.atomic(using=using):
        vendor = connections[using].vendor
        if vendor == "postgresql":
            _run(using, [f"LOCK TABLE {PICTURES} IN SHARE ROW EXCLUSIVE MODE"])
        MonthCount.objects.using(using).all().delete()
        CalendarMonth.objects.using(using).all().delete()
        CalendarMonth.objects.using(using).bulk_create(
            CalendarMonth(name=name, starts_at=starts_at) for name, starts_at in _calendar()
        )
        _run(using, _totals(vendor))


def stop_before_migrations(
    *, using: str = DEFAULT_DB_ALIAS, plan: Sequence[object] = (), **_signal: Any
) -> None:
    """Drop the triggers if there are migrations: SQLite renames no table that one speaks of.

    A pre_migrate hook.
    """
    if plan:
        stop_counting(using=using)


def stop_counting(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers."""
    drop_triggers(_triggers(connections[using].vendor), using=using)


def create_triggers(triggers: Iterable[Trigger], *, using: str) -> None:
    """Create triggers that are not there."""
    made = _postgres if connections[using].vendor == "postgresql" else _sqlite
    for trigger in triggers:
        _run(using, made(trigger))


def drop_triggers(triggers: Iterable[Trigger], *, using: str) -> None:
    """Drop those triggers that are there."""
    there = _tables(using)
    for trigger in triggers:
        if trigger.table in there:
            on_table = connections[using].vendor == "postgresql"
            suffix = f" ON {trigger.table}" if on_table else ""
            _run(using, [f"DROP TRIGGER IF EXISTS {trigger.name}{suffix}"])


@contextmanager
def counted_at_the_end(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Count once, at the end, while very many pictures are written by one program alone."""
    stop_counting(using=using)
    try:
        yield
    finally:
        keep_counts(using=using, plan=("everything",))


def differences(*, using: str = DEFAULT_DB_ALIAS) -> list[tuple[Any, ...]]:
    """Return the counts that are not what the pictures say: their key, then what is too much.

    Read in one statement, and so at one moment.
    """
    counted = f"SELECT {KEY}, {FIGURES} FROM {COUNTS}"  # noqa: S608
    rows = " UNION ALL ".join([counted, *_all_counts(-1)])
    wrong = " OR ".join(f"SUM({it}) <> 0" for it in FIGURES.split(", "))
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT {KEY}, {SUMS} FROM ({rows}) found GROUP BY {KEY} HAVING {wrong}")  # noqa: S608
        return list(cursor.fetchall())


def _calendar() -> list[tuple[str, datetime]]:
    """Return the months by name and first instant; the first one begins before any picture."""
    zone = timezone.get_default_timezone()
    starts = [
        datetime(year, month, 1, tzinfo=zone)
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
        for month in range(1, 13)
    ]
    found = [(f"{start:%Y-%m}", start) for start in starts]
    return [(found[0][0], BEFORE_ANY), *found[1:]]


def _counts(one: CountedKind, sign: int, source: str = "") -> str:
    """Return SQL that selects what pictures {p} count in one kind of gallery, each on its own.

    `sign` is -1 where they count no longer, 0 where only their marks changed. `source` is what
    follows the columns, FROM or nothing.
    """
    start = f"m.starts_at <= {one.moment} ORDER BY m.starts_at DESC LIMIT 1"
    month = f"SELECT m.name FROM {MONTHS} m WHERE {start}"  # noqa: S608 (names of ours alone)
    target = f"SELECT g.target FROM {GENERATIONS} g WHERE g.id = {{p}}.generation_id"  # noqa: S608
    # Never empty: while all tables are emptied, there may be no months or generations any more.
    return (
        f"SELECT '{one.kind}' AS kind, {one.person} AS person_id,"
        f" COALESCE(({month}), '') AS month, COALESCE(({target}), '') AS target,"
        f" {sign} AS pictures,"
        f" {sign} * COALESCE({{p}}.cost_micros, 0) AS billed_micros,"
        f" {sign} * (CASE WHEN {{p}}.cost_micros IS NULL THEN 1 ELSE 0 END) AS unknown,"
        f" {sign} * {{p}}.bytes AS bytes"
        f"{source} WHERE {one.when}"
    )


def _all_counts(sign: int) -> Iterator[str]:
    """Yield SQL that selects what all pictures count, for each kind of gallery."""
    for one in COUNTED:
        yield _counts(one, sign, f" FROM {PICTURES} p").format(p="p")


def _insert(rows: str, columns: str, stamps: str, *, merged: bool, grouped: str = "") -> str:
    return (
        f"INSERT INTO {COUNTS} ({KEY}, {FIGURES}, moves, marks, merged)"  # noqa: S608
        f" SELECT {KEY}, {columns}, {stamps}, {'TRUE' if merged else 'FALSE'}"
        f" FROM ({rows}) found{grouped}"
    )


def _totals(vendor: str) -> list[str]:
    """Return the statements that count every picture there is."""
    stamps = f"{STAMPS[vendor]}, 0"
    return [
        _insert(rows, SUMS, stamps, merged=True, grouped=f" GROUP BY {KEY}")
        for rows in _all_counts(1)
    ]


def _body(record: str, sign: int, stamps: str, source: str = "") -> str:
    """Return the statements of a trigger that count one record of the pictures."""
    rows = [_counts(one, sign, source).format(p=record) for one in COUNTED]
    return "".join(f"{_insert(it, FIGURES, stamps, merged=False)}; " for it in rows)


def _triggers(vendor: str) -> Iterator[Trigger]:
    """Yield what happens to pictures, and what each counts."""
    moved, marked = f"{STAMPS[vendor]}, 0", f"0, {STAMPS[vendor]}"
    came, went = _body("NEW", 1, moved), _body("OLD", -1, moved)
    yield Trigger(PICTURES, "came", "INSERT", came)
    yield Trigger(PICTURES, "went", "DELETE", went)
    yield Trigger(PICTURES, "moved", "UPDATE", went + came, MOVING)
    yield Trigger(PICTURES, "marked", "UPDATE", _body("NEW", 0, marked), MARKING)
    for table in LINKING:
        for event, record in (("INSERT", "NEW"), ("DELETE", "OLD")):
            source = f" FROM (SELECT * FROM {PICTURES} WHERE id = {record}.picture_id) p"  # noqa: S608
            yield Trigger(table, f"linked_{event.lower()}", event, _body("p", 0, marked, source))


def _sqlite(one: Trigger) -> list[str]:
    return [
        f"CREATE TRIGGER {one.name} AFTER {one.event_of_columns} ON {one.table}"
        f"{one.condition('IS NOT')} BEGIN {one.body} END"
    ]


def _postgres(one: Trigger) -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {one.name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {one.body} RETURN NULL; END $$",
        f"CREATE TRIGGER {one.name} AFTER {one.event_of_columns} ON {one.table} FOR EACH ROW"
        f"{one.condition('IS DISTINCT FROM')} EXECUTE FUNCTION {one.name}()",
    ]


def _is_of_this_version(using: str) -> bool:
    """Return whether the table of counts has all columns: not in an older state."""
    if COUNTS not in _tables(using):
        return False
    with connections[using].cursor() as cursor:
        found = connections[using].introspection.get_table_description(cursor, COUNTS)
    return {one.name for one in found} >= {one.column for one in MonthCount._meta.local_fields}


def _tables(using: str) -> set[str]:
    with connections[using].cursor() as cursor:
        return set(connections[using].introspection.table_names(cursor))


def _run(using: str, statements: Iterable[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
