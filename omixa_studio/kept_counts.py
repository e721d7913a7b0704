"""Database triggers that count kept pictures, and in how many collections each picture is.

Recreated after every migration, as those of gallery_counts.py are.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from omixa_studio.gallery_counts import Trigger, create_triggers, drop_triggers
from omixa_studio.models import (
    ALL_IDS,
    ALL_MODELS,
    Charge,
    Collection,
    CollectionItem,
    Generation,
    KeptChange,
    KeptTotal,
    Level,
    Picture,
)

CHANGES, TOTALS = KeptChange._meta.db_table, KeptTotal._meta.db_table
PICTURES, GENERATIONS = Picture._meta.db_table, Generation._meta.db_table
CHARGES, ITEMS = Charge._meta.db_table, CollectionItem._meta.db_table
COLLECTIONS = Collection._meta.db_table
KEY = ("target", "day", "person_id", "model", "project_id", "recipe")
# The same as models/pictures.IS_KEPT and IS_REJECTED, of a picture {p}.
MARKED = (
    "({p}.picked OR {p}.downloaded OR {p}.approval = 'approved' OR {p}.collected_in > 0"
    " OR {p}.verdict <> '' OR {p}.trashed_at IS NOT NULL)"
)
KEPT = "{p}.trashed_at IS NULL AND {p}.verdict = ''"
REJECTED = "({p}.verdict = 'rejected' OR {p}.trashed_at IS NOT NULL)"
IS_ANY = "({p}.picked OR {p}.downloaded OR {p}.approval = 'approved' OR {p}.collected_in > 0)"
OF_PICTURE = {
    "kept": f"CASE WHEN {KEPT} AND {IS_ANY} THEN 1 ELSE 0 END",
    "starred": f"CASE WHEN {KEPT} AND {{p}}.picked THEN 1 ELSE 0 END",
    "downloaded": f"CASE WHEN {KEPT} AND {{p}}.downloaded THEN 1 ELSE 0 END",
    "approved": f"CASE WHEN {KEPT} AND {{p}}.approval = 'approved' THEN 1 ELSE 0 END",
    "collected": f"CASE WHEN {KEPT} AND {{p}}.collected_in > 0 THEN 1 ELSE 0 END",
    "rejected": f"CASE WHEN {REJECTED} THEN 1 ELSE 0 END",
    "rejected_micros": f"CASE WHEN {REJECTED} THEN COALESCE({{p}}.cost_micros, 0) ELSE 0 END",
}
# A change of these may change what a picture counts.
COUNTING = (
    "picked",
    "downloaded",
    "approval",
    "collected_in",
    "verdict",
    "trashed_at",
    "cost_micros",
)
BILLS = "'capture', 'adjustment'"
HAS = {
    "recipe": "COALESCE(g.preset_id, g.template_key, 0) <> 0",
    "before": "g.had_before",
}
# Of a bill {c} and its request g.
OF_BILL = {
    "repeats": f"CASE WHEN {HAS['before']} AND {{c}}.kind = 'capture' THEN 1 ELSE 0 END",
    "repeat_micros": f"CASE WHEN {HAS['before']} THEN {{c}}.amount_micros ELSE 0 END",
    "pictures": f"CASE WHEN {HAS['recipe']} THEN {{c}}.pictures ELSE 0 END",
    "billed_micros": f"CASE WHEN {HAS['recipe']} THEN {{c}}.amount_micros ELSE 0 END",
}
FIGURES = (*OF_PICTURE, *OF_BILL)
SUMS = ", ".join(f"SUM({it}) AS {it}" for it in FIGURES)
NAMES = "{c}.target, {c}.day, {c}.person_id, {c}.model, {c}.project_id"
RECIPE = "COALESCE(g.preset_id, g.template_key, 0)"
# What stands in a total for the names that it does not tell apart.
ANY = {
    "person_id": str(ALL_IDS),
    "model": f"'{ALL_MODELS}'",
    "project_id": str(ALL_IDS),
    "recipe": str(ALL_IDS),
}
TELLS_APART = {
    Level.ALL: (),
    Level.PERSON: ("person_id",),
    Level.MODEL: ("model",),
    Level.PROJECT: ("project_id",),
    Level.RECIPE: ("recipe",),
    Level.EACH: tuple(ANY),
}
MONTHS = {"postgresql": "date_trunc('month', day)::date", "sqlite": "date(day, 'start of month')"}


def keep_counts(
    *, using: str = DEFAULT_DB_ALIAS, plan: Sequence[object] = (), **_signal: Any
) -> None:
    """Create the triggers, and count anew after migrations; a post_migrate hook."""
    if TOTALS not in connections[using].introspection.table_names():
        return
    with transaction.atomic(using=using):
        stop_counting(using=using)
        create_triggers(_triggers(), using=using)
    if plan:
        count_anew(using=using)


def stop_before_migrations(
    *, using: str = DEFAULT_DB_ALIAS, plan: Sequence[object] = (), **_signal: Any
) -> None:
    """Drop the triggers if there are migrations; a pre_migrate hook."""
    if plan:
        stop_counting(using=using)


def stop_counting(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers."""
    drop_triggers(_triggers(), using=using)


