"""A review of costs as columns and rows of plain values.

Screen, CSV, spreadsheet and mail are all made from it. Amounts are whole micro-dollars.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.forms.costs import OF_PICTURES, OF_TIME, CostsAsked
from omixa_studio.models import Person
from omixa_studio.models.spans import Span
from omixa_studio.queries.cost_sums import LedgerSum, Sums, UnknownSum
from omixa_studio.queries.review_sums import sums_by, unknown_by
from omixa_studio.templatetags.studio import billed

from .addresses import (
    FILTERS,
    AddressPart,
    CellAddresses,
    cell_addresses,
    narrowed_to,
    part_of,
    query_of,
)
from .labels import TITLES, labels_of

ROWS_ON_A_PAGE = 25
# How a page that was narrowed to a row is grouped: by the first of these that it leaves open.
INNER = ("model", "person", "project", "operation")
COLUMNS_ON_A_PAGE = 12


@dataclass(frozen=True)
class ReviewColumn:
    """A column: "text", "money" (micro-dollars) or "count"; `key` is that of a second grouping."""

    name: str
    label: str
    kind: str
    key: Any = None


@dataclass(frozen=True)
class ReviewRow:
    """A row: a value for each column, None for unknown or nothing, and what each one opens.

    `addresses` lead to the generations behind each value, "" where there are none; the first leads
    to the page of costs narrowed to this row.
    """

    values: tuple[str | int | None, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class CostReview:
    """The table. `all_rows` counts those on all pages, `all_columns` those of a second grouping."""

    asked: CostsAsked
    columns: Sequence[ReviewColumn]
    rows: Sequence[ReviewRow]
    total: ReviewRow | None
    all_rows: int
    all_columns: int
    # Of all rows and of all columns, by key: those with the most billed first, or the latest time.
    sums: Mapping[Any, LedgerSum]
    beside: Mapping[Any, LedgerSum]
    # Of all rows, if they add up and were read.
    whole: LedgerSum | None = None
    unknown: UnknownSum | None = None
    # Of the rows and columns that are shown, by both keys.
    cells: Sums = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.all_rows


def build_review(
    target: str,
    asked: CostsAsked,
    person: Person,
    *,
    everything: bool = False,
    listed: str = "costs_generations",
) -> CostReview:
    """Read the review that an address asks for: one page of rows and columns, or `everything`.

    `person` is who reads it, and sees no private names. `listed` is the route of the lists that the
    values open.
    """
    sums = _ranked(sums_by(target, asked.span, (asked.by,)), asked.by)
    shown = list(sums) if everything else _page(list(sums), asked.page, ROWS_ON_A_PAGE)
    labels = labels_of(asked.by, shown, target, person)
    addresses = cell_addresses(reverse(listed), asked.span, (asked.by, asked.then))
    make = _Rows(target, asked, person, addresses, labels)
    return make.crossed(sums, shown, everything) if asked.then else make.plain(sums, shown)


def _ranked(sums: Sums, name: str) -> dict[Any, LedgerSum]:
    """Return sums by their only key: times with the latest first, others with the highest bill."""
    found = [(key, one) for (key,), one in sums.items()]
    if name in OF_TIME:
        return dict(sorted(found, key=lambda item: item[0], reverse=True))
    return dict(sorted(found, key=lambda item: (-item[1].billed, -item[1].requests)))


def _page(keys: Sequence[Any], page: int, size: int) -> Sequence[Any]:
    return keys[(page - 1) * size : page * size]


@dataclass(frozen=True)
class _Rows:
    """Makes the rows of one review."""

    target: str
    asked: CostsAsked
    person: Person
    addresses: CellAddresses
    labels: Mapping[Any, str]

    def plain(self, sums: Mapping[Any, LedgerSum], shown: Sequence[Any]) -> CostReview:
        """Make a table by one grouping: what was bought, billed, reserved, failed and unknown."""
        lost = unknown_by(self.target, self.asked.span, (self.asked.by,))
        columns = (
            ReviewColumn(self.asked.by, str(TITLES[self.asked.by]), "text"),
            ReviewColumn("pictures", _("Pictures"), "count"),
            ReviewColumn("billed", billed(settings.SANDBOX_MODE), "money"),
            ReviewColumn("each", _("Per picture"), "money"),
            ReviewColumn("reserved", _("Reserved"), "money"),
            ReviewColumn("failed", _("Failed"), "count"),
            ReviewColumn("unknown", _("Cost unknown"), "count"),
        )
        rows = [self._plain(key, sums[key], lost.get((key,), UnknownSum())) for key in shown]
        if not self._adds_up:
            return CostReview(self.asked, columns, rows, None, len(sums), 0, sums, {})
        whole, unknown = _whole_of(sums.values()), UnknownSum()
        for one in lost.values():
            unknown.add(one)
        foot = ReviewRow((_("All"), *_figures(whole, unknown)), ("", *self._lists()))
        return CostReview(self.asked, columns, rows, foot, len(sums), 0, sums, {}, whole, unknown)

    def _plain(self, key: Any, line: LedgerSum, lost: UnknownSum) -> ReviewRow:
        span = narrowed_to(self.asked.span, self.asked.by, key)
        part = part_of(self.asked.span, self.asked.by, key)
        return ReviewRow(
            (self.labels[key], *_figures(line, lost)), (self._inner(span), *self._lists(part))
        )

    @property
    def _adds_up(self) -> bool:
        """Return whether each request is in one row: a picture can be in several collections."""
        return not {self.asked.by, self.asked.then} & OF_PICTURES

    def _lists(self, *parts: AddressPart) -> tuple[str, ...]:
        """Return the list behind each figure of a row."""
        all_of_it = self.addresses.of(*parts)
        by_state = (f"{all_of_it}&state={state}" for state in ("open", "failed", "unknown"))
        return (all_of_it, all_of_it, all_of_it, *by_state)

    def _inner(self, span: Span) -> str:
        """Return the page narrowed to a row, grouped by what is left."""
        told = {name for name, field in FILTERS.items() if getattr(span, field) is not None}
        left = (name for name in INNER if name not in told and name != self.asked.by)
        return query_of(span, self.asked.then or next(left, "day"))

    def crossed(
        self, sums: Mapping[Any, LedgerSum], shown: Sequence[Any], everything: bool
    ) -> CostReview:
        """Make a table by two groupings: what was billed, one column for each second key."""
        by, then, span = self.asked.by, self.asked.then, self.asked.span
        beside = _ranked(sums_by(self.target, span, (then,)), then)
        keys: Sequence[Any] = list(beside)
        if not everything:
            keys = _page(keys, self.asked.beside, COLUMNS_ON_A_PAGE)
        cells = self._cells({by: shown, then: keys})
        names = labels_of(then, keys, self.target, self.person)
        columns = (
            ReviewColumn(by, str(TITLES[by]), "text"),
            ReviewColumn("billed", _("All"), "money"),
            *(ReviewColumn(then, names[key], "money", key) for key in keys),
        )
        parts = {key: part_of(span, then, key) for key in keys}
        rows = [self._crossed(key, parts, sums[key], cells) for key in shown]
        foot = self._crossed_foot(parts, beside) if self._adds_up else None
        whole = _whole_of(sums.values()) if self._adds_up else None
        found = (len(sums), len(beside), sums, beside, whole)
        return CostReview(self.asked, columns, rows, foot, *found, cells=cells)

    def _cells(self, shown: Mapping[str, Sequence[Any]]) -> Sums:
        """Read the cells of the rows and columns that are shown, and of no others."""
        span, only = self.asked.span, {}
        if not all(shown.values()):
            return {}
        for name, keys in shown.items():
            if name in OF_TIME:
                first, last = narrowed_to(span, name, keys[-1]), narrowed_to(span, name, keys[0])
                span = span.of_days(first.first, last.last)
            else:
                only[name] = keys
        return sums_by(self.target, span, tuple(shown), only=only)

    def _crossed(
        self, row: Any, parts: Mapping[Any, AddressPart], line: LedgerSum, cells: Sums
    ) -> ReviewRow:
        """Make a row; `parts` are what each column adds to an address."""
        own = part_of(self.asked.span, self.asked.by, row)
        found = [cells.get((row, key)) for key in parts]
        lists = [
            self.addresses.of(own, part) if one else ""
            for part, one in zip(parts.values(), found, strict=True)
        ]
        inner = self._inner(narrowed_to(self.asked.span, self.asked.by, row))
        return ReviewRow(
            (self.labels[row], line.billed, *(one.billed if one else None for one in found)),
            (inner, self.addresses.of(own), *lists),
        )

    def _crossed_foot(
        self, parts: Mapping[Any, AddressPart], beside: Mapping[Any, LedgerSum]
    ) -> ReviewRow:
        total = sum(one.billed for one in beside.values())
        lists = (self.addresses.of(part) for part in parts.values())
        return ReviewRow(
            (_("All"), total, *(beside[key].billed for key in parts)),
            ("", self.addresses.of(), *lists),
        )


def _whole_of(sums: Iterable[LedgerSum]) -> LedgerSum:
    whole = LedgerSum()
    for one in sums:
        whole.add(one)
    return whole


def _figures(line: LedgerSum, lost: UnknownSum) -> tuple[int | None, ...]:
    """Return the values of a row: what is 0 of the last three is nothing to tell."""
    return (
        line.pictures,
        line.billed,
        line.each,
        line.open or None,
        line.failed + lost.failed or None,
        lost.requests or None,
    )
