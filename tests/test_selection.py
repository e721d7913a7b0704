"""No test is lost on the way to the processes that run them; the long ones begin."""

from itertools import chain

import pytest

from tests.selection import deal, longest_first, share_of, touches_rows


def test_the_shares_are_all_tests() -> None:
    shares = [share_of(range(10), f"{number}/3") for number in (1, 2, 3)]
    assert sorted(chain(*shares)) == list(range(10))


def test_a_test_without_the_database_touches_no_rows(request: pytest.FixtureRequest) -> None:
    assert not touches_rows(request.node)


def test_a_test_with_the_database_touches_rows(request: pytest.FixtureRequest, db: None) -> None:
    assert touches_rows(request.node)


@pytest.mark.django_db(transaction=True)
def test_a_marked_test_touches_rows(request: pytest.FixtureRequest) -> None:
    assert touches_rows(request.node)


@pytest.mark.parametrize("processes", [1, 2, 3, 5])
@pytest.mark.parametrize(("long", "short"), [(0, 0), (1, 0), (0, 9), (7, 2), (2, 10), (4, 40)])
def test_each_process_begins_with_its_part_of_the_long_ones(
    processes: int, long: int, short: int
) -> None:
    order = deal(range(long), range(long, long + short), processes)
    assert sorted(order) == list(range(long + short))
    for number in range(processes if short > long * processes else 0):
        hand = list(range(number, long, processes))
        # As xdist cuts it.
        piece = len(order) // (processes - number)
        assert order[: len(hand)] == hand
        assert all(test >= long for test in order[len(hand) : piece])
        order = order[piece:]


def test_what_is_marked_comes_first(request: pytest.FixtureRequest) -> None:
    request.node.add_marker("slow")
    plain = [item for item in request.session.items if not item.get_closest_marker("slow")]
    assert longest_first([*plain, request.node], 1) == [request.node, *plain]
