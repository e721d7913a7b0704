"""Statements that every page or poll runs, built once: that takes longer than running them."""

from collections.abc import Callable, Hashable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from omixa_studio.models import Person

from .statements import here, read, with_constants

# Stand in for a person's id and for a text among the parameters while a statement is built.
ANYBODY = 9_007_199_254_740_993
ANY_TEXT = "\ue000 any text"
# Stands in for the rows that a statement is run among: `filter(pk__in=AMONG)`.
AMONG = RawSQL("/* among */", ())
MOST_KEPT = 500

Subject = Person | str | None
Rows = QuerySet[Any, Any]
Ids = Rows | Sequence[int] | Sequence[str]


@dataclass(frozen=True)
class Prepared:
    """A statement about a person, a text or nobody in particular, and of a certain shape.

    What `build` asks, given those, may depend on the shape and the person's role, and on nothing
    else: neither on the time nor on other columns of the person.
    """

    build: Callable[..., Rows]

    def rows(self, about: Subject, *shape: Hashable, among: Ids | None = None) -> list[Any]:
        """Run the statement, where it says AMONG among these ids; return what it yields."""
        # The truth of a QuerySet would be a statement of its own.
        if isinstance(among, Sequence) and not among:
            return []
        person = about if isinstance(about, Person) else None
        role, given = (person.role, person.pk) if person else (None, about)
        try:
            ready = _ready(self.build, role, given is None, shape, here().vendor)
        except EmptyResultSet:  # such as one of no models; what is raised is not kept
            return []
        return ready.run(given, among)

    def first(self, about: Subject, *shape: Hashable) -> Any:
        """Run the statement; return the first that it yields, None if it yields nothing."""
        return next(iter(self.rows(about, *shape)), None)


@dataclass(frozen=True)
class _Ready:
    """A statement as built: the rows it stands for, their compiler, its SQL and parameters."""

    rows: Rows
    compiler: Any
    sql: str
    parameters: tuple[Any, ...]

    def run(self, given: object, among: Ids | None) -> list[Any]:
        sql, parameters = self.sql, [_filled(one, given) for one in self.parameters]
        if among is not None:
            at = sql[: sql.index(AMONG.sql)].replace("%%", "").count("%s")
            sql, ids = _among(sql, among)
            parameters[at:at] = ids
        found = read(sql, parameters)
        compiler = copy(self.compiler)
        compiler.connection = here()
        if compiler.has_extra_select:  # what it is only ordered by stands at the end
            found = [row[: compiler.col_count] for row in found]
        compiler.execute_sql = lambda *_, **__: (found,)
        rows: Any = self.rows.all()
        rows.query.get_compiler = lambda *_, **__: compiler
        return [*rows._iterable_class(rows)]


def _among(sql: str, ids: Ids) -> tuple[str, Sequence[Any]]:
    """Return a statement among some rows, and the parameters that this adds."""
    if isinstance(ids, QuerySet):
        inner, parameters = ids.query.sql_with_params()
        return sql.replace(AMONG.sql, inner), parameters
    if here().vendor == "postgresql":  # one text, however many they are
        return sql.replace(f"IN ({AMONG.sql})", "= ANY (%s)"), [list(ids)]
    return sql.replace(AMONG.sql, ", ".join(["%s"] * len(ids))), ids


def _filled(parameter: object, given: object) -> object:
    return given if parameter in (ANYBODY, ANY_TEXT) else parameter


@lru_cache(MOST_KEPT)
def _ready(
    build: Callable[..., Rows],
    role: str | None,
    is_about_nobody: bool,
    shape: tuple[Hashable, ...],
    _on: str,
) -> _Ready:
    stands_in = ANY_TEXT if role is None else Person(pk=ANYBODY, role=role)
    rows = build(None if is_about_nobody else stands_in, *shape)
    compiler = rows.query.get_compiler(connection=here())
    sql, parameters = with_constants(*compiler.as_sql(), stand_ins=(ANYBODY, ANY_TEXT))
    compiler.connection = None
    return _Ready(rows, compiler, sql, parameters)
