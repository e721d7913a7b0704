"""Narrow rows to ids that are known, without Django's work for each of them."""

from collections.abc import Sequence

from django.db.models import BooleanField, F, Func, Q


def is_among(column: str, ids: Sequence[int]) -> Q:
    """Return the condition that a column is one of some ids.

    `column__in` takes 5 ms to prepare for a thousand ids, in each statement of a page anew; and
    for none of them Django has no SQL at all, which a statement of our own may need.
    """
    listed = ",".join(str(int(one)) for one in ids) or "NULL"
    template = f"%(expressions)s IN ({listed})"
    return Q(Func(F(column), template=template, output_field=BooleanField()))
