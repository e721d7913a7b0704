"""One client's connection: what it has sent, what is awaited from it, and until when."""

import errno
import select
import socket
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Any

from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import LimitRequestHeaders, ParseException
from gunicorn.http.message import Request
from gunicorn.http.unreader import SocketUnreader

from omixa_studio.hosts import neighbourhood
from omixa_studio.program_paths import WAITS_FOR_PICTURES, is_for_programs

from .outlet import Outlet
from .patience import Pace, Patience

MOST_HEAD_BYTES = 64 * 2**10
# A body up to this size is read before a thread is used. Larger ones are files, which middleware
# refuses from strangers unread; so they are read by a thread, a few at a time.
MOST_READ_AHEAD = 64 * 2**10
UNKNOWN_LENGTH = 2**62
END_OF_HEAD = b"\r\n\r\n"


class LengthRequiredError(ParseException):  # type: ignore[misc]  # gunicorn is not typed
    """A chunked body, whose length is unknown until it has been read, where none is taken."""


class Phase(Enum):
    """The state of a connection."""

    WAITING = auto()  # for the first byte of a request
    HEAD = auto()
    BODY = auto()
    QUEUED = auto()  # a large body, waiting for a thread
    WORKING = auto()  # a thread has it
    SENDING = auto()  # the thread is done, the client still reads
    CLOSING = auto()  # our half is closed; data already sent may still arrive


