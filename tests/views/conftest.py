"""Mara, who is logged in, as a member or an admin; gateways that are strict or told what to say."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from omixa_studio.models import Person
from omixa_studio.sandbox import Sandbox
from tests.factories import make_person
from tests.workers import make_tools, take_turn

Says = Callable[..., "Told"]


@pytest.fixture
def person(client: Client) -> Person:
    """A member, logged in with `client`."""
    person = make_person("mara")
    client.force_login(person)
    return person


@pytest.fixture
def admin(client: Client) -> Person:
    """An admin, logged in with `client`, instead of `person`."""
    person = make_person("mara", role="admin")
    client.force_login(person)
    return person


class Told(ThreadingHTTPServer):
    """Answers every question with one status and body; `asked` are the paths it heard."""

    daemon_threads = True

    def __init__(self, status: int, body: bytes, *, hang: bool) -> None:
        super().__init__(("127.0.0.1", 0), Teller)
        self.status, self.body, self.hang = status, body, hang
        self.asked: list[str] = []
        self.closing = threading.Event()


class Teller(BaseHTTPRequestHandler):
    server: Told

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.hang:
            self.server.closing.wait(30)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *args: object) -> None:
        """Be quiet."""


@pytest.fixture
def gateway_says(settings: Settings) -> Iterator[Says]:
    """Make the studio's gateway one that answers everything with this document or these bytes."""
    servers = []

    def say(document: object, *, status: int = 200, hang: bool = False) -> Told:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        server = Told(status, body, hang=hang)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.GATEWAY_URL = f"http://127.0.0.1:{server.server_address[1]}/api/v1"
        return server

    yield say
    for server in servers:
        server.closing.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def sandbox(settings: Settings) -> Iterator[Sandbox]:
    """Make the studio's gateway a sandbox of its own."""
    with Sandbox(key=settings.GATEWAY_KEY) as running:
        settings.GATEWAY_URL = running.base_url
        yield running


@pytest.fixture
def sent_body(tmp_path: Path) -> Iterator[Callable[[], bytes]]:
    """A function that does a worker's turn and gives the body that reached the gateway."""
    with Sandbox() as sandbox:
        tools = make_tools(sandbox, tmp_path)

        def turn() -> bytes:
            take_turn(tools)
            return sandbox.calls[-1].body

        yield turn


@pytest.fixture
def models_toml(settings: Settings, tmp_path: Path) -> Path:
    """A models.toml of its own, not there yet."""
    settings.MODELS_TOML = tmp_path / "models.toml"
    return Path(settings.MODELS_TOML)
