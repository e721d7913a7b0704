"""A gunicorn worker whose loop waits for slow clients, so that its threads do not."""

import errno
import json
import resource
import selectors
import socket
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

from omixa_studio import env
from omixa_studio.program_paths import MOST_WAITING

from .connection import Connection, LengthRequiredError, Phase
from .patience import Patience

HEALTH = "/health"
MOST_CONNECTIONS = 1000
# An address gets this fraction of them, so that it cannot crowd out the others.
PART_OF_ONE_ADDRESS = 4
WANTED_FILES = 4096
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_WITHOUT_FILES = 0.05
OUT_OF_FILES = (errno.EMFILE, errno.ENFILE)


@dataclass(frozen=True)
class LoopRefusal:
    """What the loop itself answers; `code` and whether to `retry` are for programs."""

    status: int
    reason: str
    sentence: str
    code: str
    retry: bool

    @property
    def in_json(self) -> bytes:
        """Return the whole answer to a program, in the shape of the API's other errors."""
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        error = {"message": self.sentence, "type": kind, "param": None, "code": self.code}
        body = json.dumps({"error": error}).encode()
        head = (
            f"HTTP/1.1 {self.status} {self.reason}\r\n"
            "Connection: close\r\n"
            "Content-Type: application/json\r\n"
            f"x-should-retry: {str(self.retry).lower()}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


TOO_SLOW = LoopRefusal(
    408, "Request Timeout", "The request did not come in time.", "request_too_slow", retry=True
)
TOO_BUSY = LoopRefusal(
    503,
    "Service Unavailable",
    "Too many files are being sent; try again in a while.",
    "too_many_waiting",
    retry=True,
)
NO_LENGTH = LoopRefusal(
    411,
    "Length Required",
    "Send the body with its length, not in chunks.",
    "length_required",
    retry=False,
)


class PatientServer(ThreadWorker):  # type: ignore[misc]  # gunicorn is not typed
    """Reads requests in the loop and hands complete ones to threads.

    A connection belongs either to the loop or, while it is WORKING, to a thread.
    """

    patience = Patience()

    def init_process(self) -> None:
        """Set up the loop and run it; called in the process that serves."""
        self.connections: dict[Connection, None] = {}
        self.queued: list[Connection] = []
        self.large: list[Connection] = []
        self.look_at = 0.0
        self.most = min(MOST_CONNECTIONS, _most_files() // 3)
        # Behind a proxy all clients have one address.
        self.shares = 1 if env.whole("STUDIO_PROXIES", 0) else PART_OF_ONE_ADDRESS
        # Health checks are answered even while every other thread is busy.
        self.for_probes = ThreadPoolExecutor(1)
        # Programs wait for their pictures. The rest of them is told so, or is still sending.
        self.for_waiting = ThreadPoolExecutor(MOST_WAITING + self.cfg.threads)
        super().init_process()

    def run(self) -> None:
        self.poller.register(
            self.method_queue.fileno(), selectors.EVENT_READ, self.method_queue.run_callbacks
        )
        self.set_accept_enabled(True)
        while self.alive and self.is_parent_alive():
            self._turn()
        self.set_accept_enabled(False)
        self._finish_all(time.monotonic() + self.cfg.graceful_timeout)

    def _turn(self) -> None:
        self.notify()
        self.wait_for_and_dispatch_events(timeout=SECONDS_BETWEEN_LOOKS)
        now = time.monotonic()
        if now < self.look_at:
            return
        self.look_at = now + SECONDS_BETWEEN_LOOKS
        # Threads tell nobody when they have read a body and only wait for pictures.
        self._start_large()
        for connection in [one for one in self.connections if one.is_overdue(now)]:
            if not connection.has_sent_request:
                self._end_waiting(connection)

    def _finish_all(self, deadline: float) -> None:
        """Let requests that have begun finish."""
        last = time.monotonic() + self.patience.goodbye
        while self.connections and time.monotonic() < deadline:
            for connection in self.connections:
                if connection.phase is Phase.WAITING:
                    connection.deadline = min(connection.deadline, last)
            self._turn()
        for connection in list(self.connections):
            self._drop(connection)
        self.tpool.shutdown(wait=False)
        self.for_probes.shutdown(wait=False)
        self.for_waiting.shutdown(wait=False)
        for listener in self.sockets:
            listener.close()

    # Accepting

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, if need be in place of the one that has waited longest."""
        try:
            line, client = listener.accept()
        except OSError as error:
            if error.errno in OUT_OF_FILES and not self._make_room(list(self.connections)):
                time.sleep(SECONDS_WITHOUT_FILES)
            return
        connection = Connection(
            line,
            client,
            listener.getsockname(),
            patience=self.patience,
            on_waiting=lambda one: self.method_queue.defer(self._watch_writing, one),
        )
        if self._has_room_for(connection.address):
            self.connections[connection] = None
            self._watch(connection, selectors.EVENT_READ, self._read)
        else:
            line.close()

    def _has_room_for(self, address: str) -> bool:
        neighbours = [one for one in self.connections if one.address == address]
        if len(neighbours) >= self.most // self.shares:
            return self._make_room(neighbours)
        return len(self.connections) < self.most or self._make_room(list(self.connections))

    def _make_room(self, among: list[Connection]) -> bool:
        free = (one for one in among if one.can_be_closed and not one.has_sent_request)
        oldest = next(free, None)
        if oldest:
            self._drop(oldest)
        return oldest is not None

    # Reading

    def _read(self, connection: Connection) -> None:
        try:
            data = connection.line.recv(2**16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
        elif connection.phase is not Phase.CLOSING:
            self._take(connection, data)

    def _take(self, connection: Connection, data: bytes) -> None:
        try:
            whole = connection.take(self.cfg, data)
        except LengthRequiredError:
            self._refuse(connection, NO_LENGTH)
        except ParseException as error:
            self.handle_error(None, connection.sock, connection.client, error)
            self._say_goodbye(connection)
        else:
            if whole:
                self._unwatch(connection)
                self._queue(connection)

    # Working

    def _queue(self, connection: Connection) -> None:
        if connection.is_large:
            connection.wait(Phase.QUEUED, self.patience.thread)
            self.queued.append(connection)
            self._start_large()
        else:
            self._start(connection)

    def _start_large(self) -> None:
        """Start queued requests with files, a few at a time, so that others get threads too."""
        for connection in list(self.queued):
            if connection.may_last:
                alike = [one for one in self.large if one.may_last and one.is_receiving]
                most = MOST_WAITING // 2
            else:
                alike = [one for one in self.large if not one.may_last]
                most = max(self.cfg.threads // 2, 1)
            mine = [one for one in alike if one.address == connection.address]
            mine_at_most = most if self.shares == 1 else max(most // 2, 1)
            if len(alike) < most and len(mine) < mine_at_most:
                self.queued.remove(connection)
                self.large.append(connection)
                self._start(connection)

    def _start(self, connection: Connection) -> None:
        connection.phase = Phase.WORKING
        pool = self.for_probes if connection.request.path == HEALTH else self.tpool
        if connection.may_last:
            pool = self.for_waiting
        done = pool.submit(self.handle, connection)
        done.add_done_callback(partial(self.method_queue.defer, self._finish, connection))

    def _finish(self, connection: Connection, done: "Future[Any]") -> None:
        if connection in self.large:
            self.large.remove(connection)
            self._start_large()
        connection.keep = not done.cancelled() and not done.exception() and bool(done.result())
        connection.phase = Phase.SENDING
        if connection.sock.is_broken:
            self._drop(connection)
        elif not connection.sock.is_waiting:
            self._go_on(connection)

    # Sending

    def _watch_writing(self, connection: Connection) -> None:
        if connection.sock.is_waiting and connection in self.connections:
            self._watch(connection, selectors.EVENT_WRITE, self._write)

    def _write(self, connection: Connection) -> None:
        connection.sock.flush()
        if connection.sock.is_waiting:
            return
        self._unwatch(connection)
        if connection.phase is Phase.SENDING:
            self._go_on(connection)
        elif connection.phase is not Phase.WORKING:
            self._watch(connection, selectors.EVENT_READ, self._read)

    def _go_on(self, connection: Connection) -> None:
        if connection.sock.is_broken:
            self._drop(connection)
        elif not connection.keep:
            self._say_goodbye(connection)
        else:
            connection.wait_for_next()
            self._watch(connection, selectors.EVENT_READ, self._read)
            if connection.has_more:
                self._take(connection, b"")

    # Ending

    def _end_waiting(self, connection: Connection) -> None:
        if connection.phase in (Phase.HEAD, Phase.BODY):
            self._refuse(connection, TOO_SLOW)
        elif connection.phase is Phase.QUEUED:
            self.queued.remove(connection)
            self._refuse(connection, TOO_BUSY)
        else:
            self._drop(connection)

    def _refuse(self, connection: Connection, why: LoopRefusal) -> None:
        if connection.is_for_program:
            util.write_nonblock(connection.sock, why.in_json)
        else:
            util.write_error(connection.sock, why.status, why.reason, why.sentence)
        self._say_goodbye(connection)

    def _say_goodbye(self, connection: Connection) -> None:
        """Close our half, and read for a moment: a reset would discard the response."""
        try:
            connection.line.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(connection)
            return
        connection.wait(Phase.CLOSING, self.patience.goodbye)
        self._watch(connection, selectors.EVENT_READ, self._read)

    def _drop(self, connection: Connection) -> None:
        self._unwatch(connection)
        connection.sock.give_up()
        if connection.phase is Phase.WORKING:
            # Its thread still uses the socket; `_finish` calls this again.
            _hang_up(connection.line)
            return
        self.connections.pop(connection, None)
        connection.line.close()

    def _watch(self, connection: Connection, event: int, then: Any) -> None:
        self._unwatch(connection)
        self.poller.register(connection.line, event, partial(self._if_open, then, connection))

    def _if_open(self, then: Any, connection: Connection, _line: socket.socket) -> None:
        # Another event of the same turn of the loop may have closed it.
        if connection in self.connections:
            then(connection)

    def _unwatch(self, connection: Connection) -> None:
        if connection.line in self.poller.get_map():
            self.poller.unregister(connection.line)


def _hang_up(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _most_files() -> int:
    """Return how many files this process may have open, after asking for enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(WANTED_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return wanted if soft == resource.RLIM_INFINITY else soft
