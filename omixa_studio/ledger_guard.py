"""Database triggers that refuse to change or delete a ledger row.

Made anew after every migration: altering a table on SQLite silently drops its triggers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from omixa_studio.models import Charge

REFUSAL = "the ledger is append-only"
TABLE = Charge._meta.db_table
EVENTS = ("update", "delete")


def refuse_changes(*, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Create the triggers on a database, in place of older ones; a post_migrate hook."""
    allow_changes(using=using)
    _run(using, _POSTGRES if connections[using].vendor == "postgresql" else _SQLITE)


def allow_changes(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the triggers."""
    suffix = f" ON {TABLE}" if connections[using].vendor == "postgresql" else ""
    names = [f"{TABLE}_no_{event}" for event in (*EVENTS, "truncate")]
    _run(using, [f"DROP TRIGGER IF EXISTS {name}{suffix}" for name in names])


@contextmanager
def changes_allowed(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Lift the triggers for a while: for emptying a test database, and for nothing else."""
    allow_changes(using=using)
    try:
        yield
    finally:
        refuse_changes(using=using)


def _run(using: str, statements: list[str]) -> None:
    with connections[using].cursor() as cursor:
        if TABLE not in connections[using].introspection.table_names(cursor):
            return
        for statement in statements:
            cursor.execute(statement)


_SQLITE = [
    f"CREATE TRIGGER {TABLE}_no_{event} BEFORE {event} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    for event in EVENTS
]
_POSTGRES = [
    f"CREATE OR REPLACE FUNCTION {TABLE}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
    *(
        f"CREATE TRIGGER {TABLE}_no_{event} BEFORE {event} ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_refuse()"
        for event in EVENTS
    ),
    f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_refuse()",
]
