"""Lines of the log as JSON, and errors to Sentry: what they are about, and nothing secret."""

import gzip
import io
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from omixa_studio.logs import Console, ShortRefusals
from tests.factories import make_person
from tests.servers import PROJECT

KEY = "omx_live_never_in_a_line"
PROGRAM = f"""
from wsgiref.util import setup_testing_defaults
from omixa_studio.wsgi import application
from omixa_studio.views import health
def broken():
    prompt = "A harbour at dawn"
    raise RuntimeError("{KEY} is broken at /g/abcdefghijklmnopqrstuvwxyz/\\nDETAIL: (A harbour)")
health._answers = broken
asked = {{"PATH_INFO": "/health", "QUERY_STRING": "q=secret-query", "HTTP_COOKIE": "a=a-cookie"}}
asked["HTTP_AUTHORIZATION"] = "Bearer abcdefghijkl"
setup_testing_defaults(asked)
application(asked, lambda status, headers: None)
"""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[Any]]]:
    """A server that takes what is reported: its address, and the events that came."""
    came: list[Any] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            came.extend(json.loads(line) for line in body.splitlines() if b'"exception"' in line)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://public@127.0.0.1:{server.server_port}/7", came
        server.shutdown()


def run(folder: Path, **told: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=PROJECT,
        env={
            **os.environ,
            "STUDIO_DATA_DIR": str(folder),
            "OMIXA_API_KEY": KEY,
            "DJANGO_SETTINGS_MODULE": "omixa_studio.settings",
            **told,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_a_line_is_json_and_tells_of_its_request(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in run(tmp_path, STUDIO_LOG_FORMAT="json").splitlines()]
    (line,) = [line for line in lines if line["level"] == "ERROR"]
    assert line["logger"] == "django.request"
    assert len(line["request"]) == 16
    assert "RuntimeError: [key] is broken at /g/[link]" in line["exception"]
    assert "DETAIL" not in line["exception"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("host", "status", "said"),
    [("testserver", 403, "/costs/"), ("evil.example", 400, "evil.example")],
)
def test_a_refusal_is_one_line_without_a_traceback(
    client: Client, host: str, status: int, said: str
) -> None:
    logging_of: Any = settings.LOGGING
    assert "short" in logging_of["handlers"]["console"]["filters"]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(ShortRefusals())
    logger = logging.getLogger("django")
    logger.addHandler(handler)
    client.force_login(make_person())
    assert client.get("/costs/", headers={"host": host}).status_code == status
    logger.removeHandler(handler)
    lines = written.getvalue().splitlines()
    assert said in lines[0]
    assert len(lines) <= 2


def test_what_goes_on_failing_does_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away for a weekend fails some times a second in each process."""
    logging_of: Any = settings.LOGGING
    assert logging_of["handlers"]["console"]["class"] == "omixa_studio.logs.Console"
    handler, written, passed = Console(), io.StringIO(), [0.0]
    handler.setStream(written)
    monkeypatch.setattr("omixa_studio.logs.time.monotonic", lambda: passed[0])
    logger = logging.getLogger("of_a_test")
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "handlers", [handler])

    def fail(kind: type[Exception], work: str) -> str:
        written.truncate(written.seek(0))
        try:
            raise kind("away")
        except kind:
            logger.exception("%s failed", work)
        return written.getvalue()

    first, again = fail(OSError, "sweep"), fail(OSError, "deliver")
    assert "Traceback" in first
    assert again == "deliver failed (again: OSError)\n"
    assert "Traceback" in fail(ValueError, "sweep")
    passed[0] += 61
    assert "Traceback" in fail(OSError, "sweep")


def test_sentry_learns_where_it_broke_and_nothing_else(
    collector: tuple[str, list[Any]], tmp_path: Path
) -> None:
    address, came = collector
    run(tmp_path, SENTRY_DSN=address)
    (event,) = came
    (raised,) = event["exception"]["values"]
    assert raised["type"] == "RuntimeError"
    assert raised["value"].strip() == "[key] is broken at /g/[link]/"
    assert event["request"] == {"method": "GET", "url": "http://127.0.0.1/health"}
    assert len(event["tags"]["request"]) == 16
    text = json.dumps(event)
    for secret in (KEY, "A harbour", "a-cookie", "secret-query", "abcdefghijkl"):
        assert secret not in text