class Inlet:
    """The bytes of one request: first those received, then those still to come."""

    def __init__(self, head: bytes, line: socket.socket, stall: float) -> None:
        self._here, self._line, self._stall = bytearray(head), line, stall
        self._pace: Pace | None = None
        self.left = 0

    def add(self, body: bytes, left: int) -> None:
        """Add the received part of the body, and how many bytes are still to come."""
        self._here += body
        self.left = left

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes, b"" at the end of the request.

        Raises ConnectionResetError when the client is too slow or gone.
        """
        if self._here:
            some = bytes(self._here[:size])
            del self._here[:size]
            return some
        return self._from_line(min(size, self.left)) if self.left else b""

    def _from_line(self, size: int) -> bytes:
        self._pace = self._pace or Pace(self._stall)
        poll = select.poll()
        poll.register(self._line, select.POLLIN)
        seconds = self._pace.deadline - time.monotonic()
        if seconds <= 0 or not poll.poll(seconds * 1000):
            raise ConnectionResetError(errno.ECONNRESET, "The client sends too slowly.")
        data = self._line.recv(size)
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "The client has gone.")
        self._pace.add(len(data))
        self.left -= len(data)
        return data


class _Request(Request):  # type: ignore[misc]  # gunicorn is not typed
    """A request whose response says that the connection ends if part of the body is unread."""

    def __init__(self, cfg: Any, inlet: Inlet, client: Any) -> None:
        self._inlet = inlet
        super().__init__(cfg, SocketUnreader(inlet), client)

    def should_close(self) -> bool:
        return self._inlet.left > 0 or bool(super().should_close())


class Connection:
    """A client's connection, as the loop sees it and as gunicorn's `handle` expects it."""

    # Tell gunicorn that there is nothing to set up or to wait for.
    initialized = data_ready = True
    is_http2 = False

    def __init__(
        self,
        line: socket.socket,
        client: Any,
        server: Any,
        *,
        patience: Patience,
        on_waiting: Callable[["Connection"], None],
    ) -> None:
        line.setblocking(False)
        self.line, self.client, self.server, self.patience = line, client, server, patience
        self.sock = Outlet(line, lambda: on_waiting(self), patience.stall)
        self.address = neighbourhood(client[0]) if isinstance(client, tuple) else ""
        self.phase = Phase.WAITING
        self.deadline = time.monotonic() + patience.first_byte
        self.request: Any = None
        self.keep = False
        self._received = bytearray()
        self._searched = 0
        self._inlet = Inlet(b"", line, patience.stall)
        self._body_bytes = 0
        self._pace: Pace | None = None

    # Called by gunicorn

    def init(self) -> None:
        """Do nothing: everything is set up."""

    @property
    def parser(self) -> "Connection":
        return self

    def __next__(self) -> Any:
        return self.request

    def finish_body(self, deadline: float) -> bool:
        """Return whether the next request begins where this one ends."""
        return not self._inlet.left

    # Called by the loop

    @property
    def is_large(self) -> bool:
        """Return whether a thread has to wait for the rest of the body."""
        return self._inlet.left > 0

    @property
    def is_receiving(self) -> bool:
        """Return whether a thread may still have to wait for a part of the body."""
        reader = self.request.body.reader
        is_whole = isinstance(reader, ChunkedReader) and not reader.parser
        return self.is_large and not is_whole

    @property
    def may_last(self) -> bool:
        """Return whether its answer may take as long as a picture takes to be made."""
        return bool(self.request.path[1:].startswith(WAITS_FOR_PICTURES))

    @property
    def is_for_program(self) -> bool:
        """Return whether a program asks, as far as its head has been read."""
        return self.request is not None and is_for_programs(self.request.path)

    @property
    def can_be_closed(self) -> bool:
        """Return whether closing it loses nothing but an incomplete request."""
        return self.phase in (Phase.WAITING, Phase.HEAD, Phase.BODY, Phase.CLOSING)

    def is_overdue(self, now: float) -> bool:
        if self.phase in (Phase.WORKING, Phase.SENDING):
            return now > self.sock.deadline
        return now > (self._pace.deadline if self._pace else self.deadline)

    @property
    def has_sent_request(self) -> bool:
        """Return whether a request has come that the loop has not seen yet.

        A busy loop looks late; closing would then reset a request that came in time. What has
        begun has no such grace, since a client could live from byte to byte.
        """
        if self.phase is not Phase.WAITING:
            return False
        try:
            return bool(self.line.recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    def take(self, cfg: Any, data: bytes) -> bool:
        """Add received data; return whether a thread should take the request now.

        Raises ParseException if the request is malformed.
        """
        self._received += data
        if self._pace:
            self._pace.add(len(data))
        if self.phase in (Phase.WAITING, Phase.HEAD) and not self._take_head(cfg):
            return False
        return self._take_body()

    def wait(self, phase: Phase, seconds: float) -> None:
        """Enter a phase that may last so many seconds."""
        self.phase, self.deadline, self._pace = phase, time.monotonic() + seconds, None

    def wait_for_next(self) -> None:
        """Get ready for the next request."""
        self.request = None
        self.wait(Phase.WAITING, self.patience.next_request)

    @property
    def has_more(self) -> bool:
        """Return whether a part of the next request has been received."""
        return bool(self._received)

    def _take_head(self, cfg: Any) -> bool:
        if self.phase is Phase.WAITING:
            self.wait(Phase.HEAD, self.patience.head)
        while self._received.startswith(b"\r\n"):
            del self._received[:2]
            self._searched = 0
        end = self._received.find(END_OF_HEAD, self._searched)
        # Only the last three bytes can begin a terminator that is still incomplete.
        self._searched = max(len(self._received) - 3, 0)
        if end < 0 and len(self._received) > MOST_HEAD_BYTES:
            raise LimitRequestHeaders("The head of the request is too large.")
        if end < 0:
            return False
        head = self._cut(end + len(END_OF_HEAD))
        self._inlet = Inlet(head, self.line, self.patience.stall)
        self.request = _Request(cfg, self._inlet, self.client)
        if not isinstance(self.request.body.reader, ChunkedReader):
            self._body_bytes = self.request.body.reader.length
        elif self.may_last:
            # A thread reads up to the last chunk, and the connection ends with the answer.
            self._body_bytes = UNKNOWN_LENGTH
        else:
            raise LengthRequiredError
        return True

    def _take_body(self) -> bool:
        missing = self._body_bytes - len(self._received)
        if missing > 0 and self._body_bytes <= MOST_READ_AHEAD:
            self._wait_for_body()
            return False
        self._inlet.add(self._cut(self._body_bytes), max(missing, 0))
        return True

    def _wait_for_body(self) -> None:
        if self.phase is Phase.BODY:
            return
        self.phase, self._pace = Phase.BODY, Pace(self.patience.stall)
        if self.request._expected_100_continue:
            self.request._expected_100_continue = False
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _cut(self, size: int) -> bytes:
        cut = bytes(self._received[:size])
        del self._received[:size]
        self._searched = 0
        return cut
