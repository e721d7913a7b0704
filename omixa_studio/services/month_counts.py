"""Merge the counts of galleries that triggers add, and check them against the pictures."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from omixa_studio import gallery_counts
from omixa_studio.models import MonthCount

MOST_AT_ONCE = 1000
KEY = ("kind", "person_id", "month", "target")
FIGURES = ("pictures", "billed_micros", "unknown", "bytes", "moves", "marks")


def merge(*, most: int = MOST_AT_ONCE) -> int:
    """Add up to `most` new rows to those of their months; return how many they were.

    One short transaction. Rows that another worker is merging are left to it.
    """
    new = MonthCount.objects.filter(merged=False)
    if not new.exists():  # a transaction would lock the whole of SQLite
        return 0
    with transaction.atomic():
        rows = list(new.select_for_update(skip_locked=True).order_by("id")[:most])
        MonthCount.objects.filter(pk__in=[row.pk for row in rows]).delete()
        groups = defaultdict(list)
        for row in rows:
            groups[tuple(getattr(row, name) for name in KEY)].append(row)
        for key in sorted(groups):
            _add(dict(zip(KEY, key, strict=True)), groups[key])
    return len(rows)


def repair() -> list[tuple[Any, ...]]:
    """Count anew if counts are not what the pictures say; return what was wrong."""
    wrong = gallery_counts.differences()
    if wrong:
        gallery_counts.count_anew()
    return wrong


def _add(key: dict[str, object], rows: Sequence[MonthCount]) -> None:
    sums = {name: sum(getattr(row, name) for row in rows) for name in FIGURES}
    # Two workers may each have made one; it makes no difference which of them grows.
    first = (
        MonthCount.objects.filter(**key, merged=True)
        .order_by("id")
        .values_list("pk", flat=True)[:1]
    )
    grown = {name: F(name) + more for name, more in sums.items()}
    found = list(first)
    if not MonthCount.objects.filter(pk__in=found).update(**grown):
        MonthCount.objects.create(**key, **sums, merged=True)
