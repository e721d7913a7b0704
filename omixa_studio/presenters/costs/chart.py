"""A chart of costs per day, as plain figures that a template can draw.

Horizontal positions are percentages, so that one drawing fits a phone and a wide screen and its
text keeps its size; vertical ones are pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from omixa_studio.models import dollars

HEIGHT = 180
LINES = 4
MOST_BARS = 62
SHADES = 3


@dataclass(frozen=True)
class ChartPart:
    """A part of a bar as texts: its shade, its place (percent), its top and height (pixels)."""

    shade: str
    left: str
    width: str
    top: str
    height: str


@dataclass(frozen=True)
class Bar:
    """One day or month: its position (percent), its cost (dollars), its parts, its label."""

    first: date
    last: date
    left: float
    width: float
    middle: float
    amount: Decimal
    parts: tuple[ChartPart, ...]
    labelled: bool


@dataclass(frozen=True)
class Chart:
    """Bars, and grid lines at `lines` dollars, top line first; the parts by shade."""

    bars: tuple[Bar, ...]
    lines: tuple[Decimal, ...]
    shades: tuple[Any, ...]
    has_others: bool
    by_month: bool
    height: int = HEIGHT

    @property
    def long_dates(self) -> str:
        """Return the date format of a bar's full name."""
        return "F Y" if self.by_month else "j E"

    @property
    def short_dates(self) -> str:
        """Return the date format of the labels under the bars, with the year if months repeat."""
        if not self.by_month:
            return "j"
        return "M y" if len(self.bars) > 12 else "M"


def draw(
    days: Sequence[date],
    amounts: Mapping[tuple[date, Any], int],
    dearest: Sequence[Any] | None = None,
) -> Chart:
    """Stack what each part costs per day; the three dearest parts have their own shades.

    `amounts` are micro-dollars by day and part, such as a model; `dearest` are the parts with a
    shade, if known. More than MOST_BARS days are drawn as months.
    """
    by_month = len(days) > MOST_BARS
    groups = _months(days) if by_month else [(day, day) for day in days]
    place = {
        day: n for n, (first, last) in enumerate(groups) for day in _between(days, first, last)
    }
    sums: dict[Any, int] = {}
    stacks: list[dict[Any, int]] = [{} for _ in groups]
    for (day, part), amount in amounts.items():
        sums[part] = sums.get(part, 0) + amount
        stack = stacks[place[day]]
        stack[part] = stack.get(part, 0) + amount
    ranked = sorted((part for part in sums if sums[part] > 0), key=lambda one: -sums[one])
    own = [part for part in dearest if part in ranked] if dearest is not None else ranked
    shades = {part: n for n, part in enumerate(own[:SHADES])}
    step = _round_step(max((sum(stack.values()) for stack in stacks), default=0))
    bars = tuple(
        _bar(n, group, len(groups), _heights(stack, shades, step * (LINES - 1)), stack)
        for n, (group, stack) in enumerate(zip(groups, stacks, strict=True))
    )
    lines = tuple(dollars(step * n) or Decimal(0) for n in reversed(range(LINES)))
    return Chart(bars, lines, tuple(shades), len(ranked) > len(shades), by_month)


def _bar(
    n: int,
    group: tuple[date, date],
    count: int,
    heights: Sequence[float],
    stack: dict[Any, int],
) -> Bar:
    share = 100 / count
    left, width = round((n + 0.16) * share, 3), round(0.68 * share, 3)
    return Bar(
        first=group[0],
        last=group[1],
        left=left,
        width=width,
        middle=round((n + 0.5) * share, 3),
        amount=dollars(sum(stack.values())) or Decimal(0),
        parts=_parts(heights, left, width),
        labelled=n % _label_every(count) == 0,
    )


def _label_every(bars: int) -> int:
    """Leave room between labels on a phone; in a month label one day a week."""
    return 1 if bars <= 7 else 7 if 24 < bars <= 35 else -(-bars // 6)


def _heights(stack: dict[Any, int], shades: Mapping[Any, int], top: int) -> list[float]:
    """Return the height of each shade in a bar, in pixels; the last shade is that of all others."""
    amounts = [0] * (SHADES + 1)
    for part, amount in stack.items():
        amounts[shades.get(part, SHADES)] += max(amount, 0)
    return [amount * HEIGHT / top for amount in amounts]


def _parts(heights: Sequence[float], left: float, width: float) -> tuple[ChartPart, ...]:
    """Stack the parts of a bar, the dearest at the bottom, all others on top."""
    parts, below = [], 0.0
    for shade, height in enumerate(heights):
        if height:
            gap = min(1.5, height / 3)
            top = round(HEIGHT - below - height + gap, 2)
            figures = (shade, left, width, top, round(height - gap, 2))
            parts.append(ChartPart(*map(str, figures)))
        below += height
    return tuple(parts)


def _round_step(most: int) -> int:
    """Return a round number of micro-dollars; LINES - 1 of them reach above the highest bar."""
    least = max(most, 1) / (LINES - 1)
    size = 1
    while size * 10 <= least:
        size *= 10
    return next(
        (
            size * n // 10
            for n in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
            if size * n // 10 >= least
        ),
        size * 10,
    )


def _months(days: Sequence[date]) -> list[tuple[date, date]]:
    ends: dict[tuple[int, int], tuple[date, date]] = {}
    for day in days:
        month = (day.year, day.month)
        ends[month] = (ends.get(month, (day, day))[0], day)
    return list(ends.values())


def _between(days: Sequence[date], first: date, last: date) -> Sequence[date]:
    start = (first - days[0]).days
    return days[start : start + (last - first).days + 1]
