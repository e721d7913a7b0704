"""The output of a connection: gunicorn writes here and never waits for the socket."""

import errno
import fcntl
import os
import socket
import struct
import sys
import termios
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .patience import Pace

# A generated response pauses while more than this is unsent.
MOST_BYTES_AHEAD = 2**20
# The loop serves all clients in turn, this much at a time.
MOST_BYTES_AT_ONCE = 2**20
SECONDS_BETWEEN_LOOKS = 0.01
# Of Linux: the states in which all that was sent may have arrived.
ESTABLISHED, CLOSE_WAIT = 1, 8


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
    """A part of a file, with a file descriptor of its own: the response closes its file early."""

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
    """Takes the place of the socket for gunicorn.

    What the socket does not take at once is kept here, and `on_waiting` tells the loop to send it
    when the socket takes more.
    """

    def __init__(self, line: socket.socket, on_waiting: Callable[[], None], stall: float) -> None:
        self._line, self._on_waiting, self._stall = line, on_waiting, stall
        self._parts: deque[_Bytes | _Piece] = deque()
        self._changed = threading.Condition()
        self._pace: Pace | None = None
        self._broken = False

    # Called by gunicorn

    def sendall(self, data: bytes) -> None:
        self._add(_Bytes(memoryview(data)))

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendfile(self, file: HasFile, offset: int, count: int) -> None:
        self._add(_Piece(os.dup(file.fileno()), offset, count))

    def setblocking(self, flag: bool) -> None:
        """Do nothing: no call here blocks on the socket."""

    def gettimeout(self) -> float:
        return 0.0

    def shutdown(self, how: int) -> None:
        """Close the connection of a response that broke off in its middle."""
        self.give_up()

    def close(self) -> None:
        self.give_up()

    # Called by who answers: a thread that knows this as `gunicorn.socket`

    def is_gone(self) -> bool:
        """Return whether the client has closed the connection."""
        if self._broken:
            return True
        try:
            return not self._line.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def is_taken(self) -> bool:
        """Wait until the client's machine has confirmed every byte; False if it never does."""
        with self._changed:
            self._changed.wait_for(lambda: self._broken or not self._parts)
        left, since = -1, time.monotonic()
        while not self._broken and (unconfirmed := _unconfirmed(self._line)):
            if unconfirmed != left:
                left, since = unconfirmed, time.monotonic()
            if time.monotonic() - since > self._stall:
                return False
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return not self._broken and _is_whole(self._line)

    # Called by the loop

    @property
    def is_waiting(self) -> bool:
        return bool(self._parts)

    @property
    def is_broken(self) -> bool:
        return self._broken

    @property
    def deadline(self) -> float:
        """Return when the client has read too slowly (monotonic clock, seconds)."""
        pace = self._pace
        return pace.deadline if pace and self._parts else float("inf")

    def flush(self) -> None:
        """Send what the socket takes now, up to a client's share of the loop."""
        with self._changed:
            self._send_some(MOST_BYTES_AT_ONCE)
            self._changed.notify_all()

    def give_up(self) -> None:
        """Discard what was not sent, and wake the thread that writes."""
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


def _unconfirmed(line: socket.socket) -> int:
    """Return how many sent bytes the other machine has not confirmed; 0 where it is not known."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        told = fcntl.ioctl(line, termios.TIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return int(struct.unpack("i", told)[0])


def _is_whole(line: socket.socket) -> bool:
    """Return whether the connection was not reset, which forgets what was not confirmed."""
    try:
        if not sys.platform.startswith("linux") or line.family == socket.AF_UNIX:
            return line.fileno() >= 0
        state = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    except OSError:
        return False
    return state in (ESTABLISHED, CLOSE_WAIT)
