"""The drawing of what days cost."""

from datetime import date, timedelta
from decimal import Decimal

from omixa_studio.presenters.costs.chart import HEIGHT, draw

FIRST = date(2026, 11, 1)
MONTH = [FIRST + timedelta(days=n) for n in range(30)]


def test_it_stacks_the_dearest_models_and_the_rest() -> None:
    amounts = {(FIRST, name): n * 100_000 for n, name in enumerate("abcde", start=1)}
    chart = draw(MONTH, amounts)
    assert chart.shades == ("e", "d", "c")
    assert chart.has_others
    [first, *others] = chart.bars
    assert first.amount == Decimal("1.500000")
    assert [part.shade for part in first.parts] == ["0", "1", "2", "3"]
    assert all(bar.parts == () for bar in others)


def test_it_keeps_every_bar_inside_the_drawing() -> None:
    chart = draw(MONTH, {(day, "a"): 10 ** (n % 8) for n, day in enumerate(MONTH)})
    for bar in chart.bars:
        assert 0 <= bar.left < bar.left + bar.width <= 100
        assert all(0 <= float(part.top) <= HEIGHT - float(part.height) for part in bar.parts)


def test_it_draws_heights_in_proportion() -> None:
    chart = draw(MONTH, {(MONTH[0], "a"): 1_000_000, (MONTH[1], "a"): 500_000})
    tall, half = (float(bar.parts[0].height) for bar in chart.bars[:2])
    assert tall > half
    assert abs(half * 2 - tall) < 3


def test_it_has_round_lines_above_every_bar() -> None:
    for dearest in (1, 39_000, 1_230_000, 99_999_999, 10**12):
        chart = draw(MONTH, {(FIRST, "a"): dearest})
        assert chart.lines[0] * 1_000_000 >= dearest
        assert chart.lines[-1] == 0
        assert len(chart.lines) == 4


def test_it_draws_months_where_days_are_too_many() -> None:
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    chart = draw(year, {(date(2026, 2, 1), "a"): 1, (date(2026, 2, 28), "a"): 2})
    assert chart.by_month
    assert len(chart.bars) == 12
    assert (chart.bars[1].first, chart.bars[1].last) == (date(2026, 2, 1), date(2026, 2, 28))
    assert chart.bars[1].amount == Decimal("0.000003")


def test_it_leaves_refunds_out_of_the_bars() -> None:
    chart = draw(MONTH, {(FIRST, "a"): -40_000, (FIRST, "b"): 40_000})
    assert chart.shades == ("b",)
    assert len(chart.bars[0].parts) == 1


def test_it_draws_nothing_of_nothing() -> None:
    chart = draw([FIRST], {})
    assert chart.bars[0].parts == ()
    assert chart.shades == ()
