"""Half-sent requests of strangers do not stop the studio, however many there are."""

import socket
import time
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest

from omixa_studio import webserver
from tests.boot.conftest import Studio

MORE_THAN_THREADS = webserver.threads * 2
LOGIN = b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nCookie: a=b\r\n"


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"G", b""),
        (LOGIN, b""),
        (LOGIN + b"Content-Length: 5000\r\n\r\nhalf", b"x"),
        (LOGIN + b"Content-Length: 500000\r\n\r\nhalf", b"x"),
    ],
    ids=["a byte", "a head", "a dripping body", "a dripping file"],
)
def test_health_and_pages_are_answered_within_a_second(
    studio: Studio, begin: bytes, more: bytes
) -> None:
    assert studio.health() == 200
    seconds(studio, "/login/")
    with ExitStack() as stack:
        lines = [
            stack.enter_context(socket.create_connection(("127.0.0.1", studio.port)))
            for _ in range(MORE_THAN_THREADS)
        ]
        for line in lines:
            line.sendall(begin)
        for _ in range(8):
            for line in lines:
                drip(line, more)
            assert seconds(studio, "/health") < 1
            assert seconds(studio, "/login/") < 1
            time.sleep(0.2)


def drip(line: socket.socket, more: bytes) -> None:
    try:
        line.sendall(more)
    except OSError:  # it was refused already, which is an answer
        return


def seconds(studio: Studio, path: str) -> float:
    """Return how long a page takes; while there is no account each leads to the set-up."""
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", studio.port, timeout=20)
    connection.request("GET", path)
    assert connection.getresponse().status in (200, 302)
    connection.close()
    return time.monotonic() - began
