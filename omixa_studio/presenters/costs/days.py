"""Links from a span of the costs page to other spans."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from omixa_studio.forms.costs import month_end
from omixa_studio.models.ledger import today
from omixa_studio.queries.costs import Span


@dataclass(frozen=True)
class Days:
    """A link to another span; `query` begins with "?"."""

    label: str
    query: str
    current: bool


def presets(span: Span, by: str) -> list[Days]:
    """Return links to the most common spans."""
    now = today()
    begun = now.replace(day=1)
    eve = begun - timedelta(days=1)
    choices = (
        (_("This month"), begun, month_end(now)),
        (_("Last month"), eve.replace(day=1), eve),
        (_("7 days"), now - timedelta(days=6), now),
        (_("30 days"), now - timedelta(days=29), now),
        (_("This year"), now.replace(month=1, day=1), now.replace(month=12, day=31)),
    )
    return [_days(label, span, first, last, by=by) for label, first, last in choices]


def months_beside(span: Span, by: str) -> tuple[Days, Days | None]:
    """Return links to the month before a span, and to the one after it if it has begun."""
    eve = span.first.replace(day=1) - timedelta(days=1)
    next_first = month_end(span.last) + timedelta(days=1)
    later = _days(date_format(next_first, "F Y"), span, next_first, month_end(next_first), by=by)
    earlier = _days(date_format(eve, "F Y"), span, eve.replace(day=1), eve, by=by)
    return earlier, later if next_first <= today() else None


def _days(label: str, span: Span, first: date, last: date, *, by: str) -> Days:
    other = Span(first, last, person_id=span.person_id, model=span.model)
    return Days(label, query_of(other, by), current=other == span)


def query_of(span: Span, by: str) -> str:
    """Return the query of the page for a span, its table by "model", by "person" or neither."""
    given = {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "person": span.person_id,
        "model": span.model,
        "by": by,
    }
    return "?" + urlencode(
        {name: value for name, value in given.items() if value not in (None, "")}
    )
