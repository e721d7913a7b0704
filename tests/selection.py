"""Which of the collected tests run, and in what order."""

from collections.abc import Sequence
from itertools import chain, islice
from typing import TypeVar

import pytest

Test = TypeVar("Test")


def touches_rows(item: pytest.Item) -> bool:
    """Say whether pytest-django lets a test reach the database; it blocks all the others."""
    names = getattr(item, "fixturenames", ())
    marked = item.get_closest_marker("django_db") is not None
    return marked or "_django_db_helper" in names or "live_server" in names


def share_of(tests: Sequence[Test], share: str) -> Sequence[Test]:
    """Return every third test from the second on for "2/3"; the three shares are all tests."""
    number, shares = map(int, share.split("/"))
    return tests[number - 1 :: shares]


def deal(long: Sequence[Test], short: Sequence[Test], processes: int) -> list[Test]:
    """Order tests so that each process begins with its part of the long ones.

    `--dist worksteal` cuts the order into one piece for each process. What is stolen later comes
    from the ends of the pieces: so none is left alone with a long test at the end.
    """
    order: list[Test] = []
    rest = iter(short)
    for number in range(processes):
        piece = (len(long) + len(short) - len(order)) // (processes - number)
        hand = long[number::processes]
        order += [*hand, *islice(rest, max(piece - len(hand), 0))]
    return order


def longest_first(items: Sequence[pytest.Item], processes: int) -> list[pytest.Item]:
    """Order tests for so many processes: those marked first, then the slow ones, then the rest."""
    marked = [[item for item in items if item.get_closest_marker(m)] for m in ("first", "slow")]
    long = list(dict.fromkeys(chain(*marked)))
    known = set(long)
    return deal(long, [item for item in items if item not in known], processes)
