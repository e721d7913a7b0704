"""The way back to a client: gunicorn writes here and never waits for the line."""

import errno
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .patience import Pace

# An answer that is put together while it is sent waits when this much has not gone.
MOST_BYTES_AHEAD = 2**20
# The loop serves all clients in turn, this much at a time.
MOST_BYTES_AT_ONCE = 2**20


class HasFile(Protocol):
    def fileno(self) -> int: ...


@dataclass
class _Bytes:
    data: memoryview

    def send(self, line: socket.socket) -> int:
        sent = line.send(self.data)
        self.data = self.data[sent:]
        return sent

    def is_done(self) -> bool:
        return not self.data

    def close(self) -> None:
        self.data = memoryview(b"")


@dataclass
class _Piece:
    """A part of a file, through a handle of its own: the answer closes its file early."""

    handle: int
    offset: int
    left: int

    def send(self, line: socket.socket) -> int:
        most = min(self.left, MOST_BYTES_AT_ONCE)
        sent = os.sendfile(line.fileno(), self.handle, self.offset, most)
        if not sent:
            raise BrokenPipeError(errno.EPIPE, "The file is shorter than was said.")
        self.offset += sent
        self.left -= sent
        return sent

    def is_done(self) -> bool:
        return not self.left

    def close(self) -> None:
        os.close(self.handle)


class Outlet:
    """Stands for the socket in gunicorn's hands; what the line does not take at once is
    kept here, and `on_waiting` tells the loop to send it when the line takes more."""

    def __init__(self, line: socket.socket, on_waiting: Callable[[], None], stall: float) -> None:
        self._line, self._on_waiting, self._stall = line, on_waiting, stall
        self._parts: deque[_Bytes | _Piece] = deque()
        self._changed = threading.Condition()
        self._pace: Pace | None = None
        self._broken = False

    # What gunicorn calls

    def sendall(self, data: bytes) -> None:
        self._add(_Bytes(memoryview(data)))

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendfile(self, file: HasFile, offset: int, count: int) -> None:
        self._add(_Piece(os.dup(file.fileno()), offset, count))

    def setblocking(self, flag: bool) -> None:
        """Nothing blocks here."""

    def gettimeout(self) -> float:
        return 0.0

    def shutdown(self, how: int) -> None:
        """An answer that broke off in its middle ends with the connection."""
        self.give_up()

    def close(self) -> None:
        self.give_up()

    # What the loop calls

    @property
    def is_waiting(self) -> bool:
        return bool(self._parts)

    @property
    def is_broken(self) -> bool:
        return self._broken

    @property
    def deadline(self) -> float:
        """When the client has read too slowly (monotonic clock)."""
        pace = self._pace
        return pace.deadline if pace and self._parts else float("inf")

    def flush(self) -> None:
        """Send what the line takes now, up to a client's share of the loop."""
        with self._changed:
            self._send_some(MOST_BYTES_AT_ONCE)
            self._changed.notify_all()

    def give_up(self) -> None:
        """Forget what was not sent, and let the thread that writes know."""
        with self._changed:
            self._broken = True
            self._drop_parts()
            self._changed.notify_all()

    def _add(self, part: _Bytes | _Piece) -> None:
        with self._changed:
            self._parts.append(part)
            if len(self._parts) == 1:
                self._pace = Pace(self._stall)
                self._send_some()
            if self._parts:
                self._on_waiting()
            self._changed.wait_for(lambda: self._broken or self._ahead() <= MOST_BYTES_AHEAD)
            if self._broken:
                self._drop_parts()
                raise BrokenPipeError(errno.EPIPE, "The client has gone, or is too slow.")

    def _send_some(self, most: float = float("inf")) -> None:
        try:
            while self._parts and most > 0 and self._pace:
                sent = self._parts[0].send(self._line)
                self._pace.add(sent)
                most -= sent
                if self._parts[0].is_done():
                    self._parts.popleft().close()
        except BlockingIOError:
            return
        except OSError:
            self._broken = True
            self._drop_parts()

    def _drop_parts(self) -> None:
        while self._parts:
            self._parts.popleft().close()

    def _ahead(self) -> int:
        return sum(len(part.data) for part in self._parts if isinstance(part, _Bytes))
