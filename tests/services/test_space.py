"""Turns at memory: as many as fit, in the order of asking, and no more than there are turns."""

import threading
import time
from contextlib import ExitStack

import pytest

from omixa_studio.services.space import NoSpace, Space


def fitting(space: Space, *sizes: int) -> int:
    """How many of some sizes are let in at a time."""
    with ExitStack() as held:
        for count, size in enumerate(sizes):
            try:
                held.enter_context(space.taken(size, seconds=0.01))
            except NoSpace:
                return count
    return len(sizes)


@pytest.mark.parametrize(
    ("turns", "sizes", "most"),
    [
        (2, (1, 1, 1), 2),
        (4, (1, 1, 1, 1, 1), 4),
        (2, (60, 1), 1),
        (2, (50, 50, 1), 2),
        (4, (60, 25, 25), 2),
        (2, (1000,), 1),
        (0, (1,) * 100, 100),
    ],
)
def test_it_lets_in_what_fits(turns: int, sizes: tuple[int, ...], most: int) -> None:
    assert fitting(Space(100, waiting=9, turns=turns), *sizes) == most


def test_it_keeps_the_order_of_asking() -> None:
    space, came = Space(100), []

    def ask(size: int) -> None:
        with space.taken(size):
            came.append(size)

    with space.taken(80):
        threads = [threading.Thread(target=ask, args=(size,)) for size in (90, 10)]
        for number, thread in enumerate(threads, 1):
            thread.start()
            while len(space._queue) < number:
                continue
        assert not came
    for thread in threads:
        thread.join(20)
    assert came == [90, 10]


def test_it_refuses_at_once_whoever_finds_too_many_waiting() -> None:
    space = Space(100, waiting=1)

    def ask() -> None:
        with space.taken(100):
            pass

    thread = threading.Thread(target=ask)
    began = time.monotonic()
    with space.taken(100):
        thread.start()
        while not space._queue:
            continue
        with pytest.raises(NoSpace), space.taken(1, seconds=30):
            pass
    thread.join(20)
    assert time.monotonic() - began < 25


def test_whoever_gives_up_lets_the_next_one_in() -> None:
    space, came = Space(100, waiting=1), threading.Event()

    def give_up() -> None:
        with pytest.raises(NoSpace), space.taken(100, seconds=2):
            pass

    def come_in() -> None:
        with space.taken(40):
            came.set()

    with space.taken(60):
        threads = [threading.Thread(target=work, daemon=True) for work in (give_up, come_in)]
        for number, thread in enumerate(threads, 1):
            thread.start()
            for _ in range(1000):
                if len(space._queue) >= number or came.wait(0.01):
                    break
        assert came.wait(20)
    for thread in threads:
        thread.join(20)
