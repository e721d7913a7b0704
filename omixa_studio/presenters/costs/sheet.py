"""The costs page as plain figures, with the queries of its links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.conf import settings
from django.utils.safestring import SafeString

from omixa_studio.forms.costs import GROUPINGS, OF_PICTURES, CostsAsked
from omixa_studio.models import Person, dollars
from omixa_studio.models.ledger import today
from omixa_studio.models.spans import Span
from omixa_studio.queries import budget, people
from omixa_studio.queries.cost_sums import LedgerSum, UnknownSum
from omixa_studio.queries.costs import first_day
from omixa_studio.queries.review_sums import sums_by, unknown_by
from omixa_studio.templatetags.studio import column, grouped
from omixa_studio.templatetags.tiles import escaped

from .addresses import FILTERS, query_asked, query_of
from .days import Days, days_named, months_beside, presets
from .forecast import Forecast, forecast_of
from .labels import TITLES, labels_of
from .review import (
    COLUMNS_ON_A_PAGE,
    ROWS_ON_A_PAGE,
    CostReview,
    ReviewColumn,
    ReviewRow,
    build_review,
)
from .timeline import Timeline, timeline_of


@dataclass(frozen=True)
class ShownRow:
    """A row of the table; `address` narrows the page to it, `cells` are ready as HTML.

    A table has hundreds of cells, and templates take ten times as long for one.
    """

    name: str
    address: str
    cells: SafeString

    @property
    def html(self) -> SafeString:
        """Return all its cells, the first of which is its link."""
        name = f'<a href="{escaped(self.address)}"><bdi>{escaped(self.name)}</bdi></a>'
        return SafeString(f'<tr><th scope="row">{name}</th>{self.cells}</tr>')


@dataclass(frozen=True)
class Pages:
    """Where one is among pages of rows or columns: "26–50 of 200", and the pages beside."""

    first: int
    last: int
    count: int
    earlier: str
    later: str


@dataclass(frozen=True)
class Only:
    """What the page is narrowed to, and the page without that."""

    title: str
    name: str
    without: str


@dataclass(frozen=True)
class CostSheet:
    """Everything the page shows besides its form. Money is micro-dollars."""

    asked: CostsAsked
    review: CostReview
    title: str
    total: LedgerSum
    unknown: UnknownSum
    before: int
    limit: int | None
    left: int | None
    rows: Sequence[ShownRow]
    foot: ShownRow | None
    pages: Pages | None
    beside: Pages | None
    timeline: Timeline
    forecast: Forecast | None
    only: Sequence[Only]
    presets: Sequence[Days]
    earlier: Days
    later: Days | None
    groupings: tuple[tuple[str, str], ...]
    # Of one person, who reads it: it says nothing of others.
    is_own: bool = False

    @property
    def span(self) -> Span:
        return self.asked.span

    @property
    def days(self) -> str:
        """Return the query of other screens of costs for the same days."""
        return query_of(Span(self.span.first, self.span.last))

    @property
    def gallery(self) -> str:
        """Return the query of the team's gallery for the same pictures, coloured by cost.

        A gallery has no filter for nobody and no project, and knows tags by their names.
        """
        span = self.span
        asked = {"since": span.first.isoformat(), "until": span.last.isoformat(), "colour": "cost"}
        same = {name: getattr(span, field) for name, field in FILTERS.items() if name != "tag"}
        return "?" + urlencode(asked | {name: value for name, value in same.items() if value})

    @property
    def change(self) -> int | None:
        """Return the change from the previous span in percent; None if nothing was billed then."""
        if not self.before:
            return None
        return round((self.total.billed - self.before) * 100 / self.before)

    @property
    def open_count(self) -> int:
        """Return how many requests are still queued or running."""
        return max(self.total.not_final - self.unknown.requests, 0)

    @property
    def is_empty(self) -> bool:
        return self.review.is_empty

    @property
    def overlaps(self) -> bool:
        """Return whether a picture can be in several rows or columns."""
        return bool({self.asked.by, self.asked.then} & OF_PICTURES)

    @property
    def of_pictures(self) -> bool:
        """Return whether the figures are shares of pictures, not rows of the ledger."""
        return self.overlaps or self.span.of_pictures

    @property
    def hidden(self) -> Sequence[tuple[str, str]]:
        """Return what forms repeat: the filters of the address."""
        return [
            (name, str(value))
            for name, field in FILTERS.items()
            if (value := getattr(self.span, field)) is not None
            if not (self.is_own and name == "person")
        ]


def build_sheet(asked: CostsAsked, person: Person, *, is_own: bool = False) -> CostSheet:
    """Read and arrange the costs that an address asks for, as a person may see them.

    `is_own` is whether it is the page of that person's own costs.
    """
    target, span = settings.GATEWAY_TARGET, asked.span
    listed = "spending_generations" if is_own else "costs_generations"
    review = build_review(target, asked, person, listed=listed)
    before = sums_by(target, span.ending(today()).before)
    limit = people.studio_limit()
    shown = span.without("person_id") if is_own else span
    earlier, later = months_beside(asked)
    return CostSheet(
        asked=asked,
        review=review,
        title=days_named(span.first, span.last),
        total=review.whole or sums_by(target, span).get((), LedgerSum()),
        unknown=review.unknown or unknown_by(target, span).get((), UnknownSum()),
        before=before.get((), LedgerSum()).billed,
        limit=limit,
        left=None if limit is None else _left(target, limit),
        rows=[shown_row(review.columns, row) for row in review.rows],
        foot=shown_row(review.columns, review.total) if review.total else None,
        pages=_pages(asked, "page", review.all_rows, ROWS_ON_A_PAGE),
        beside=_pages(asked, "beside", review.all_columns, COLUMNS_ON_A_PAGE),
        timeline=timeline_of(review, target, person, listed=listed),
        forecast=forecast_of(span),
        only=only_of(shown, target, person, lambda other: query_asked(replace(asked, span=other))),
        presets=presets(asked, first_day(target)),
        earlier=earlier,
        later=later,
        groupings=_groupings(is_own=is_own),
        is_own=is_own,
    )


def _left(target: str, limit: int) -> int:
    """Return what is left of the studio's limit this month, in micro-dollars."""
    return max(limit - budget.counted(target, budget.current_month()), 0)


