"""The stand-in gateway as an HTTP server on threads, strict about the documented contract."""

import contextlib
import socket
import socketserver
import threading
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from . import wire
from .answers import Answer, Refusal, error_answer
from .book import Call
from .routes import IncomingCall, respond, set_faults
from .state import PICTURES, SandboxState

# As the standard library types it; over TCP it is always a socket.
Connection = Any
MOST_BYTES = 64 * 2**20


@dataclass(eq=False)
class Sandbox(SandboxState):
    """The stand-in gateway in a thread of its own: `with Sandbox() as sandbox: …`.

    State says what the arguments mean. Raises OSError when the port is taken.
    """

    http: "Server" = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.http = Server((self.host, self.port), self)
        self.port = self.http.server_address[1]
        self.picture_url = self.picture_url or self.root + PICTURES

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
        set_faults(self, faults, always, prepared=answer)

    def start(self) -> Self:
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()
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

    def __init__(self, address: tuple[str, int], sandbox: SandboxState) -> None:
        self.sandbox = sandbox
        self.open: set[Connection] = set()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Connection, client_address: object) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Connection) -> None:
        self.open.discard(request)
        # Closing without a shutdown lets SO_LINGER turn the end into a reset.
        request.close()

    def drop_connections(self) -> None:
        for connection in tuple(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Connection, client_address: object) -> None:
        """A client that went away is no news; anything else is shown."""
        if not self.sandbox.closing.is_set():
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection: read a request, find its route, write the answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def route(self) -> None:
        try:
            body = self.read_body()
        except Refusal as refusal:
            self.write(refusal.answer)
            return
        incoming = IncomingCall(self.command, self.path, self.headers, body, self.write)
        respond(self.server.sandbox, incoming)

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
