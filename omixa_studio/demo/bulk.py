"""Fast inserts of many rows: `executemany` on SQLite, COPY on PostgreSQL.

`bulk_create` spends ten times longer in Python than either database needs for the rows.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Field, Max, Model

Values = dict[str, Any]


def values_of(row: Model) -> Values:
    """Return an unsaved row as the values to insert, by column; without those the database sets."""
    fields = _fields(type(row))
    values: Values = {column: field.pre_save(row, True) for column, field in fields.items()}
    return {
        column: fields[column].get_db_prep_save(value, connection)
        for column, value in values.items()
        if not hasattr(value, "resolve_expression")
    }


def prepared(model: type[Model], column: str, value: object) -> Any:
    """Return a value in the form in which the database driver takes it for a column."""
    return _fields(model)[column].get_db_prep_save(value, connection)


def insert(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if not rows:
        return
    columns = list(rows[0])
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(map(quote, columns))})"
    values = list(map(itemgetter(*columns), rows))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for one in values:
                    copy.write_row(one)
        else:
            marks = ", ".join(["%s"] * len(columns))
            # The names are those of our own tables.
            cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", values)  # noqa: S608


def new_ids(model: type[Model], count: int) -> list[int]:
    """Reserve ids for rows to be inserted in this transaction, in ascending order."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return [int(found[0]) for found in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        # The sequence is larger than every id where the last rows were deleted.
        used = cursor.fetchone() or [0]
    last = max(used[0], model._default_manager.aggregate(last=Max("pk"))["last"] or 0)
    return list(range(last + 1, last + 1 + count))


@cache
def _fields(model: type[Model]) -> dict[str, "Field[Any, Any]"]:
    """Return the fields to insert by column, without the key and what the database computes."""
    return {
        str(field.column): field
        for field in model._meta.concrete_fields
        if not field.generated and not field.auto_created
    }
