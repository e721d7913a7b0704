"""However the studio ends, it ends cleanly and leaves nothing running."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.boot.conftest import Start, Studio
from tests.servers import wait_until

ENDED = "Omixa Studio has stopped.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_cleanly_on_a_signal_to_itself(studio: Studio, number: signal.Signals) -> None:
    studio.process.send_signal(number)
    assert studio.end() == 0
    assert studio.output.endswith(ENDED)
    assert "Traceback" not in studio.output
    assert not studio.running()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_cleanly_on_a_signal_to_the_group(studio: Studio, number: signal.Signals) -> None:
    studio.signal_all(number)
    assert studio.end() == 0
    assert studio.output.endswith(ENDED)
    assert "by itself" not in studio.output
    assert not studio.running()


def test_it_outlives_a_closed_terminal_after_nohup(start: Start) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    studio = start().wait_until_ready()
    studio.signal_all(signal.SIGHUP)
    assert studio.health() == 200
    assert "Stopping" not in studio.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_finishes_a_request_before_it_stops(studio: Studio, number: signal.Signals) -> None:
    with half_a_request(studio.port) as connection:
        studio.signal_all(number)
        wait_until(lambda: "Stopping" in studio.output)
        connection.sendall(b"Host: localhost\r\n\r\n")
        assert connection.recv(64).startswith(b"HTTP/1.1 200")
    assert studio.end() == 0


def test_it_stops_at_once_on_a_second_signal(studio: Studio) -> None:
    with half_a_request(studio.port):
        studio.signal_all(signal.SIGINT)
        wait_until(lambda: "Stopping" in studio.output)
        with pytest.raises(TimeoutError):
            wait_until(lambda: studio.process.poll() is not None, 1)
        studio.signal_all(signal.SIGINT)
        assert studio.end(8) == 0
    assert not studio.running()


def test_it_takes_two_signals_at_once_for_one(studio: Studio) -> None:
    with half_a_request(studio.port) as connection:
        studio.process.send_signal(signal.SIGTERM)
        studio.process.send_signal(signal.SIGINT)
        wait_until(lambda: "Stopping" in studio.output)
        with pytest.raises(TimeoutError):
            wait_until(lambda: studio.process.poll() is not None, 1)
        connection.sendall(b"Host: localhost\r\n\r\n")
        assert connection.recv(64).startswith(b"HTTP/1.1 200")
    assert studio.end() == 0


def test_it_leaves_nothing_when_the_supervisor_is_killed(studio: Studio) -> None:
    assert len(studio.running()) >= 4
    studio.process.kill()
    wait_until(lambda: not studio.running(), 8)


def test_it_leaves_nothing_when_what_started_it_is_killed(start: Start) -> None:
    """The shell stands for make, which waits for the studio in the same way."""
    command = f"{sys.executable} manage.py studio --with-parent; true"
    studio = start(command=("sh", "-c", command)).wait_until_ready()
    studio.process.kill()
    wait_until(lambda: not studio.running(), 8)


@pytest.mark.parametrize(("name", "command"), [("web", "gunicorn"), ("worker", "manage.py worker")])
def test_it_does_not_go_on_without_one_of_its_processes(
    studio: Studio, name: str, command: str
) -> None:
    os.kill(studio.find(command), signal.SIGKILL)
    assert studio.end() == 1
    assert (
        f"The {name} process stopped unexpectedly; the studio is shutting down.\n" in studio.output
    )
    assert studio.output.endswith(ENDED)
    # The process that serves looks for a lost gunicorn once a second.
    wait_until(lambda: not studio.running(), 5)


@contextmanager
def half_a_request(port: int) -> Iterator[socket.socket]:
    """Keep a request open that the web process has begun to read."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\n")
        # The first answer proves that the process accepts; ours came before it.
        with socket.create_connection(("127.0.0.1", port), timeout=20) as other:
            other.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
            assert other.recv(16)
        yield connection
