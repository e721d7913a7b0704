"""A gateway that hangs, drips or has no name: nobody waits for ever, nothing is sent again."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from omixa_studio.sandbox import Sandbox
from tests.drills.conftest import Opened
from tests.drills.shim import Shim
from tests.drills.visitor import nothing_is_broken
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow]
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n" + b" " * 900
)
CALL_SECONDS = "5"


@contextmanager
def stuck_gateway(port: int, *, drips: bool) -> Iterator[list[socket.socket]]:
    """Take every connection at a port and answer nothing, or a byte a second; gives those taken."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", port), backlog=64) as listener:
        threading.Thread(target=_take, args=(listener, taken, drips), daemon=True).start()
        yield taken
        listener.shutdown(socket.SHUT_RDWR)
    for line in taken:
        line.close()


def _take(listener: socket.socket, taken: list[socket.socket], drips: bool) -> None:
    with suppress(OSError):
        while True:
            line, _ = listener.accept()
            taken.append(line)
            if drips:
                threading.Thread(target=_drip, args=(line,), daemon=True).start()


def _drip(line: socket.socket) -> None:
    with suppress(OSError):
        for number in range(len(HEAD)):
            line.sendall(HEAD[number : number + 1])
            time.sleep(1)


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "a byte a second"])
def test_what_hangs_needs_review_and_is_not_sent_again(
    opened: Opened, gateway: Sandbox, drips: bool
) -> None:
    visitor = opened(STUDIO_CALL_SECONDS=CALL_SECONDS)
    visitor.buy("Before")
    visitor.look()
    gateway.close()
    with stuck_gateway(gateway.port, drips=drips) as taken:
        assert visitor.press("While it hangs").status == 200
        wait_until(lambda: visitor.studio.state_of("While it hangs") == "unknown")
        visitor.wait_to_read("Needs review")
        assert visitor.look("/unknown/").status == 200
        assert "While it hangs" in visitor.look("/unknown/").words
        paid = len(taken)
    with Sandbox(port=gateway.port, key=gateway.key, fixed_answer=gateway.fixed_answer) as back:
        back.book.calls.extend(gateway.calls)
        visitor.studio.sandbox = back
        nothing_is_broken(visitor, "Before", unknown="While it hangs")
        assert [call.prompt for call in back.calls] == ["Before", "Afterwards"]
    assert paid == 1


def test_a_name_that_is_not_known_costs_nothing(
    opened: Opened, gateway: Sandbox, tmp_path: Path
) -> None:
    shim = Shim(tmp_path)
    at = f"http://localhost:{gateway.port}/api/v1"
    visitor = opened(OMIXA_BASE_URL=at, **shim.told)
    visitor.buy("Before")
    visitor.look()
    shim.set(names_fail=True)
    assert visitor.press("Without a name").status == 200
    visitor.wait_to_read("Not charged", 120)
    assert visitor.studio.state_of("Without a name") == "failed"
    assert [call.prompt for call in gateway.calls] == ["Before"]
    shim.set()
    visitor.wait_to_read("Generate")
    nothing_is_broken(visitor, "Before")
