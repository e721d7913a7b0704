"""A named server is asked within a time and a size, and leads nowhere else."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from omixa_studio.gateway import asking
from omixa_studio.gateway.asking import BriefSession, NoAnswer
from omixa_studio.hosts import may_be_asked


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/elsewhere" else 200)
        self.send_header("Location", "/short")
        self.end_headers()
        pieces = {"/long": 20, "/slow": 200}.get(self.path, 1)
        for _ in range(pieces):
            self.wfile.write(b"x" * (2**16 if self.path == "/long" else 1))
            time.sleep(0.05 * (self.path == "/slow"))

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_it_reads_a_short_answer(address: str) -> None:
    with BriefSession() as session:
        assert session.get(f"{address}/short").text == "x"


@pytest.mark.parametrize(
    ("path", "why"),
    [("/long", "too long"), ("/slow", "."), ("/elsewhere", "status 302")],
)
def test_it_gives_up(address: str, path: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TOTAL_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=why):
        BriefSession().get(address + path)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://id.example.org/keys", True),
        ("http://localhost:8080", True),
        ("http://id.example.org", False),
        ("http://10.0.0.1", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("http://[::1", False),
    ],
)
def test_it_asks_by_https_or_this_machine(url: str, *, may: bool) -> None:
    assert may_be_asked(url) == may
