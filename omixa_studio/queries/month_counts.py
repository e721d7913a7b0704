"""What each month of a gallery holds, from counts that triggers keep; nothing is summed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from omixa_studio.models import MonthCount, Person

from .gallery_months import PictureTotal
from .prepared import Prepared


@dataclass(frozen=True, kw_only=True)
class CountedMonth:
    """A month ("2026-11"): its pictures, and of one target what they cost and how many lack a cost.

    `moves` and `marks` differ after each change: see MonthCount.
    """

    name: str
    pictures: int
    billed_micros: int
    unknown: int
    moves: int
    marks: int


def counted_months_of(kind: str, person_id: int, *, target: str) -> Sequence[CountedMonth]:
    """Return the months of a gallery that ever held a picture, newest first."""
    sums = _SUMS.rows(Person(pk=person_id), kind, target)
    return [
        CountedMonth(
            name=row["month"],
            pictures=row["count"],
            billed_micros=int(row["billed"]),
            unknown=row["lacking"],
            moves=int(row["moved"]),
            marks=int(row["marked"]),
        )
        for row in sums
    ]


def _sums(person: Person, kind: str, target: str) -> QuerySet[MonthCount, Any]:
    ours = Q(target=target)
    return (
        MonthCount.objects.filter(kind=kind, person_id=person.pk)
        .values("month")
        .annotate(
            count=Sum("pictures"),
            billed=Sum("billed_micros", filter=ours, default=0),
            lacking=Sum("unknown", filter=ours, default=0),
            moved=Sum("moves"),
            marked=Sum("marks"),
        )
        .order_by("-month")
    )


_SUMS = Prepared(_sums)


def totals_of(months: Sequence[CountedMonth]) -> dict[str, PictureTotal]:
    """Return what a page says of months, by their names."""
    return {
        month.name: PictureTotal(month.pictures, month.billed_micros, month.unknown)
        for month in months
    }
