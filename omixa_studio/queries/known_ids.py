"""Narrow rows to ids that are known, without Django's work for each of them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, F, Func, Q


def is_among(column: str, ids: Sequence[int]) -> Q:
    """Return the condition that a column is one of some ids.

    `column__in` takes 5 ms to prepare for a thousand ids, in each statement of a page anew; and
    for none of them Django has no SQL at all, which a statement of our own may need.
    """
    return Q(_Among(F(column), listed=",".join(str(int(one)) for one in ids)))


class _Among(Func):
    template = "%(expressions)s IN (%(listed)s)"
    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        return super().as_sql(compiler, connection, listed=self.extra["listed"] or "NULL")

    def as_postgresql(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        # One array instead of a thousand numbers, of each of which it makes a node first; and as a
        # parameter, so that a statement about other ids has the same text.
        sql, parameters = super().as_sql(compiler, connection, template="%(expressions)s")
        return f"{sql} = ANY (%s::bigint[])", [*parameters, f"{{{self.extra['listed']}}}"]
