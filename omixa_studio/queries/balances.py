"""Read balances, and the limits on them, by their keys.

Written as SQL: filtering each column by itself would look up every combination of their values.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from omixa_studio.models import Balance, BalanceKey, Limit, LimitRaise

from .statements import read

# Each key takes five values of a statement; SQLite accepts about 32,000.
KEYS_AT_A_TIME = 1_000
_KEY = "target, scope, subject, period, starts_on"
# CROSS JOIN keeps SQLite from reading all limits or all balances first.
_LIMITS = f"""
WITH wanted({_KEY}) AS (VALUES {{values}})
SELECT one.id, one.hard, one.amount_micros, wanted.target, one.scope, one.subject, one.period,
    wanted.starts_on, COALESCE(balance.counted_micros, 0), COALESCE((
        SELECT SUM(more.extra_micros) FROM "{LimitRaise._meta.db_table}" AS more
        WHERE more.limit_id = one.id AND more.until > %s
    ), 0)
FROM wanted CROSS JOIN "{Limit._meta.db_table}" AS one
LEFT JOIN "{Balance._meta.db_table}" AS balance
    ON balance.target = wanted.target AND balance.scope = wanted.scope
    AND balance.subject = wanted.subject AND balance.period = wanted.period
    AND balance.starts_on = wanted.starts_on
WHERE one.scope = wanted.scope AND one.subject = wanted.subject AND one.period = wanted.period
ORDER BY one.id
"""
_BALANCES = f"""
WITH wanted({_KEY}) AS (VALUES {{values}})
SELECT balance.id, balance.counted_micros, wanted.target, wanted.scope, wanted.subject,
    wanted.period, wanted.starts_on
FROM wanted CROSS JOIN "{Balance._meta.db_table}" AS balance
WHERE balance.target = wanted.target AND balance.scope = wanted.scope
    AND balance.subject = wanted.subject AND balance.period = wanted.period
    AND balance.starts_on = wanted.starts_on
"""


class CountedBalance(NamedTuple):
    """A balance: the id of its row, and the micro-dollars that it counts."""

    pk: int
    micros: int


class LimitOn(NamedTuple):
    """A limit with what counts against it and its raises that are valid now, in micro-dollars."""

    pk: int
    hard: bool
    amount_micros: int
    key: BalanceKey
    counted_micros: int
    raised_micros: int


def balances(keys: Collection[BalanceKey]) -> dict[BalanceKey, CountedBalance]:
    """Return the existing balances among some keys."""
    found: dict[BalanceKey, CountedBalance] = {}
    for batch in _batches(keys):
        for pk, micros, *names in _ask(_BALANCES, batch):
            found[_key(names)] = CountedBalance(pk, int(micros))
    return found


def limits_on(keys: Collection[BalanceKey]) -> list[LimitOn]:
    """Return every limit, hard or soft, on the balances of some keys; oldest first."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    return [
        LimitOn(pk, bool(hard), amount, _key(names), int(counted), int(raised))
        for batch in _batches(keys)
        for pk, hard, amount, *names, counted, raised in _ask(_LIMITS, batch, now)
    ]


def _batches(keys: Collection[BalanceKey]) -> Iterator[Sequence[BalanceKey]]:
    ordered = list(keys)
    for first in range(0, len(ordered), KEYS_AT_A_TIME):
        yield ordered[first : first + KEYS_AT_A_TIME]


def _ask(template: str, keys: Sequence[BalanceKey], *more: Any) -> list[tuple[Any, ...]]:
    values: list[Any] = []
    for target, scope, subject, period, starts_on in keys:
        day = connection.ops.adapt_datefield_value(starts_on)
        values += (target, scope, subject, period, day)
    return read(_statement(template, len(keys)), [*values, *more])


@cache
def _statement(template: str, count: int) -> str:
    return template.format(values=", ".join(["(%s, %s, %s, %s, %s)"] * count))


def _key(names: Sequence[Any]) -> BalanceKey:
    target, scope, subject, period, starts_on = names
    # SQLite has no dates.
    day = date.fromisoformat(starts_on) if isinstance(starts_on, str) else starts_on
    return BalanceKey(target, scope, subject, period, day)
