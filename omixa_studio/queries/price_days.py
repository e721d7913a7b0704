"""What choices of models cost on earlier days, and which rose lately."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db.models import QuerySet

from omixa_studio.models import PriceDay
from omixa_studio.models.ledger import today

from .prepared import Prepared

CHOICE = ("model", "quality", "size", "inputs")
FEWEST_DAYS = 5
LEAST_BILLED_MICROS = 1_000_000
DAYS_SHOWN = 7
MOST_SHOWN = 12


def days_before(row: PriceDay, *, since: date) -> Sequence[PriceDay]:
    """Return the days of the same choice before a day, with pictures that cost something."""
    same = {name: getattr(row, name) for name in ("target", *CHOICE)}
    rows = PriceDay.objects.filter(**same, day__gte=since, day__lt=row.day)
    return list(rows.filter(pictures__gt=0, billed_micros__gt=0))


def risen_lately(target: str) -> Sequence[PriceDay]:
    """Return the choices that cost more than usual within the last week, the latest first."""
    since = today() - timedelta(days=DAYS_SHOWN - 1)
    return _RISEN.rows(None, target, since)


def _risen(_nobody: None, target: str, since: date) -> QuerySet[PriceDay]:
    rows = PriceDay.objects.filter(target=target, day__gte=since, usual_micros__isnull=False)
    return rows.order_by("-day", "model", "pk")[:MOST_SHOWN]


_RISEN = Prepared(_risen)
