"""What votes say: known values, and what must hold for any votes."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omixa_studio.presenters.blind_tests.statistics import (
    FEWEST_VOTES,
    Record,
    chance,
    median,
    overall,
    ranking,
    records,
    wilson,
)

COUNTS = st.integers(0, 60)
RECORDS = st.builds(Record, COUNTS, COUNTS, COUNTS)


@pytest.mark.parametrize(
    ("points", "votes", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_it_gives_the_intervals_of_the_books(
    points: int, votes: int, low: float, high: float
) -> None:
    assert wilson(points, votes) == pytest.approx((low, high), abs=0.0001)


@pytest.mark.parametrize(
    ("wins", "losses", "wanted"),
    [(18, 2, 0.000402), (15, 5, 0.041389), (11, 9, 0.823803), (6, 0, 0.03125), (0, 0, 1.0)],
)
def test_it_gives_the_exact_sign_test(wins: int, losses: int, wanted: float) -> None:
    assert chance(wins, losses) == pytest.approx(wanted, abs=0.000001)
    assert chance(losses, wins) == chance(wins, losses)


@given(RECORDS)
def test_an_interval_holds_its_rate_and_stays_within_bounds(record: Record) -> None:
    if record.votes < FEWEST_VOTES:
        assert record.interval is None
        return
    assert record.interval is not None
    assert record.rate is not None
    low, high = record.interval
    assert 0 <= low <= record.rate + 1e-12
    assert record.rate - 1e-12 <= high <= 1


@given(RECORDS, st.integers(2, 9))
def test_more_votes_of_the_same_kind_narrow_it(record: Record, times: int) -> None:
    more = Record(record.wins * times, record.losses * times, record.equals * times)
    if record.interval and more.interval:
        assert more.interval[1] - more.interval[0] < record.interval[1] - record.interval[0]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), RECORDS)))
def test_what_one_wins_another_loses(counts: list[tuple[int, int, Record]]) -> None:
    counts = [(one, other, record) for one, other, record in counts if one != other]
    wholes = [overall(against) for against in records(counts).values()]
    assert sum(whole.wins for whole in wholes) == sum(whole.losses for whole in wholes)
    assert sum(whole.votes for whole in wholes) == 2 * sum(each[2].votes for each in counts)
    assert sum(whole.points for whole in wholes) * 2 == sum(whole.votes for whole in wholes)


def test_it_names_a_leader_that_is_ahead_of_everybody() -> None:
    each = records([(1, 2, Record(18, 2)), (1, 3, Record(15, 1)), (2, 3, Record(9, 8, 3))])
    ranked = ranking(each, (1, 2, 3))
    assert (ranked.leader, ranked.close, ranked.is_clear) == (1, (), True)
    assert ranked.against[2] == Record(18, 2)


def test_it_tells_from_whom_the_leader_cannot_be_told() -> None:
    each = records([(1, 2, Record(11, 9)), (1, 3, Record(18, 2)), (2, 3, Record(17, 3))])
    ranked = ranking(each, (1, 2, 3))
    assert (ranked.leader, ranked.close, ranked.is_clear) == (1, (2,), False)


def test_it_names_nobody_on_too_few_votes() -> None:
    assert ranking(records([(1, 2, Record(9, 0))]), (1, 2)).leader is None
    assert ranking({}, (1, 2)).leader is None


@pytest.mark.parametrize("contestants", [2, 3, 6])
def test_it_seldom_names_one_of_equals(contestants: int) -> None:
    """Also when the best of several is looked for after the votes: at most one time in twenty."""
    drawn, rounds = random.Random(contestants), 600

    def clear() -> bool:
        met = []
        for one, other in combinations(range(contestants), 2):
            wins = sum(drawn.random() < 0.5 for _ in range(20))
            met.append((one, other, Record(wins, 20 - wins)))
        return ranking(records(met), range(contestants)).is_clear

    assert sum(clear() for _ in range(rounds)) / rounds <= 0.05


@pytest.mark.parametrize(
    ("values", "middle"), [([], None), ([3], 3), ([9, 1], 5), ([9, 1, 2], 2), ([4, 1, 3, 2], 2.5)]
)
def test_it_gives_the_middle(values: list[float], middle: float | None) -> None:
    assert median(values) == middle


def test_it_names_nobody_while_one_has_too_few_votes() -> None:
    each = records([(1, 2, Record(12, 0)), (3, 1, Record(5, 0)), (3, 2, Record(4, 0))])
    assert ranking(each, (1, 2, 3)).leader is None
    without_a_picture = 4
    clear = records([(1, 2, Record(12, 0))])
    assert ranking(clear, (1, 2, without_a_picture)).leader == 1
