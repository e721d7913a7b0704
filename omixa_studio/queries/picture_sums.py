"""Sums of what pictures cost, for what only pictures know: collections and tags.

A picture counts in each of its collections, so that these sums add up to no total. Pictures that
were deleted for good are in none.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncDay, TruncMonth, TruncWeek
from django.utils import timezone

from omixa_studio.models import Picture
from omixa_studio.models.spans import Span

from .cost_sums import LedgerSum, Sums

COLUMNS = {
    "person": "person_id",
    "model": "model",
    "operation": "operation",
    "project": "project_id",
    "collection": "collected__collection_id",
    "tag": "tagged__tag_id",
}
STARTS = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}
# Nobody and no project, as the ledger has them.
NONE = {"person": 0, "project": 0}


def picture_sums(
    target: str,
    span: Span,
    by: Sequence[str] = (),
    *,
    only: Mapping[str, Sequence[Any]] | None = None,
) -> Sums:
    """Return sums of pictures like `cost_sums`, also by collection and tag.

    `not_final` are the pictures whose cost is unknown.
    """
    rows = _pictures(target, span, by, only or {})
    zone = timezone.get_default_timezone()
    starts = {
        f"its_{name}": STARTS[name]("created_at", tzinfo=zone) for name in by if name in STARTS
    }
    columns = [f"its_{name}" if name in STARTS else COLUMNS[name] for name in by]
    found: Sums = {}
    # Grouped by a constant where by nothing: Django would group by every column.
    grouped = rows.annotate(one=Value(1), **starts).values_list("one", *columns)
    for _one, *key, billed, pictures, known in grouped.annotate(
        Sum("cost_micros", default=0), Count("pk"), Count("cost_micros")
    ):
        told = tuple(_key(name, value) for name, value in zip(by, key, strict=True))
        found[told] = LedgerSum(billed=billed, pictures=pictures, not_final=pictures - known)
    return found


def _pictures(
    target: str, span: Span, by: Sequence[str], only: Mapping[str, Sequence[Any]]
) -> "QuerySet[Picture, Any]":
    zone = timezone.get_default_timezone()
    wanted: dict[str, Any] = {
        "there": target,
        "made__gte": datetime.combine(span.first, time.min, zone),
        "made__lt": datetime.combine(span.last + timedelta(days=1), time.min, zone),
    }
    wanted |= {
        name: value or None if name in ("person_id", "project_id") else value
        for name, value in span.of_ledger.items()
    }
    if span.collection_id is not None:
        wanted["collected__collection_id"] = span.collection_id
    if span.tag_id is not None:
        wanted["tagged__tag_id"] = span.tag_id
    if "collection" in by:
        wanted["collected__collection__deleted_at"] = None
        wanted["collected__collection_id__gt"] = 0
    if "tag" in by:
        wanted["tagged__tag_id__gt"] = 0
    some = Q(*(_one_of(name, keys) for name, keys in only.items()))
    # Targets and times as expressions: SQLite would rather read all of a target than begin with
    # what is in collections or has tags.
    rows = Picture.objects.alias(
        there=Coalesce("generation__target", "generation__target"),
        made=Coalesce("created_at", "created_at"),
    )
    return rows.filter(some, **_without_nulls(wanted)).order_by()


def _without_nulls(wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the same conditions, those on None as Django wants them."""
    return {
        f"{name}__isnull" if value is None else name: True if value is None else value
        for name, value in wanted.items()
    }


def _one_of(name: str, keys: Sequence[Any]) -> Q:
    found = Q(**{f"{COLUMNS[name]}__in": [key for key in keys if key != NONE.get(name)]})
    return found | Q(**{f"{COLUMNS[name]}__isnull": True}) if NONE.get(name) in keys else found


def _key(name: str, value: Any) -> Any:
    if name in STARTS:
        return value.date() if isinstance(value, datetime) else date.fromisoformat(value)
    return NONE[name] if value is None and name in NONE else value
