"""Slow clients hold no thread: each test uses more of them than there are threads."""

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from typing import Any

import pytest

from omixa_studio.program_paths import MOST_WAITING
from omixa_studio.serving.connection import Connection, Phase
from omixa_studio.serving.server import PatientServer
from tests.servers import PROJECT, free_port, wait_until
from tests.serving.small_app import FILE_BYTES, THREADS

MANY = THREADS * 4
HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\n"
Open = Callable[..., socket.socket]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run the small app; give its port and its process."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:tests.serving.small_app"]
    process = subprocess.Popen(
        [*command, "tests.serving.small_app:app"],
        cwd=PROJECT,
        env={**os.environ, "SMALL_APP_PORT": str(port), "PYTHONPATH": str(PROJECT)},
        stderr=subprocess.PIPE,
    )
    wait_until(lambda: not socket.socket().connect_ex(("127.0.0.1", port)))
    yield port, process
    process.terminate()
    process.wait(timeout=20)
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()


@pytest.fixture
def port(server: tuple[int, subprocess.Popen[bytes]]) -> int:
    return server[0]


@pytest.fixture
def connect(port: int) -> Iterator[Open]:
    """Give the function that opens a connection and sends what it is given."""
    with ExitStack() as stack:

        def connect_one(data: bytes = b"") -> socket.socket:
            line = socket.create_connection(("127.0.0.1", port), timeout=10)
            line.sendall(data)
            return stack.enter_context(line)

        yield connect_one


def seconds_of_an_answer(port: int, path: str = "/") -> float:
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    assert connection.getresponse().status == 200
    connection.close()
    return time.monotonic() - began


def all_of(line: socket.socket) -> bytes:
    """Return what comes until the other side closes, which a reset does too."""
    parts = []
    with suppress(ConnectionResetError):
        while part := line.recv(2**16):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize(
    ("begin", "answer"),
    [
        (b"", b""),
        (b"G", b"HTTP/1.1 408"),
        (HEAD, b"HTTP/1.1 408"),
        (HEAD + b"Content-Length: 100\r\n\r\nhalf", b"HTTP/1.1 408"),
        # A large body is a thread's, of which half may read at a time.
        (HEAD + b"Content-Length: 1000000\r\n\r\nhalf", b""),
    ],
    ids=["nothing", "a byte", "a head", "a body", "a large body"],
)
def test_what_is_never_finished_holds_nobody_up(
    port: int, connect: Open, begin: bytes, answer: bytes
) -> None:
    slow = [connect(begin) for _ in range(MANY)]
    assert seconds_of_an_answer(port) < 1
    if b"1000000" not in begin:
        assert all_of(slow[-1]).startswith(answer)
    assert all_of(slow[0]).startswith(answer)


@pytest.mark.parametrize("end", [b"X-Long: ", b"Content-Length: 60000\r\n\r\n"])
def test_a_byte_now_and_then_is_no_request(port: int, connect: Open, end: bytes) -> None:
    slow = [connect(HEAD + end) for _ in range(MANY)]
    began = time.monotonic()
    # The server closing the line is what ends it; the time below says that it did.
    with suppress(BrokenPipeError, ConnectionResetError):
        while time.monotonic() - began < 10:
            for line in slow:
                line.sendall(b"x")
            assert seconds_of_an_answer(port) < 1
            time.sleep(0.2)
    assert time.monotonic() - began < 6


@pytest.mark.parametrize("path", ["/file", "/pieces"])
def test_what_nobody_reads_holds_no_thread_for_long(port: int, connect: Open, path: str) -> None:
    slow = [connect(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()) for _ in range(3)]
    assert seconds_of_an_answer(port) < 1
    time.sleep(4)
    assert 0 < len(all_of(slow[0])) < FILE_BYTES


