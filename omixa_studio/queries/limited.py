"""Read the first rows of several groups in one statement."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

First = Callable[[str, str], "QuerySet[Any]"]


def together(parts: Sequence[QuerySet[Any]], *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of all rows of several limited queries on one model, unordered."""
    return list(_union(parts, columns)) if parts else []


def of_models(
    first: First, target: str, slugs: Sequence[str], *columns: str
) -> list[tuple[Any, ...]]:
    """Return columns of the rows that `first(target, slug)` finds for each image model, unordered.

    It is a limited query. The statement is built once for each list of models.
    """
    if not slugs:
        return []
    sql, parameters = _of_models(first, target, tuple(slugs), columns, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


@lru_cache(maxsize=50)
def _of_models(
    first: First, target: str, slugs: tuple[str, ...], columns: tuple[str, ...], _vendor: str
) -> tuple[str, tuple[Any, ...]]:
    return _union([first(target, slug) for slug in slugs], columns).query.sql_with_params()


def _union(parts: Sequence[QuerySet[Any]], columns: Sequence[str]) -> QuerySet[Any, Any]:
    """Return the union of limited queries.

    For an OR of such queries PostgreSQL reads the whole table; SQLite takes no limit in a part of
    a union, so that each part is one of a query of its own.
    """
    wrapped = [
        part.model._default_manager.filter(pk__in=part.values("pk"))
        .order_by()
        .values_list(*columns)
        for part in parts
    ]
    union: QuerySet[Any, Any] = wrapped[0].union(*wrapped[1:], all=True)
    return union
