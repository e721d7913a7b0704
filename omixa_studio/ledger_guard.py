"""Database triggers that refuse to change or delete rows that are only ever added to: those of the
ledger and of the log of acts, words on differences of the bill, and money put into the wallet.

Recreated after every migration: altering a table on SQLite silently drops its triggers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from omixa_studio.models import Act, BillNote, Charge, TopUp

# Error messages by table.
REFUSALS = {
    Charge._meta.db_table: "the ledger is append-only",
    Act._meta.db_table: "the log of acts is append-only",
    BillNote._meta.db_table: "notes on the bill are append-only",
    TopUp._meta.db_table: "top-ups are append-only",
}
EVENTS = ("update", "delete")


def refuse_changes(*, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Create or replace the triggers on a database; a post_migrate hook."""
    allow_changes(using=using)
    triggers = _postgres if connections[using].vendor == "postgresql" else _sqlite
    for table in _present(using):
        _run(using, triggers(table))


def allow_changes(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers."""
    for table in _present(using):
        suffix = f" ON {table}" if connections[using].vendor == "postgresql" else ""
        names = [f"{table}_no_{event}" for event in (*EVENTS, "truncate")]
        _run(using, [f"DROP TRIGGER IF EXISTS {name}{suffix}" for name in names])


@contextmanager
def changes_allowed(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Drop the triggers temporarily: to empty a test database, or to rename in a migration."""
    allow_changes(using=using)
    try:
        yield
    finally:
        refuse_changes(using=using)


def _present(using: str) -> list[str]:
    """Return the guarded tables that exist in this database."""
    with connections[using].cursor() as cursor:
        there = set(connections[using].introspection.table_names(cursor))
    return [table for table in REFUSALS if table in there]


def _run(using: str, statements: list[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSALS[table]}'); END"
        for event in EVENTS
    ]


def _postgres(table: str) -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSALS[table]}'; END $$",
        *(
            f"CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
            for event in EVENTS
        ),
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()",
    ]
