"""Compare balances with the ledger: for the worker and for tests, never for a page."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db.models import CharField, QuerySet, Sum, Value
from django.db.models.functions import Cast

from omixa_studio.models import Balance, BalanceKey, Charge, Period, Scope
from omixa_studio.models.limits import COLUMNS, NO_SUBJECT
from omixa_studio.models.periods import first_day


def differences() -> dict[BalanceKey, int]:
    """Return by how many micro-dollars each wrong balance exceeds its rows; {} if all are right.

    Rows and balances of one scope are read in one statement, and so at one moment: requests
    recorded meanwhile make no difference.
    """
    found: dict[BalanceKey, int] = {}
    for scope in COLUMNS:
        above: Counter[BalanceKey] = Counter()
        both = _sums(scope).union(_balances(scope), all=True)
        for target, subject, which, day, micros in both.iterator():
            if (scope, subject) not in NO_SUBJECT:
                for period, starts_on in _periods(which, day):
                    above[BalanceKey(target, scope, subject, period, starts_on)] += int(micros)
        found |= {key: micros for key, micros in above.items() if micros}
    return found


def _periods(which: str, day: date) -> Iterable[tuple[str, date]]:
    """Return the periods of a sum: its own of a balance, each of them for a month of the ledger."""
    if which in Period.values:
        return [(which, day)]
    month = date.fromisoformat(f"{which}-01")
    return [
        (period, month if period == Period.MONTH else first_day(period, day)) for period in Period
    ]


def _sums(scope: Scope) -> QuerySet[Charge, tuple[str, str, str, date, int]]:
    """Return the negated sums of the ledger, grouped by the columns of its index, then renamed."""
    subject = Cast(COLUMNS[scope], CharField()) if COLUMNS[scope] else Value("")
    return (
        Charge.objects.order_by()
        .annotate(subject=subject, which=Cast("month", CharField()))
        .values_list("target", "subject", "which", "day")
        .annotate(micros=-Sum("amount_micros"))
    )


def _balances(scope: Scope) -> QuerySet[Balance, tuple[str, str, str, date, int]]:
    rows = Balance.objects.filter(scope=scope).order_by()
    return rows.values_list("target", "subject", "period", "starts_on", "counted_micros")