def _groupings(*, is_own: bool) -> tuple[tuple[str, str], ...]:
    names = (name for name in GROUPINGS if not (is_own and name == "person"))
    return tuple((name, str(TITLES[name])) for name in names)


def shown_row(columns: Sequence[ReviewColumn], row: ReviewRow) -> ShownRow:
    """Return a row with its values as texts, money of a column with as many places."""
    cells = [
        _cell(_text(one.kind, value), address if value is not None else "")
        for one, value, address in zip(columns[1:], row.values[1:], row.addresses[1:], strict=True)
    ]
    return ShownRow(str(row.values[0]), row.addresses[0], SafeString("".join(cells)))


def _cell(text: str, address: str) -> str:
    if not address:
        return f'<td class="n">{escaped(text)}</td>'
    return f'<td class="n"><a href="{escaped(address)}">{escaped(text)}</a></td>'


def _text(kind: str, value: str | int | None) -> str:
    if not isinstance(value, int):
        return value or "–"
    if kind != "money":
        return grouped(value)
    # What `column` says, of most amounts without a Decimal.
    whole, rest = divmod(value, 1_000_000)
    exact = not rest % 1000 and value >= 0
    return f"${whole:,}.{rest // 1000:03}" if exact else column(dollars(value))


def _pages(asked: CostsAsked, name: str, count: int, size: int) -> Pages | None:
    """Return where one is among the pages, None if there is one page."""
    if count <= size:
        return None
    page = getattr(asked, name)
    pages = {"page": asked.page, "beside": asked.beside}

    def leads_to(number: int) -> str:
        return query_asked(asked, **(pages | {name: number}))

    return Pages(
        first=min((page - 1) * size + 1, count),
        last=min(page * size, count),
        count=count,
        earlier=leads_to(page - 1) if page > 1 else "",
        later=leads_to(page + 1) if page * size < count else "",
    )


def only_of(span: Span, target: str, person: Person, query: Callable[[Span], str]) -> list[Only]:
    """Name what a span is narrowed to; `query` gives the query of a page of another span."""
    found = []
    for name, field in FILTERS.items():
        key = getattr(span, field)
        if key is not None:
            label = labels_of(name, [key], target, person)[key]
            found.append(Only(str(TITLES[name]), label, query(span.without(field))))
    return found
