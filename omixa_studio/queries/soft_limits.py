"""Read the soft limits that were reached in the current period and not told yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, DateField, F, OuterRef, Q, Subquery, Value, When

from omixa_studio.models import Balance, Limit, Period
from omixa_studio.models.periods import first_day


@dataclass(frozen=True)
class ReachedLimit:
    """A soft limit, the first day of its period, and what counts in it, in micro-dollars."""

    limit: Limit
    starts_on: date
    counted_micros: int


def reached_soft_limits(target: str, day: date) -> Iterator[ReachedLimit]:
    """Yield the soft limits that the period of a day has reached without anybody being told.

    One statement, which reads one balance per soft limit.
    """
    starts = {period: first_day(period, day) for period in Period}
    begins = Case(
        *(When(period=period, then=Value(first)) for period, first in starts.items()),
        output_field=DateField(),
    )
    same = {name: OuterRef(name) for name in ("scope", "subject", "period", "starts_on")}
    counted = Balance.objects.filter(target=target, **same).values("counted_micros")
    soft = Limit.objects.filter(hard=False).annotate(starts_on=begins)
    reached = soft.annotate(counted=Subquery(counted)).filter(counted__gte=F("amount_micros"))
    told = Q(told_on=F("starts_on"), told_micros__gte=F("amount_micros"))
    for limit in reached.filter(Q(told_on=None) | ~told).order_by("pk"):
        yield ReachedLimit(limit, starts[Period(limit.period)], limit.counted)
