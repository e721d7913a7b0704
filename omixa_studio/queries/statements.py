"""Run statements whose text stays the same: PostgreSQL then plans them once for a connection.

Planning is most of what a short statement costs there. Not for one that asks an index by a list of
texts, such as a search: a plan made without knowing them is a bad one.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper


def here() -> Any:
    """Return this thread's connection itself: django.db.connection looks it up at each use."""
    return connections[DEFAULT_DB_ALIAS]


def read(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement, and return its rows."""
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def with_constants(
    sql: str, parameters: Sequence[Any], *, stand_ins: Sequence[Any]
) -> tuple[str, tuple[Any, ...]]:
    """Write the parameters of PostgreSQL's statement into its text, but for those that stand in.

    A plan that is made once only uses an index of some rows if it knows which are asked for.
    """
    if here().vendor != "postgresql":
        return sql, tuple(parameters)
    from psycopg import ClientCursor

    here().ensure_connection()
    cursor = ClientCursor(here().connection)
    written = [
        "%s" if one in stand_ins else cursor.mogrify("%s", [one]).replace("%", "%%")
        for one in parameters
    ]
    text = sql.replace("%%", "%%%%") % tuple(written)
    return text, tuple(one for one in parameters if one in stand_ins)


def _cursor() -> CursorWrapper:
    """Return a cursor; on PostgreSQL one that sends parameters beside the text.

    Django's own writes them into the text, of which then no two are the same; it is used where
    statements are logged, for it knows what it has sent. It also looks whether a connection still
    lives before the first statement of a request.
    """
    found = here()
    if found.vendor != "postgresql" or found.queries_logged:
        own: CursorWrapper = found.cursor()
        return own
    from psycopg import Cursor  # SQLite needs no psycopg

    found.close_if_health_check_failed()
    found.ensure_connection()
    made: CursorWrapper = found.make_cursor(Cursor(found.connection))
    return made
