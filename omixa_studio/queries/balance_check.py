"""Compare balances with the ledger: for the worker and for tests, never for a page."""

from collections import Counter
from datetime import date

from django.db.models import CharField, DateField, F, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat, TruncWeek

from omixa_studio.models import Balance, BalanceKey, Charge, Period
from omixa_studio.models.limits import KEPT, BalanceKind

FIRST_DAYS: dict[Period, Combinable] = {
    Period.DAY: F("day"),
    Period.WEEK: TruncWeek("day", output_field=DateField()),
    Period.MONTH: Cast(Concat("month", Value("-01")), DateField()),
}


def differences() -> dict[BalanceKey, int]:
    """Return by how many micro-dollars each wrong balance exceeds its rows; {} if all are right.

    Rows and balances of one kind are read in one statement, and so at one moment: requests recorded
    meanwhile make no difference.
    """
    found: dict[BalanceKey, int] = {}
    for kept in KEPT:
        above: Counter[tuple[str, str, date]] = Counter()
        for target, subject, starts_on, micros in _sums(kept).union(_balances(kept), all=True):
            above[target, subject, starts_on] += int(micros)
        found |= {
            BalanceKey(target, kept.scope, subject, kept.period, starts_on): micros
            for (target, subject, starts_on), micros in above.items()
            if micros
        }
    return found


def _sums(kept: BalanceKind) -> QuerySet[Charge, tuple[str, str, date, int]]:
    """Return the negated sums of the ledger, grouped by the columns of its index, then renamed."""
    subject = Cast(kept.column, CharField()) if kept.column else Value("")
    return (
        Charge.objects.order_by()
        .annotate(subject=subject, starts_on=FIRST_DAYS[kept.period])
        .values_list("target", "subject", "starts_on")
        .annotate(micros=-Sum("amount_micros"))
    )


def _balances(kept: BalanceKind) -> QuerySet[Balance, tuple[str, str, date, int]]:
    rows = Balance.objects.filter(scope=kept.scope, period=kept.period).order_by()
    return rows.values_list("target", "subject", "starts_on", "counted_micros")
