"""Group a page of a gallery by months, with the totals of each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from omixa_studio.models import Picture

from .gallery_pages import Page

# A month of a filtered gallery with more pictures says no total.
MOST_SUMMED = 2000


@dataclass(frozen=True)
class PictureTotal:
    """The totals of a month: pictures, micro-dollars billed, pictures of unknown cost.

    NOT_COUNTED if there are too many to count while somebody waits.
    """

    count: int
    billed_micros: int
    unknown: int


@dataclass(frozen=True)
class Month:
    """The pictures of one month on a page; it is not `named` if an earlier page does it.

    `total` is None then, and where there are too many pictures to sum.
    """

    start: datetime
    pictures: Sequence[Picture]
    total: PictureTotal | None
    named: bool = True


def months_on(
    page: Page,
    rows: QuerySet[Picture] | None,
    *,
    target: str,
    above: datetime | None = None,
    counted: Mapping[str, PictureTotal] | None = None,
    moment: str = "created_at",
) -> list[Month]:
    """Group a page by months of the studio's time zone, with totals over the whole gallery.

    `counted` are totals that are known, by month ("2026-11"). Any other month that crosses an edge
    of the page costs a query; without `rows` it has no total. `above` is the `moment` of the
    picture above the page: the heading of its month is already shown.
    """
    groups = [(start, list(found)) for start, found in groupby(page.pictures, _month_of(moment))]
    said = month_start(above) if above else None
    cut = cut_months(page, [start for start, _ in groups])
    months = []
    for start, found in groups:
        if start == said:
            total = None
        elif counted and (name := f"{start:%Y-%m}") in counted:
            total = counted[name]
        elif start in cut:
            total = None if rows is None else _total_in(rows, start, target=target)
        else:
            total = _total_of(found, target)
        months.append(Month(start, found, total, named=start != said))
    return months


def cut_months(page: Page, starts: Sequence[datetime]) -> set[datetime]:
    """Return the months among those of a page, newest first, that go on beyond its edges."""
    return {*(starts[:1] if page.newer else ()), *(starts[-1:] if page.older else ())}


def made_in(month: datetime) -> Q:
    """Return the condition for pictures made in the month that starts at a moment."""
    return Q(created_at__gte=month, created_at__lt=next_month(month))


def next_month(start: datetime) -> datetime:
    """Return the first instant of the month after the one that starts at a moment."""
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def month_start(moment: datetime) -> datetime:
    """Return the first instant of a moment's month in the studio's time zone."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return datetime(local.year, local.month, 1, tzinfo=timezone.get_default_timezone())


def _month_of(moment: str) -> Callable[[Picture], datetime]:
    return lambda picture: month_start(getattr(picture, moment))


def _total_of(pictures: Sequence[Picture], target: str) -> PictureTotal:
    costs = [found.cost_micros for found in pictures if found.generation.target == target]
    known = [cost for cost in costs if cost is not None]
    return PictureTotal(len(pictures), sum(known), len(costs) - len(known))


def _total_in(rows: QuerySet[Picture], start: datetime, *, target: str) -> PictureTotal | None:
    """Sum a month of a gallery; None if it has more than MOST_SUMMED pictures."""
    within = rows.filter(made_in(start)).order_by()
    costs = within.annotate(ours=Q(generation__target=target)).values("pk", "cost_micros", "ours")
    sums = costs[: MOST_SUMMED + 1].aggregate(
        count=Count("pk"),
        counted=Count("pk", filter=Q(ours=True)),
        known=Count("cost_micros", filter=Q(ours=True)),
        billed=Sum("cost_micros", filter=Q(ours=True)),
    )
    if sums["count"] > MOST_SUMMED:
        return None
    return PictureTotal(sums["count"], sums["billed"] or 0, sums["counted"] - sums["known"])
