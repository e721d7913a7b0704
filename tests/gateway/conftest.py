"""A gateway that misbehaves: raw sockets on loopback, told by each test what to do."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from omixa_studio.gateway.client import Gateway
from omixa_studio.gateway.errors import GatewayError

KEY = "omx_live_Test-Secret_0123456789"
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
AUTHORITY = "Test authority"


@dataclass
class Visit:
    """One connection: what the visitor sent, and the means to answer or to hang up."""

    sock: socket.socket
    stopped: threading.Event
    head: bytes = b""
    body: bytes = b""

    def read_request(self) -> None:
        """Read a whole request: the head, then as many bytes as it announces."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        self.head, _, self.body = received.partition(b"\r\n\r\n")
        length = int(self.headers.get("content-length", "0"))
        while len(self.body) < length:
            self.body += self._receive()

    def _receive(self) -> bytes:
        piece = self.sock.recv(65536)
        if not piece:
            raise ConnectionError("the visitor left")
        return piece

    @property
    def request_line(self) -> str:
        return self.head.split(b"\r\n")[0].decode()

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}

    def answer(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        """Send a whole answer with its true length."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        self.sock.sendall("\r\n".join(lines).encode() + body)

    def drip(self, piece: bytes, seconds: float = 0.2) -> None:
        """Send the piece again and again until the visitor hangs up or the test ends."""
        while not self.stopped.wait(seconds):
            self.sock.sendall(piece)

    def hold(self) -> None:
        """Do nothing until the test ends."""
        self.stopped.wait(30)

    def reset(self) -> None:
        """Close so that the visitor gets a reset instead of an end."""
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


Script = Callable[[Visit], object]


@dataclass
class BadGateway:
    """Runs the script for each connection, in a thread each."""

    script: Script
    tls: ssl.SSLContext | None = None
    visits: list[Visit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{self.port}/api/v1"
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str, host: str = "localhost") -> str:
        return f"https://{host}:{self.port}{path}"

    def close(self) -> None:
        self._stopped.set()
        # shutdown wakes the accepting thread, which close alone does not
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[visitor], daemon=True).start()

    def _serve(self, visitor: socket.socket) -> None:
        with suppress(OSError), visitor:
            secured = visitor if self.tls is None else self.tls.wrap_socket(visitor, True)
            with secured:
                visit = Visit(secured, self._stopped)
                self.visits.append(visit)
                self.script(visit)


# The functions that the fixtures of these names give.
Serve = Callable[..., BadGateway]
GatewayAt = Callable[..., Gateway]
Failing = Callable[..., GatewayError]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a misbehaving server with a script; closed at the end of the test."""
    servers: list[BadGateway] = []

    def start(script: Script, tls: ssl.SSLContext | None = None) -> BadGateway:
        servers.append(BadGateway(script, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@dataclass
class Kept:
    """A sink that remembers."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.status, self.headers = status, headers

    def write(self, chunk: bytes) -> None:
        self.body += chunk


@pytest.fixture
def sink() -> Kept:
    return Kept()


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def gateway_at() -> GatewayAt:
    """Make a client for a base address, with short limits."""

    def make(base_url: str, **limits: Any) -> Gateway:
        return Gateway(base_url, KEY, **{"connect_timeout": 2.0, "call_seconds": 10.0, **limits})

    return make


@pytest.fixture
def failing(serve: Serve, gateway_at: GatewayAt, sink: Kept) -> Failing:
    """Make a paid call to a script and return the GatewayError it must end in."""

    def call(script: Script, body: bytes = b"{}", **limits: Any) -> GatewayError:
        gateway = gateway_at(serve(script).base_url, **limits)
        with pytest.raises(GatewayError) as caught:
            gateway.generate(body, sink)
        return caught.value

    return call


@dataclass(frozen=True)
class Certificate:
    """A server's side of TLS, and the file with which to trust it."""

    server: ssl.SSLContext
    ca_file: str


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for localhost and 127.0.0.1, signed by an authority made for the run."""
    pytest.importorskip("cryptography", reason="certificates for the test need cryptography")
    return _make_certificate(tmp_path_factory.mktemp("tls"))


def _make_certificate(folder: Path) -> Certificate:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    authority, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root, own = _signed_by_itself(authority), _signed_for_localhost(leaf, authority)
    pem, private = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "ca.pem").write_bytes(root.public_bytes(pem))
    (folder / "server.pem").write_bytes(
        leaf.private_bytes(pem, private, serialization.NoEncryption()) + own.public_bytes(pem)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "server.pem")
    return Certificate(server, str(folder / "ca.pem"))


def _signed_by_itself(authority: Any) -> Any:
    from cryptography import x509

    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    return _signed(
        AUTHORITY, authority, authority,
        (x509.BasicConstraints(ca=True, path_length=0), True), (usage, True),
        (x509.SubjectKeyIdentifier.from_public_key(authority.public_key()), False),
    )  # fmt: skip


def _signed_for_localhost(leaf: Any, authority: Any) -> Any:
    from cryptography import x509

    names = [x509.DNSName("localhost"), x509.DNSName("pictures.test")]
    here = x509.IPAddress(ip_address("127.0.0.1"))
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    return _signed(
        "localhost", leaf, authority,
        (x509.SubjectAlternativeName([*names, here]), False),
        (x509.SubjectKeyIdentifier.from_public_key(leaf.public_key()), False), (issuer, False),
    )  # fmt: skip


def _signed(name: str, key: Any, authority: Any, *extensions: tuple[Any, bool]) -> Any:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(AUTHORITY))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=2))
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(authority, hashes.SHA256())
