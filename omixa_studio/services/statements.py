"""Frequent SQL statements, compiled once: building them costs more than running them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)


class Slot(Expression):
    """A placeholder for a value that is passed by name when the statement is run."""

    def __init__(self, name: str, kind: "Field[Any, Any]") -> None:
        super().__init__(output_field=kind)
        self.name, self.kind = name, kind

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_more: Any
    ) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@dataclass(frozen=True)
class Statement:
    """SQL for one kind of database, with slots among its parameters."""

    sql: str
    parameters: tuple[Any, ...]

    def rows(self, **given: object) -> list[tuple[Any, ...]]:
        """Run the statement and return all rows."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._filled(given))
            return list(cursor.fetchall())

    def records(self, model: type[Row], /, **given: object) -> list[Row]:
        """Run the statement and return instances of a model whose every column it selects."""
        return list(model._default_manager.raw(self.sql, self._filled(given)))

    def change(self, **given: object) -> int:
        """Run the update and return the number of changed rows."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._filled(given))
            return int(cursor.rowcount)

    def _filled(self, given: Mapping[str, object]) -> list[Any]:
        return [
            one.kind.get_db_prep_save(given[one.name], connection) if isinstance(one, Slot) else one
            for one in self.parameters
        ]


def compiled(rows: "QuerySet[Any, Any]") -> Statement:
    """Return the statement that selects what a query set would."""
    return Statement(*rows.query.sql_with_params())


def compiled_update(rows: "QuerySet[Any]", **values: object) -> Statement:
    """Return the statement that updates columns of some rows, as `update` would.

    A name in `values` whose value is `...` becomes a slot of that name.
    """
    query = cast("UpdateQuery", rows.query.chain(UpdateQuery))
    query.add_update_values(
        {name: slot(rows.model, name) if it is ... else it for name, it in values.items()}
    )
    sql, parameters = query.get_compiler(connection=connection).as_sql()
    return Statement(sql, tuple(parameters))


def slot(model: type[Model], column: str) -> Slot:
    """Return a placeholder for a value of a column, by its name."""
    return Slot(column, cast("Field[Any, Any]", model._meta.get_field(column)))
