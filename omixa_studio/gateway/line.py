"""One connection for one call: with a deadline, optionally pinned, and sure about what was sent.

requests and urllib3 have a timeout per read, so that a byte now and then keeps a call alive for
ever. Here a thread hangs up at the deadline, whatever the call is doing: shaking hands, sending,
waiting for headers or reading. And whether anything was sent is not guessed from exceptions:
the connection notes it before the first byte.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

TICK = 0.5  # seconds between looks at the clock; a sleeping laptop's waits do not count its sleep
SLACK = 5.0  # seconds by which a socket's own timeout is longer, so that one deadline decides


def now() -> float:
    """Return seconds of a clock that also counts while the machine sleeps, if available."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class CallConnection:
    """The state of one call. Use as a context: leaving it closes the connection for good.

    sent      the first byte may have left; False means that nothing was sent, for certain
    expired   the deadline passed and the connection was hung up
    refused   what `before_send` raised, in which case nothing was sent either
    """

    def __init__(
        self,
        seconds: float,
        *,
        before_send: Callable[[], None] | None = None,
        addresses: tuple[str, ...] = (),
    ) -> None:
        self.sent = False
        self.expired = False
        self.refused: BaseException | None = None
        self.addresses = addresses
        self._before_send = before_send
        self._deadline = now() + seconds
        self._twin: socket.socket | None = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="gateway-line", daemon=True)

    def __enter__(self) -> CallConnection:
        self._watcher.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._watcher.join()
        self._hang_up()

    def remaining(self) -> float:
        """Seconds left, never less than zero."""
        return max(0.0, self._deadline - now())

    def adopt(self, connected: socket.socket) -> None:
        """Watch a socket through a duplicate, which TLS wrapping and closing leave alone."""
        with self._lock:
            late = self.expired
            self._twin = connected.dup()
        if late:
            self._hang_up()

    def begin(self) -> None:
        """Called once connected, right before the first byte is sent."""
        if self.sent:
            return
        if self.expired or not self.remaining():
            raise TimeoutError("no time is left to send")
        if self._before_send is not None:
            try:
                self._before_send()
            except BaseException as refusal:
                self.refused = refusal
                raise
        self.sent = True

    def _watch(self) -> None:
        while left := self.remaining():
            if self._ended.wait(min(left, TICK)):
                return
        with self._lock:
            self.expired = True
        self._hang_up()

    def _hang_up(self) -> None:
        with self._lock:
            twin, self._twin = self._twin, None
        if twin is not None:
            with contextlib.suppress(OSError):  # the peer may have closed first
                twin.shutdown(socket.SHUT_RDWR)
            twin.close()


class _OnLine(HTTPConnection):
    """What http and https connections share here."""

    def __init__(self, *args: Any, line: CallConnection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.line = line

    def _new_conn(self) -> socket.socket:
        made = self._connect_pinned() if self.line.addresses else super()._new_conn()
        self.line.adopt(made)
        return made

    def _connect_pinned(self) -> socket.socket:
        """Connect to a vetted IP address; the certificate is still checked against the name."""
        name, failed = self._dns_host, HTTPError("no address")
        for address in self.line.addresses:
            self._dns_host = address
            try:
                return super()._new_conn()
            except HTTPError as error:
                failed = error
            finally:
                self._dns_host = name
        raise failed

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.line.begin()
        # urllib3 leaves the connect timeout in force here, too short to upload megabytes.
        self.sock.settimeout(self.line.remaining() + SLACK)
        super().send(data)


class _TLSOnLine(_OnLine, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _OnLine


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSOnLine


class LineAdapter(HTTPAdapter):
    """Gives requests one fresh pool with one connection; no retries, no proxies."""

    def __init__(self, line: CallConnection, tls: ssl.SSLContext) -> None:
        super().__init__(max_retries=0)
        self._line = line
        self._tls = tls

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> HTTPConnectionPool:
        parts = urlsplit(str(request.url))
        host, port = str(parts.hostname), parts.port
        if parts.scheme == "https":
            return _TLSPool(host, port, maxsize=1, line=self._line, ssl_context=self._tls)
        return _Pool(host, port, maxsize=1, line=self._line)

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing: the TLS context is complete; requests would reload the certificates."""


def session_on(line: CallConnection, tls: ssl.SSLContext) -> requests.Session:
    """Return a session for one call: no environment, no earlier cookies, no compression."""
    session = requests.Session()
    session.trust_env = False
    adapter = LineAdapter(line, tls)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers.update(
        {
            "User-Agent": "omixa-studio",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
    )
    return session


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Verifies names and certificates, against the given file or the bundle requests brings."""
    return ssl.create_default_context(cafile=ca_file or certifi.where())