@contextmanager
def counted_at_the_end(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Count once, at the end, while very many pictures are written by one program alone."""
    stop_counting(using=using)
    try:
        yield
    finally:
        keep_counts(using=using, plan=("everything",))


def count_anew(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Count all pictures and bills again; they cannot change meanwhile."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {PICTURES}, {CHARGES} IN SHARE ROW EXCLUSIVE MODE")
        for statement in _recollected():
            cursor.execute(statement)
        KeptChange.objects.using(using).all().delete()
        KeptTotal.objects.using(using).all().delete()
        for rows in _all_rows():
            for level in Level.values:
                add_up(cursor, f"({rows}) found", level=level)


def add_up(cursor: Any, source: str, *, level: str) -> None:
    """Add rows to the totals of a level; `source` is SQL that follows FROM."""
    names = {it: it if it in TELLS_APART[Level(level)] else other for it, other in ANY.items()}
    where = "recipe <> 0" if level == Level.RECIPE else "TRUE"
    nth = ", ".join(str(n) for n in range(3, 3 + len(KEY)))
    grown = ", ".join(f"{it} = known.{it} + excluded.{it}" for it in FIGURES)
    grains = {"day": "day"} if level == Level.EACH else {"day": "day", "month": ""}
    for grain, day in grains.items():
        begun = day or MONTHS[cursor.db.vendor]
        key = ", ".join(["target", begun, *names.values()])
        cursor.execute(
            f"INSERT INTO {TOTALS} AS known"  # noqa: S608 (names of ours alone)
            f" (grain, level, {', '.join(KEY)}, {', '.join(FIGURES)})"
            f" SELECT '{grain}', '{level}', {key}, {SUMS} FROM {source} WHERE {where}"
            f" GROUP BY {nth} ORDER BY {nth}"
            f" ON CONFLICT (target, grain, level, day, person_id, model, project_id, recipe)"
            f" DO UPDATE SET {grown}"
        )


def differences(*, using: str = DEFAULT_DB_ALIAS) -> list[tuple[Any, ...]]:
    """Return what is wrong: in totals and changes, the key and what is too much; or pictures.

    Read in one statement each.
    """
    minus = ", ".join(f"-{it}" for it in FIGURES)
    columns = f"{', '.join(KEY)}, {', '.join(FIGURES)}"
    rows = [
        f"SELECT {columns} FROM {CHANGES}",  # noqa: S608
        f"SELECT {columns} FROM {TOTALS} WHERE level = '{Level.EACH}'",  # noqa: S608
        *(f"SELECT {', '.join(KEY)}, {minus} FROM ({it}) found" for it in _all_rows()),  # noqa: S608
    ]
    wrong = " OR ".join(f"SUM({it}) <> 0" for it in FIGURES)
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(KEY)}, {SUMS} FROM ({' UNION ALL '.join(rows)}) found"  # noqa: S608
            f" GROUP BY {', '.join(KEY)} HAVING {wrong}"
        )
        found = list(cursor.fetchall())
        cursor.execute(
            f"SELECT p.id, p.collected_in FROM {PICTURES} p"  # noqa: S608
            f" LEFT JOIN (SELECT picture_id, COUNT(*) AS n FROM {ITEMS} WHERE counted"
            f" GROUP BY picture_id) i ON i.picture_id = p.id"
            f" WHERE p.collected_in <> COALESCE(i.n, 0)"
        )
        return found + list(cursor.fetchall())


def _recollected() -> Iterator[str]:
    """Yield the statements that count the collections of each picture anew."""
    yield (
        f"UPDATE {ITEMS} SET counted = NOT counted WHERE counted = EXISTS (SELECT 1"  # noqa: S608
        f" FROM {COLLECTIONS} c WHERE c.id = collection_id AND c.deleted_at IS NOT NULL)"
    )
    count = f"SELECT COUNT(*) FROM {ITEMS} i WHERE i.picture_id = {PICTURES}.id AND i.counted"  # noqa: S608
    yield (
        f"UPDATE {PICTURES} SET collected_in = ({count})"  # noqa: S608
        f" WHERE collected_in <> ({count})"
    )


def _of_picture(values: Mapping[str, str]) -> str:
    """Return a row of a change: what a picture NEW or OLD or both add."""
    return ", ".join([*(values[it] for it in OF_PICTURE), *("0" for _ in OF_BILL)])


def _insert(rows: str) -> str:
    return f"INSERT INTO {CHANGES} ({', '.join(KEY)}, {', '.join(FIGURES)}) {rows}; "


def _named(figures: str, generation: str) -> str:
    """Return SQL that selects figures under the names of the first charge of a request."""
    first = f"SELECT MIN(id) FROM {CHARGES} WHERE generation_id = {generation}"  # noqa: S608
    return (
        f"SELECT {NAMES.format(c='c')}, {RECIPE} AS recipe, {figures} FROM {CHARGES} c"  # noqa: S608
        f" JOIN {GENERATIONS} g ON g.id = c.generation_id WHERE c.id = ({first})"
    )


def _all_rows() -> Iterator[str]:
    """Yield SQL that selects what every picture counts, then what every bill does."""
    values = [f"{sql.format(p='p')} AS {name}" for name, sql in OF_PICTURE.items()]
    values += [f"0 AS {name}" for name in OF_BILL]
    first = f"SELECT MIN(id) FROM {CHARGES} WHERE generation_id = p.generation_id"  # noqa: S608
    yield (
        f"SELECT {NAMES.format(c='c')}, {RECIPE} AS recipe, {', '.join(values)}"  # noqa: S608
        f" FROM {PICTURES} p JOIN {CHARGES} c ON c.id = ({first})"
        f" JOIN {GENERATIONS} g ON g.id = p.generation_id WHERE {MARKED.format(p='p')}"
    )
    yield _bills("c", f" FROM {CHARGES} c JOIN {GENERATIONS} g ON g.id = c.generation_id", "")


def _bills(record: str, source: str, also: str) -> str:
    """Return SQL that selects what bills of requests with a recipe, or had before, count."""
    values = [f"0 AS {name}" for name in OF_PICTURE]
    values += [f"{sql.format(c=record)} AS {name}" for name, sql in OF_BILL.items()]
    return (
        f"SELECT {NAMES.format(c=record)}, {RECIPE} AS recipe, {', '.join(values)}{source}"
        f" WHERE {record}.kind IN ({BILLS}) AND ({HAS['recipe']} OR {HAS['before']}){also}"
    )


def _triggers() -> Iterator[Trigger]:
    """Yield what happens to pictures, items of collections and bills, and what each counts."""
    old, new = ({it: sql.format(p=p) for it, sql in OF_PICTURE.items()} for p in ("OLD", "NEW"))
    less = {it: f"-({sql})" for it, sql in old.items()}
    more = {it: f"({new[it]}) - ({old[it]})" for it in OF_PICTURE}
    marks = {p: MARKED.format(p=p) for p in ("OLD", "NEW")}
    came = _insert(_named(_of_picture(new), "NEW.generation_id"))
    went = _insert(_named(_of_picture(less), "OLD.generation_id"))
    changed = _insert(_named(_of_picture(more), "NEW.generation_id"))
    yield Trigger(PICTURES, "kept_came", "INSERT", came, when=marks["NEW"])
    yield Trigger(PICTURES, "kept_went", "DELETE", went, when=marks["OLD"])
    either = f"{marks['OLD']} OR {marks['NEW']}"
    yield Trigger(PICTURES, "kept_changed", "UPDATE", changed, COUNTING, when=either)
    yield Trigger(ITEMS, "kept_insert", "INSERT", _collected("NEW", "+ 1"), when="NEW.counted")
    yield Trigger(ITEMS, "kept_delete", "DELETE", _collected("OLD", "- 1"), when="OLD.counted")
    step = "+ (CASE WHEN NEW.counted THEN 1 ELSE -1 END)"
    yield Trigger(ITEMS, "kept_update", "UPDATE", _collected("NEW", step), ("counted",))
    bill = _insert(_bills("NEW", f" FROM {GENERATIONS} g", " AND g.id = NEW.generation_id"))
    yield Trigger(CHARGES, "kept_bill", "INSERT", bill, when=f"NEW.kind IN ({BILLS})")


def _collected(record: str, step: str) -> str:
    return (
        f"UPDATE {PICTURES} SET collected_in = collected_in {step}"  # noqa: S608
        f" WHERE id = {record}.picture_id; "
    )
