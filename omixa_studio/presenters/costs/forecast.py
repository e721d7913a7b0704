"""What the month is likely to cost by its end, from the last eight weeks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import isqrt

from django.conf import settings

from omixa_studio.dates import date_format
from omixa_studio.forms.costs import month_end
from omixa_studio.models.ledger import today
from omixa_studio.models.spans import Span
from omixa_studio.queries.cost_sums import cost_sums

DAYS_BACK = 56
LEAST_DAYS = 7
# From so many days on, each day of the week has a mean of its own.
DAYS_OF_WEEKDAYS = 28
# Four of five months end within so many standard deviations: 1.28, in hundredths.
WITHIN = 128


@dataclass(frozen=True)
class Forecast:
    """Micro-dollars by the end of the month, likely between `low` and `high`; `billed` so far.

    `days` is from how many days it was made.
    """

    month: str
    billed: int
    low: int
    likely: int
    high: int
    days: int


def forecast_of(span: Span) -> Forecast | None:
    """Forecast this month, narrowed like a span that contains today; None without a history."""
    now = today()
    if not span.first <= now <= span.last or span.of_pictures:
        return None
    back = span.of_days(now - timedelta(days=DAYS_BACK), now)
    sums = cost_sums(settings.GATEWAY_TARGET, back, ("day",))
    billed = {day: one.billed for (day,), one in sums.items()}
    if not billed or (now - min(billed)).days < LEAST_DAYS:
        return None
    return forecast_from(billed, now)


def forecast_from(billed: Mapping[date, int], now: date) -> Forecast:
    """Forecast the month of a day from what each day up to it was billed, in micro-dollars."""
    first = min(billed)
    past = [first + timedelta(days=n) for n in range((now - first).days)]
    means = _means(billed, past)
    ahead = [now + timedelta(days=n) for n in range((month_end(now) - now).days + 1)]
    so_far = sum(micros for day, micros in billed.items() if day >= now.replace(day=1))
    today_left = max(means[now.weekday()] - billed.get(now, 0), 0)
    likely = so_far + today_left + sum(means[day.weekday()] for day in ahead[1:])
    spread = sum((billed.get(day, 0) - means[day.weekday()]) ** 2 for day in past)
    swing = isqrt(spread * len(ahead) // len(past)) * WITHIN // 100
    return Forecast(
        month=date_format(now, "F"),
        billed=so_far,
        low=max(likely - swing, so_far),
        likely=likely,
        high=likely + swing,
        days=len(past),
    )


def _means(billed: Mapping[date, int], past: Sequence[date]) -> Mapping[int, int]:
    """Return the mean day by day of the week, from 0 for Monday."""
    if len(past) < DAYS_OF_WEEKDAYS:
        mean = sum(billed.get(day, 0) for day in past) // len(past)
        return dict.fromkeys(range(7), mean)
    days: dict[int, list[int]] = {n: [] for n in range(7)}
    for day in past:
        days[day.weekday()].append(billed.get(day, 0))
    return {n: sum(found) // len(found) for n, found in days.items()}
