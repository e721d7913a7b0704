"""Addresses of pages of costs: the days, the filters, the groupings and the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from omixa_studio.forms.costs import CostsAsked, month_end
from omixa_studio.models.spans import Span

FILTERS = {
    "person": "person_id",
    "model": "model",
    "operation": "operation",
    "project": "project_id",
    "collection": "collection_id",
    "tag": "tag_id",
}


def query_of(span: Span, by: str = "", then: str = "", **more: Any) -> str:
    """Return the query of a page of costs, beginning with "?"; empty values are left out."""
    given = {name: getattr(span, field) for name, field in FILTERS.items()}
    given |= {"by": by, "then": then, **more}
    told = {name: value for name, value in given.items() if value not in (None, "")}
    # Tables have hundreds, and to quote a day takes as long as the rest.
    return f"?{_days(span)}" + (f"&{urlencode(told)}" if told else "")


def query_asked(asked: CostsAsked, **changes: Any) -> str:
    """Return the query of a page that asks for the same, but for some changes; the first page."""
    other = replace(asked, **({"page": 1, "beside": 1} | changes))
    pages = {"page": other.page, "beside": other.beside}
    return query_of(
        other.span, other.by, other.then, **{name: n for name, n in pages.items() if n > 1}
    )


def narrowed_to(span: Span, name: str, key: Any) -> Span:
    """Return a span narrowed to one key of a grouping, which may be a day, a week or a month."""
    if name in FILTERS:
        return replace(span, **{FILTERS[name]: key})
    first, last = max(key, span.first), min(_last_day(name, key), span.last)
    return span.of_days(first, last)


def _last_day(name: str, first: date) -> date:
    if name == "month":
        return month_end(first)
    return first + timedelta(days=6 if name == "week" else 0)


@dataclass(frozen=True)
class CellAddresses:
    """Addresses of lists behind the cells of a table: a table has hundreds, so from ready parts.

    `fixed` are the filters of the page on what it is not grouped by, `narrowed` those on what it
    is: a total is of no row or no column that would say them.
    """

    listed: str
    span: Span
    fixed: str
    narrowed: "Mapping[str, AddressPart]"

    def of(self, *parts: "AddressPart") -> str:
        """Return the address of the list behind a row, a column, both, or the whole table."""
        days = next((part.days for part in parts if part.days), _days(self.span))
        told = {**self.narrowed, **{part.name: part for part in parts}}
        return f"{self.listed}?{days}{self.fixed}{''.join(part.filter for part in told.values())}"


@dataclass(frozen=True)
class AddressPart:
    """What one key of the grouping `name` adds to an address: its days, or a filter."""

    name: str
    days: str = ""
    filter: str = ""


def cell_addresses(listed: str, span: Span, groupings: Sequence[str]) -> CellAddresses:
    """Return what makes the addresses of a table grouped by some things."""
    given = {
        name: value
        for name, field in FILTERS.items()
        if (value := getattr(span, field)) is not None
    }
    fixed = {name: value for name, value in given.items() if name not in groupings}
    narrowed = {name: part_of(span, name, given[name]) for name in given if name in groupings}
    return CellAddresses(listed, span, f"&{urlencode(fixed)}" if fixed else "", narrowed)


def part_of(span: Span, name: str, key: Any) -> AddressPart:
    """Return what a key of a grouping adds to an address."""
    if name in FILTERS:
        return AddressPart(name, filter=f"&{urlencode({name: key})}")
    return AddressPart(name, days=_days(narrowed_to(span, name, key)))


def _days(span: Span) -> str:
    return f"from={span.first}&to={span.last}"
