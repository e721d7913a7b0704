"""Read sums of kept pictures: totals of days and months, and the few changes not in them yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, Literal

from django.db.models import Q, QuerySet, Sum, Value

from omixa_studio.models import Grain, KeptChange, KeptTotal, Level

Dimension = Literal["day", "person_id", "model", "project_id", "recipe"]
LEVELS = {
    "person_id": Level.PERSON,
    "model": Level.MODEL,
    "project_id": Level.PROJECT,
    "recipe": Level.RECIPE,
}


@dataclass(kw_only=True)
class KeptSums:
    """Sums of pictures and bills; see KeptFigures for what each means. Money is micro-dollars."""

    kept: int = 0
    starred: int = 0
    downloaded: int = 0
    approved: int = 0
    collected: int = 0
    rejected: int = 0
    rejected_micros: int = 0
    repeats: int = 0
    repeat_micros: int = 0
    pictures: int = 0
    billed_micros: int = 0


FIGURES = tuple(one.name for one in fields(KeptSums))


def kept_sums(
    target: str,
    by: Sequence[Dimension],
    *,
    days: tuple[date, date] | None = None,
    **narrowed: int | str | None,
) -> dict[tuple[Any, ...], KeptSums]:
    """Return the sums of a target by some dimensions; keys that count nothing are left out.

    Only between two days, inclusive, and of a `person_id`, `model`, `project_id` or `recipe`, if
    given. By recipe, requests without one are left out. One statement reads everything, and so at
    one moment.
    """
    wanted = {name: value for name, value in narrowed.items() if value is not None}
    rows = _summed(KeptChange.objects.filter(target=target, **wanted), by, days)
    for part in _totals(by, wanted, days):
        rows = rows.union(
            _summed(KeptTotal.objects.filter(part, target=target), by, None), all=True
        )
    found: dict[tuple[Any, ...], KeptSums] = {}
    for _all, *key, values in ((*row[: -len(FIGURES)], row[-len(FIGURES) :]) for row in rows):
        sums = found.setdefault(tuple(key), KeptSums())
        for name, value in zip(FIGURES, values, strict=True):
            setattr(sums, name, getattr(sums, name) + int(value or 0))
    empty = KeptSums()
    return {key: sums for key, sums in found.items() if sums != empty}


def _summed(
    rows: QuerySet[Any], by: Sequence[Dimension], days: tuple[date, date] | None
) -> QuerySet[Any, Any]:
    if days:
        rows = rows.filter(day__range=days)
    if "recipe" in by:
        rows = rows.exclude(recipe=0)
    rows = rows.order_by().annotate(all=Value(1)).values_list("all", *by)
    summed: QuerySet[Any, Any] = rows.annotate(**{f"all_{it}": Sum(it) for it in FIGURES})
    return summed


def _totals(
    by: Sequence[Dimension], wanted: dict[str, int | str], days: tuple[date, date] | None
) -> Iterator[Q]:
    """Yield conditions for the fewest totals that say it all."""
    names = {name for name in by if name != "day"} | set(wanted)
    if len(names) > 1:
        yield Q(
            **wanted, level=Level.EACH, grain=Grain.DAY, **({"day__range": days} if days else {})
        )
        return
    level = LEVELS[names.pop()] if names else Level.ALL
    if "day" in by:
        within = {"day__range": days} if days else {}
        yield Q(**wanted, level=level, grain=Grain.DAY, **within)
    elif days is None:
        yield Q(**wanted, level=level, grain=Grain.MONTH)
    else:
        for grain, span in _spans(*days):
            yield Q(**wanted, level=level, grain=grain, day__range=span)


def _spans(first: date, last: date) -> Iterator[tuple[Grain, tuple[date, date]]]:
    """Cut a span into whole months, and the days before and after them."""
    start = first if first.day == 1 else _next_month(first)
    end = (last + timedelta(days=1)).replace(day=1)  # the first day after the last whole month
    if start >= end:
        yield Grain.DAY, (first, last)
        return
    yield Grain.MONTH, (start, end - timedelta(days=1))
    if first < start:
        yield Grain.DAY, (first, start - timedelta(days=1))
    if end <= last:
        yield Grain.DAY, (end, last)


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
