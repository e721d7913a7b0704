"""Statements that every page or poll runs, built once: that takes longer than running them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from omixa_studio.models import Person

# Stands in for a person among the parameters while a statement is built.
ANYBODY = 9_007_199_254_740_993
Build = Callable[[str, Person], "QuerySet[Any, Any]"]


@dataclass(frozen=True)
class Prepared:
    """A statement about a person and a target.

    What it asks may depend on the target and on the person's role, and on nothing else.
    """

    build: Build

    def rows(self, target: str, person: Person) -> list[tuple[Any, ...]]:
        """Run the statement and return all rows."""
        sql, parameters = _built(self.build, target, person.role, connection.vendor)
        with connection.cursor() as cursor:
            cursor.execute(sql, [person.pk if one == ANYBODY else one for one in parameters])
            return list(cursor.fetchall())


@cache
def _built(build: Build, target: str, role: str, _vendor: str) -> tuple[str, tuple[Any, ...]]:
    return build(target, Person(pk=ANYBODY, role=role)).query.sql_with_params()
