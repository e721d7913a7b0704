"""Answers to orders of programs, and whether they arrived."""

import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from django.http import HttpRequest

from omixa_studio.services.api_orders import note_delivered

# The next request of a client may come before the last byte of its answer is noted as confirmed.
SECONDS_TO_CONFIRM = 1.0

_changed = threading.Condition()
_under_way: dict[int, list["Delivery"]] = {}


class Line(Protocol):
    """The way to a client, as the web server gives it."""

    def is_gone(self) -> bool: ...
    def is_taken(self) -> bool: ...


def line_of(request: HttpRequest) -> Line | None:
    """Return the way to the client of a request; None where the web server is another one."""
    line = request.META.get("gunicorn.socket")
    return line if hasattr(line, "is_taken") else None


class Delivery:
    """The bytes of an answer; its order is noted as delivered when the client has all of them.

    `size` is how many there will be, None if nobody knows. `counts` is whether getting them ends
    the order. `ends` is called when nothing more is sent, whatever came of it.
    """

    def __init__(
        self,
        order_id: int,
        pieces: Iterator[bytes],
        line: Line | None,
        *,
        size: int | None = None,
        counts: bool = False,
        ends: Callable[[], None] = lambda: None,
    ) -> None:
        self._order_id, self._pieces, self._line, self._ends = order_id, pieces, line, ends
        self._left, self.counts, self.is_whole = size, counts, False
        with _changed:
            _under_way.setdefault(order_id, []).append(self)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._pieces)
        except StopIteration:
            self.is_whole = True
            raise
        if self._left is not None:
            self._left -= len(piece)
            self.is_whole = not self._left
        return piece

    def close(self) -> None:
        """Note the delivery; the web server calls this after the last byte was handed over."""
        try:
            if self.counts and self.is_whole and (self._line is None or self._line.is_taken()):
                note_delivered(self._order_id)
        finally:
            self._ends()
            with _changed:
                _under_way[self._order_id].remove(self)
                if not _under_way[self._order_id]:
                    del _under_way[self._order_id]
                _changed.notify_all()


def is_confirmed_meanwhile(order_id: int) -> bool:
    """Return whether an answer was just handed over whole, after waiting until it is noted."""

    def there_is() -> bool:
        return any(one.is_whole and one.counts for one in _under_way.get(order_id, ()))

    with _changed:
        was = there_is()
        return was and _changed.wait_for(lambda: not there_is(), SECONDS_TO_CONFIRM)
