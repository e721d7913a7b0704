"""The index of prompts: pieces of one, two and three letters, kept by database triggers.

SQLite has an FTS5 table with the trigram tokenizer, PostgreSQL a GIN index on an array of texts.
Both hold the same pieces, so both find the same rows, in any script and under any locale.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from . import postgres, rows, sqlite

__all__ = [
    "check",
    "create_index",
    "create_triggers",
    "drop_index",
    "drop_triggers",
    "fill",
    "rebuild",
]


def create_triggers(*, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Create the triggers of a database; a post_migrate hook."""
    if _is_complete(using):
        _run(using, _of(using).CREATE_TRIGGERS)


def drop_triggers(*, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Drop the triggers; a pre_migrate hook, because SQLite alters no table that they name."""
    if _is_complete(using):
        _run(using, _of(using).DROP_TRIGGERS)


def create_index(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Create the index of the rows that exist; takes minutes for a million pictures."""
    _run(using, _of(using).CREATE_INDEX)


def drop_index(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Drop the index."""
    _run(using, _of(using).DROP_INDEX)


def fill(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Write the row of every prompt that has pictures, in the order of time."""
    _run(using, _of(using).FILL)


def rebuild(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the index anew from its rows, in one transaction; nobody may be writing."""
    with transaction.atomic(using=using):
        _run(using, _of(using).REBUILD)


def check(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Raise DatabaseError if the index does not agree with the rows."""
    _run(using, _of(using).CHECK)


def _of(using: str) -> Any:
    return postgres if connections[using].vendor == "postgresql" else sqlite


def _is_complete(using: str) -> bool:
    """Return whether the tables of the triggers exist in this database."""
    with connections[using].cursor() as cursor:
        there = set(connections[using].introspection.table_names(cursor))
    return there.issuperset(rows.TABLES)


def _run(using: str, statements: Sequence[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
