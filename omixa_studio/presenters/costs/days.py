"""Links from a page of costs to other days."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.translation import gettext as _

from omixa_studio.dates import date_format
from omixa_studio.forms.costs import MOST_DAYS, CostsAsked, month_end
from omixa_studio.models.ledger import today

from .addresses import query_asked


@dataclass(frozen=True)
class Days:
    """A link to other days; `query` begins with "?"."""

    label: str
    query: str
    current: bool


def presets(asked: CostsAsked, since: date | None) -> list[Days]:
    """Return links to the most common days, one of them current at most.

    `since` is the first day of the ledger.
    """
    now = today()
    begun = now.replace(day=1)
    eve = begun - timedelta(days=1)
    first = max(since or begun, now - timedelta(days=MOST_DAYS - 40))
    choices = (
        (_("This month"), begun, month_end(now)),
        (_("Last month"), eve.replace(day=1), eve),
        (_("7 days"), now - timedelta(days=6), now),
        (_("30 days"), now - timedelta(days=29), now),
        (_("This year"), now.replace(month=1, day=1), now.replace(month=12, day=31)),
        (_("All"), min(first, begun), month_end(now)),
    )
    days = [_days(label, asked, first, last) for label, first, last in choices]
    # In the ledger's first month "All" is the same days as "This month", which says more.
    current = next((one for one in days if one.current), None)
    return [replace(one, current=one is current) for one in days]


def months_beside(asked: CostsAsked) -> tuple[Days, Days | None]:
    """Return links to the month before some days, and to the one after if it has begun."""
    eve = asked.span.first.replace(day=1) - timedelta(days=1)
    next_first = month_end(asked.span.last) + timedelta(days=1)
    later = _days(date_format(next_first, "F Y"), asked, next_first, month_end(next_first))
    earlier = _days(date_format(eve, "F Y"), asked, eve.replace(day=1), eve)
    return earlier, later if next_first <= today() else None


def days_named(first: date, last: date) -> str:
    """Return the title of a range of days, as short as it is clear."""
    if first == last:
        return date_format(first, "j E Y")
    if first == first.replace(day=1) and last == month_end(first):
        return date_format(first, "F Y")
    same_year = first.year == last.year
    begins = date_format(first, "j E" if same_year else "j E Y")
    return f"{begins} – {date_format(last, 'j E Y')}"


def _days(label: str, asked: CostsAsked, first: date, last: date) -> Days:
    span = asked.span.of_days(first, last)
    return Days(label, query_asked(replace(asked, span=span)), current=span == asked.span)
