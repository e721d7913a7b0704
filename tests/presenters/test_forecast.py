"""The forecast of a month: what is billed, and as many days as are left at what days cost."""

from datetime import date, timedelta

from omixa_studio.presenters.costs.forecast import forecast_from

NOW = date(2026, 11, 20)


def history(days: int, cost: dict[int, int]) -> dict[date, int]:
    """What each of the last days cost, by its day of the week."""
    past = [NOW - timedelta(days=n) for n in range(days, 0, -1)]
    return {day: cost.get(day.weekday(), 0) for day in past}


def test_equal_days_go_on_without_a_range() -> None:
    found = forecast_from(history(40, dict.fromkeys(range(7), 1_000)), NOW)
    assert (found.billed, found.likely) == (19_000, 30_000)
    assert (found.low, found.high) == (30_000, 30_000)


def test_weekends_are_weekends() -> None:
    found = forecast_from(history(42, dict.fromkeys(range(5), 1_000)), NOW)
    # Of 20 to 30 November 2026, a Friday and six working days are left.
    assert found.likely == found.billed + 7 * 1_000
    assert found.low == found.high == found.likely


def test_few_days_have_one_mean_and_a_range() -> None:
    found = forecast_from(history(10, {0: 7_000}), NOW)
    assert found.low < found.likely < found.high
    assert found.low >= found.billed


def test_what_today_cost_is_not_counted_twice() -> None:
    days = history(40, dict.fromkeys(range(7), 1_000))
    assert forecast_from({**days, NOW: 400}, NOW).likely == 30_000
    assert forecast_from({**days, NOW: 5_000}, NOW).likely == 34_000
