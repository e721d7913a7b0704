"""The stand-in gateway as an HTTP server on threads.

It speaks the documented contract strictly; see the table of routes at the end of the file.
`/_sandbox/…` is for tests: which calls came, and how the next ones shall misbehave.
"""

import contextlib
import importlib
import json
import socket
import socketserver
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from omixa_studio.catalogue import load_catalogue

from . import wire
from .answers import Answer, Refusal, error_answer, json_answer
from .book import Book, Call
from .faults import answer_for, check_fault, fault_of_prompt
from .orders import Order
from .reading import Wish, read_fields, read_wish
from .reports import models_payload, requests_payload, rollups_payload

API = "/api/v1"
PAID = f"{API}/images/generations"
MOST_BYTES = 64 * 2**20
# As many pictures are drawn at a time; more would only share the same two cores.
PENCILS = threading.Semaphore(2)


@dataclass(eq=False)
class Sandbox:
    """The stand-in gateway in a thread of its own: `with Sandbox() as sandbox: …`.

    `seconds` is the usual time of one call (spread ±40%), `port` 0 takes a free one, `closed`
    lists models that the key may not use (403), `fixed_answer` is a JSON body returned to every
    valid call after exactly `seconds`, `picture_url` stands before the addresses that the fault
    "url" hands out, `keep_bodies` keeps headers and bodies in `calls`.
    """

    key: str = "omx_live_sandbox"
    seconds: float = 0.0
    models_toml: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    closed: Collection[str] = ()
    fixed_answer: bytes | None = None
    picture_url: str = ""
    keep_bodies: bool = True
    book: Book = field(init=False)
    http: "Server" = field(init=False)
    kept: dict[str, bytes] = field(default_factory=dict, init=False)
    closing: threading.Event = field(default_factory=threading.Event, init=False)

    def __post_init__(self) -> None:
        self.book = Book(keep_bodies=self.keep_bodies)
        self.http = Server((self.host, self.port), self)
        self.port = self.http.server_address[1]
        self.picture_url = self.picture_url or f"{self.root}/_sandbox/pictures"

    @property
    def root(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        return self.root + API

    @property
    def calls(self) -> list[Call]:
        """All paid calls received so far, refused ones included."""
        return self.book.calls

    @property
    def billed_total(self) -> Decimal:
        """Dollars charged so far."""
        return self.book.billed_total()

    def script(self, *faults: str, always: str | None = None, answer: bytes | None = None) -> None:
        """Let the next calls misbehave in that order ("" is a normal one), then all of them as
        `always` says; `answer` is the body for "answer-file". Raises ValueError for an unknown
        fault."""
        for fault in (*faults, always):
            if fault:
                check_fault(fault)
        self.book.script(faults, always, answer)

    def start(self) -> Self:
        threading.Thread(target=self.http.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def close(self) -> None:
        """End at once: calls in work are cut off."""
        self.closing.set()
        self.http.shutdown()
        self.http.server_close()
        self.http.drop_connections()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Server(ThreadingHTTPServer):
    """Binds without asking the name service, and knows its open connections."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: socket.socket, client_address: object) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:
        self.open.discard(request)
        # Closing without a shutdown lets SO_LINGER turn the end into a reset.
        request.close()

    def drop_connections(self) -> None:
        for connection in tuple(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news; anything else is shown."""
        if not self.sandbox.closing.is_set():
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection: read a request, find its route, write the answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def route(self) -> None:
        parts = urlsplit(self.path)
        respond = ROUTES.get((self.command, parts.path), nothing_here)
        try:
            self.body = self.read_body()
            answer = respond(self.server.sandbox, self)
        except Refusal as refusal:
            answer = refusal.answer
        if answer is not None:
            self.write(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = route

    def read_body(self) -> bytes:
        if "Transfer-Encoding" in self.headers:
            self.close_connection = True
            raise Refusal(411)
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            self.close_connection = True
            raise Refusal(413 if length.isdigit() else 400)
        return self.rfile.read(int(length))

    def write(self, answer: Answer) -> bool:
        """Send the answer; False when the client is gone or the answer was meant to break."""
        try:
            whole = wire.send(self.connection, answer, self.server.sandbox.closing)
        except OSError:
            whole = False
        self.close_connection = self.close_connection or not whole
        return whole

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self.close_connection = True
        # 501 is http.server's word for a method that it does not know.
        self.write(error_answer(404) if code == 501 else error_answer(code, message or ""))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the studio's own log tells the story."""


def generate(sandbox: Sandbox, http: Handler) -> None:
    """The paid address: book the call, find out what to do, charge, answer."""
    call = sandbox.book.begin(http.path, dict(http.headers.items()), http.body)
    written = False
    try:
        answer = decide(sandbox, http, call)
        sandbox.book.charge(
            call, status=answer.status, billed=answer.billed, pictures=answer.pictures
        )
        written = http.write(answer)
    finally:
        sandbox.book.finish(call, written=written)


def decide(sandbox: Sandbox, http: Handler, call: Call) -> Answer:
    try:
        check_key(sandbox, http)
        fields = read_fields(http.headers.get("Content-Type", ""), http.body)
        call.model, call.prompt = str(fields.get("model", "")), str(fields.get("prompt", ""))
        call.fault = sandbox.book.next_fault(fault_of_prompt(call.prompt))
        return answer_for(order_of(sandbox, call, fields), call.fault)
    except Refusal as refusal:
        return refusal.answer
    except ValueError:
        if not call.fault:
            raise
        # A fault with an argument that it cannot read, for instance status:soon.
        return error_answer(422, f"The fault {call.fault!r} cannot be understood.")


def order_of(sandbox: Sandbox, call: Call, fields: dict[str, object]) -> Order:
    wish: Wish | Refusal
    try:
        wish = read_wish(fields, load_catalogue(sandbox.models_toml), sandbox.closed)
    except Refusal as refusal:
        wish = refusal
    take = sandbox.book.take_of(call.prompt) if isinstance(wish, Wish) else 0
    return Order(
        call=call,
        wish=wish,
        seconds=sandbox.seconds,
        fixed_answer=sandbox.fixed_answer,
        prepared=sandbox.book.prepared,
        picture_url=sandbox.picture_url,
        keep_picture=sandbox.kept.__setitem__,
        draw=lambda wish, index: draw(wish, index, take),
        wait=lambda seconds: wait(sandbox, seconds),
    )


def draw(wish: Wish, index: int, take: int) -> bytes:
    # Pillow comes with the first picture: an idle sandbox stays a third smaller.
    pictures = importlib.import_module("omixa_studio.sandbox.pictures")
    with PENCILS:
        data: bytes = pictures.draw_picture(wish, index, take)
    return data


def wait(sandbox: Sandbox, seconds: float) -> None:
    """Sleep. Raises ConnectionAbortedError when the sandbox closes: the call is cut off."""
    if seconds > 0 and sandbox.closing.wait(seconds):
        raise ConnectionAbortedError


def check_key(sandbox: Sandbox, http: Handler) -> None:
    """Raises Refusal 401 unless the request carries `Authorization: Bearer <key>`."""
    if http.headers.get("Authorization", "") != f"Bearer {sandbox.key}":
        raise Refusal(401)


def models(sandbox: Sandbox, http: Handler) -> Answer:
    check_key(sandbox, http)
    return json_answer(models_payload(load_catalogue(sandbox.models_toml)))


def usage_requests(sandbox: Sandbox, http: Handler) -> Answer:
    check_key(sandbox, http)
    return json_answer(requests_payload(sandbox.book.calls))


def usage_rollups(sandbox: Sandbox, http: Handler) -> Answer:
    check_key(sandbox, http)
    period = parse_qs(urlsplit(http.path).query).get("period_type", ["day"])[0]
    if period != "day":
        raise Refusal(422, "period_type must be day.")
    return json_answer(rollups_payload(sandbox.book.calls))


def control_calls(sandbox: Sandbox, http: Handler) -> Answer:
    since = parse_qs(urlsplit(http.path).query).get("since", ["0"])[0]
    return json_answer(sandbox.book.report(int(since) if since.isdigit() else 0))


def control_script(sandbox: Sandbox, http: Handler) -> Answer:
    """`{"faults": ["…"], "always": "…" or "", "answer": "prepared body"}`, all optional."""
    try:
        wanted = json.loads(http.body or b"{}")
        answer = wanted.get("answer")
        prepared = None if answer is None else answer.encode()
        sandbox.script(*wanted.get("faults", []), always=wanted.get("always"), answer=prepared)
    except (ValueError, AttributeError, TypeError) as error:
        raise Refusal(422, str(error)) from None
    return json_answer({"ok": True})


def control_reset(sandbox: Sandbox, http: Handler) -> Answer:
    sandbox.book.reset()
    sandbox.kept.clear()
    return json_answer({"ok": True})


def nothing_here(sandbox: Sandbox, http: Handler) -> Answer:
    name = urlsplit(http.path).path.removeprefix("/_sandbox/pictures/")
    if http.command == "GET" and name in sandbox.kept:
        return Answer(200, sandbox.kept[name], "application/octet-stream")
    return error_answer(404)


ROUTES: dict[tuple[str, str], Callable[[Sandbox, Handler], Answer | None]] = {
    ("POST", PAID): generate,
    ("GET", f"{API}/models"): models,
    ("GET", f"{API}/usage/requests"): usage_requests,
    ("GET", f"{API}/usage/rollups"): usage_rollups,
    ("GET", "/_sandbox/calls"): control_calls,
    ("POST", "/_sandbox/script"): control_script,
    ("POST", "/_sandbox/reset"): control_reset,
}
