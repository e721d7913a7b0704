"""Limit how many pictures are decoded at a time by the memory they need."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class NoSpace(Exception):
    """Too many threads are waiting already, or the wait was too long."""


class Space:
    """An amount of memory in bytes, handed out in the order of asking.

    A request for more than all of it gets all of it. With `turns`, each request takes at least that
    fraction, so that no more than `turns` run at a time. `waiting` bounds how many requests with a
    deadline may queue up, since pages are answered by the same threads.
    """

    def __init__(self, most: int, *, waiting: int = 0, turns: int = 0) -> None:
        self._most, self._waiting = most, waiting
        self._least = most // turns if turns else 0
        self._taken = 0
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, size: int, *, seconds: float | None = None) -> Iterator[None]:
        """Hold `size` bytes during the block; without `seconds`, wait as long as it takes.

        Raises NoSpace.
        """
        size = min(max(size, self._least), self._most)
        self._enter(size, seconds)
        try:
            yield
        finally:
            with self._changed:
                self._taken -= size
                self._changed.notify_all()

    def _enter(self, size: int, seconds: float | None) -> None:
        ticket = object()
        with self._changed:
            if seconds is not None and len(self._queue) >= self._waiting:
                raise NoSpace
            self._queue.append(ticket)
            try:
                if not self._changed.wait_for(lambda: self._may_enter(ticket, size), seconds):
                    raise NoSpace
                self._taken += size
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()

    def _may_enter(self, ticket: object, size: int) -> bool:
        return self._queue[0] is ticket and self._taken + size <= self._most