def test_a_file_is_whole_for_who_reads_slowly_enough(port: int, connect: Open) -> None:
    line = connect(b"GET /file HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    time.sleep(1)
    assert len(all_of(line).partition(b"\r\n\r\n")[2]) == FILE_BYTES


def test_a_large_body_may_be_slow_while_it_moves(port: int, connect: Open) -> None:
    size = 400_000
    line = connect(HEAD + b"Content-Length: %d\r\n\r\n" % size)
    for _ in range(20):
        line.sendall(b"x" * (size // 20))
        time.sleep(0.15)
    line.shutdown(socket.SHUT_WR)
    assert all_of(line).endswith(b"\r\n\r\n400000")


def test_a_probe_is_answered_while_every_thread_works(port: int, connect: Open) -> None:
    late = [connect(b"GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(THREADS)]
    time.sleep(0.2)
    assert seconds_of_an_answer(port, "/health") < 1
    assert all(line.recv(10) for line in late)


def test_one_address_has_a_part_of_the_connections(port: int, connect: Open) -> None:
    """The one that waits longest makes room, so that a newcomer is served at once."""
    first = connect(HEAD)
    for _ in range(260):
        connect(HEAD)
    assert seconds_of_an_answer(port) < 1
    first.settimeout(0.5)
    assert first.recv(10) == b""


@pytest.mark.parametrize(
    "begun", [b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", b"Content-Length: 9000000\r\n\r\nab"]
)
def test_bodies_of_programs_that_do_not_end_hold_no_other_program_up(
    port: int, connect: Open, begun: bytes
) -> None:
    for _ in range(MOST_WAITING + THREADS):
        connect(b"POST /v1/images/edits HTTP/1.1\r\nHost: localhost\r\n" + begun)
    assert seconds_of_an_answer(port, "/v1/images/") < 1


def test_a_body_in_chunks_that_was_read_makes_room_for_the_next(port: int) -> None:
    for _ in range(MOST_WAITING):
        line = HTTPConnection("127.0.0.1", port, timeout=10)
        line.request("POST", "/v1/images/edits", iter([b"ab", b"c"]), encode_chunked=True)
        assert line.getresponse().read() == b"3"
        line.close()


def test_it_asks_for_the_length_of_a_body_in_chunks(connect: Open) -> None:
    line = connect(HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n\r\n")
    answer = all_of(line)
    assert answer.startswith(b"HTTP/1.1 411 Length Required\r\n")
    assert b"not in chunks" in answer


@pytest.mark.parametrize("path", ["/api/v1/estimate", "/api/v1/inputs", "/v1/models", "/metrics"])
def test_it_asks_programs_for_the_length_in_json(port: int, path: str) -> None:
    line = HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("POST", path, iter([b"{}"]), encode_chunked=True)
    answer = line.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (411, "application/json")
    assert answer.headers["x-should-retry"] == "false"
    error = json.loads(answer.read())["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "length_required")
    assert "not in chunks" in error["message"]
    line.close()


def test_a_page_about_programs_is_for_people(connect: Open) -> None:
    head = b"POST /api/docs HTTP/1.1\r\nHost: localhost\r\n"
    line = connect(head + b"Transfer-Encoding: chunked\r\n\r\n")
    assert b"Content-Type: text/html\r\n" in all_of(line)


@pytest.mark.parametrize("size", [1000, 100_000])
def test_it_says_that_it_waits_for_a_body(connect: Open, size: int) -> None:
    line = connect(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % size)
    assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    line.sendall(b"x" * size)
    line.shutdown(socket.SHUT_WR)
    assert all_of(line).endswith(b"\r\n\r\n%d" % size)


def test_one_connection_serves_many_requests_even_sent_at_once(connect: Open) -> None:
    body = HEAD + b"Content-Length: 3\r\n\r\nabc"
    line = connect(body * 3 + b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answers = all_of(line)
    assert answers.count(b"HTTP/1.1 200") == 4
    assert answers.count(b"\r\n\r\n3") == 3


@pytest.mark.parametrize("late", [1, 2, 3])
def test_the_end_of_a_head_may_come_in_two_parts(connect: Open, late: int) -> None:
    whole = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    line = connect(whole[:-late])
    time.sleep(0.2)
    line.sendall(whole[-late:])
    assert all_of(line).startswith(b"HTTP/1.1 200")


def test_a_file_that_found_no_thread_in_time_is_told_so_and_waits_no_more() -> None:
    server: Any = PatientServer.__new__(PatientServer)
    near, far = socket.socketpair()
    with near, far, selectors.DefaultSelector() as server.poller:
        waiting = Connection(
            near, ("127.0.0.1", 1), None, patience=server.patience, on_waiting=lambda _: None
        )
        waiting.wait(Phase.QUEUED, 0)
        server.queued = [waiting]
        server._end_waiting(waiting)
        assert far.recv(100).startswith(b"HTTP/1.1 503")
        assert server.queued == []


@pytest.mark.parametrize(
    ("sent", "phase", "stays"),
    [
        (b"", Phase.WAITING, False),
        (b"GET / HTTP/1.1", Phase.WAITING, True),
        (b"X-Long: ", Phase.HEAD, False),
    ],
    ids=["nothing", "a request", "more of a head"],
)
def test_a_request_that_came_while_the_loop_was_busy_is_not_cut_off(
    sent: bytes, phase: Phase, stays: bool
) -> None:
    server: Any = PatientServer.__new__(PatientServer)
    near, far = socket.socketpair()
    with near, far, selectors.DefaultSelector() as server.poller:
        idle = Connection(
            near, ("127.0.0.1", 1), None, patience=server.patience, on_waiting=lambda _: None
        )
        idle.wait(phase, 0)
        server.connections, server.queued, server.large = {idle: None}, [], []
        server.look_at = 0
        server.notify = lambda: None
        # It comes after the loop looked for what has come, and before it looks at the clock.
        server.wait_for_and_dispatch_events = lambda timeout: far.sendall(sent)
        server._turn()
        assert (idle in server.connections and idle.phase is phase) == stays


def test_room_is_made_by_who_has_sent_nothing() -> None:
    server: Any = PatientServer.__new__(PatientServer)
    pairs = [socket.socketpair() for _ in range(2)]
    with ExitStack() as stack, selectors.DefaultSelector() as server.poller:
        for line in (line for pair in pairs for line in pair):
            stack.enter_context(line)
        asks, idle = (
            Connection(
                near, ("127.0.0.1", 1), None, patience=server.patience, on_waiting=lambda _: None
            )
            for near, _far in pairs
        )
        server.connections = dict.fromkeys((asks, idle))
        pairs[0][1].sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert server._make_room([asks, idle])
        assert list(server.connections) == [asks]


def test_a_body_that_nobody_read_is_not_taken_for_a_request(connect: Open) -> None:
    evil = b"GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n"
    begin = b"POST /unread HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
    line = connect(begin + evil * 100)
    answer = all_of(line)
    assert answer.count(b"HTTP/1.1") == 1
    assert b"Connection: close" in answer


def test_a_large_body_that_was_read_keeps_its_connection(connect: Open) -> None:
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
    line = connect(head + b"x" * 100_000)
    assert b"Connection: keep-alive" in line.recv(1000)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (HEAD + b"X-Long: " + b"x" * 70_000, 431),
    ],
)
def test_it_refuses_what_it_cannot_understand(connect: Open, request_: bytes, status: int) -> None:
    line = connect(request_)
    assert all_of(line).startswith(b"HTTP/1.1 %d " % status)
