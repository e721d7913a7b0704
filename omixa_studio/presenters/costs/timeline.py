"""What costs were over time: a chart stacked by what the review is grouped by, and its table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format

from omixa_studio.dates import date_format
from omixa_studio.forms.costs import OF_PICTURES, OF_TIME, month_end
from omixa_studio.models import Person, dollars
from omixa_studio.queries.cost_sums import LedgerSum, Sums
from omixa_studio.queries.review_sums import sums_by
from omixa_studio.templatetags.studio import column

from .addresses import query_of
from .chart import MOST_BARS, SHADES, Chart, draw
from .labels import labels_of, named_day
from .review import CostReview


@dataclass(frozen=True)
class TimeRow:
    """A day or a month of the table beside the chart, as the texts that `{% tiles %}` fills in.

    `address` lists its generations.
    """

    name: str
    address: str
    pictures: str
    billed: str
    reserved: str


@dataclass(frozen=True)
class Timeline:
    """The chart, the names of its shades, its table with the latest first."""

    chart: Chart
    names: Sequence[str]
    rows: Sequence[TimeRow]


def timeline_of(review: CostReview, target: str, person: Person, *, listed: str) -> Timeline:
    """Draw the days of a review, or its months where those are too many.

    `listed` is the route of the lists that the table opens.
    """
    span = review.asked.span
    step = "month" if (span.last - span.first).days >= MOST_BARS else "day"
    totals = sums_by(target, span, (step,))
    part, dearest = _parts(review)
    own = sums_by(target, span, (step, part), only={part: dearest}) if dearest else {}
    chart = draw(span.days, _amounts(totals, own, span.first), [*dearest, *_rest(dearest)])
    names = labels_of(part, dearest, target, person) if dearest else {}
    return Timeline(
        chart=chart,
        names=[names[key] for key in chart.shades if key is not None],
        rows=_rows(review, totals, step, reverse(listed)),
    )


def _parts(review: CostReview) -> tuple[str, Sequence[Any]]:
    """Return what the bars consist of and its dearest keys; none if parts overlap or are times."""
    sums: Mapping[Any, LedgerSum] = review.sums
    name = review.asked.by
    if name in OF_TIME:
        name, sums = review.asked.then, review.beside
    if not name or name in OF_TIME or name in OF_PICTURES:
        return "", ()
    return name, [key for key in list(sums)[:SHADES] if sums[key].billed > 0]


def _rest(dearest: Sequence[Any]) -> Sequence[None]:
    """Return the rest as a part with its own shade if there is no other."""
    return () if dearest else (None,)


def _amounts(totals: Sums, own: Sums, first: date) -> dict[tuple[date, Any], int]:
    """Return what each part costs by day; all others together are None.

    A month that began before the first day counts on that.
    """
    amounts = {(max(start, first), key): one.billed for (start, key), one in own.items()}
    rest = {start: one.billed for (start,), one in totals.items()}
    for (start, _key), one in own.items():
        rest[start] -= one.billed
    return amounts | {(max(start, first), None): left for start, left in rest.items() if left}


def _rows(review: CostReview, totals: Sums, step: str, listed: str) -> list[TimeRow]:
    span = review.asked.span
    rows = []
    for (start,), line in sorted(totals.items(), reverse=True, key=lambda item: item[0]):
        last = start if step == "day" else month_end(start)
        days = span.of_days(max(start, span.first), min(last, span.last))
        name = named_day(start) if step == "day" else date_format(start, "F Y")
        rows.append(
            TimeRow(
                name,
                listed + query_of(days),
                number_format(line.pictures),
                column(dollars(line.billed)),
                column(dollars(line.open) if line.open else None),
            )
        )
    return rows
