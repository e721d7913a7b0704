"""Never reuse row ids, even in a database that was restored from an older copy.

People refer to requests and pictures by id, and browsers cache files under their addresses for a
year. The list of lost calls names people and keys of the gateway by id, and the clicks of programs
the access token.
"""

from collections.abc import Mapping

from django.db import connection, models, transaction

from omixa_studio.models import (
    AnswerFile,
    GatewayKey,
    Generation,
    InputImage,
    Person,
    Picture,
    Token,
)

NUMBERED: tuple[type[models.Model], ...] = (
    *(Generation, Picture, InputImage, AnswerFile),
    *(Person, Token, GatewayKey),
)
TABLES = [model._meta.db_table for model in NUMBERED]
# More ids than are assigned between the last check of a database and its replacement.
GAP = 10_000

EACH = ", ".join(["%s"] * len(TABLES))
LAST = {
    "sqlite": "SELECT name, seq FROM sqlite_sequence WHERE name IN ({})",
    "postgresql": (
        "SELECT name, pg_sequence_last_value(pg_get_serial_sequence(name, 'id')::regclass)"
        " FROM unnest(ARRAY[{}]) AS name"
    ),
}


def go_on_after(given: Mapping[str, int], *, older: bool = False) -> dict[str, int]:
    """Return the last id by table, including rows that were deleted since.

    If higher ids were assigned before, or the database is known to be an older copy, all tables
    continue well above them.
    """
    last = _last()
    if older or any(given.get(table, 0) > last[table] for table in TABLES):
        last = {table: max(given.get(table, 0), last[table]) + GAP for table in TABLES}
        for table in TABLES:
            _set(table, last[table])
    return last


def _last() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(LAST[connection.vendor].format(EACH), TABLES)
        found = dict(cursor.fetchall())
    return {table: found.get(table) or 0 for table in TABLES}


@transaction.atomic
def _set(table: str, last: int) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Another worker may have done this already, and ids assigned since.
            cursor.execute(
                "SELECT setval(seq, greatest(%s, pg_sequence_last_value(seq)))"
                " FROM CAST(pg_get_serial_sequence(%s, 'id') AS regclass) AS seq",
                [last, table],
            )
            return
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
