"""The paid call and the free ones. HTTP is here and in line.py, JSON elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import TypeVar

import requests
from requests.auth import AuthBase

from omixa_studio.gateway.address import Network, check_base_url
from omixa_studio.gateway.bills import read_entries
from omixa_studio.gateway.errors import GatewayError, told
from omixa_studio.gateway.faults import TOO_LARGE, broken, fault
from omixa_studio.gateway.fetch import fetch_picture
from omixa_studio.gateway.keys import check_key
from omixa_studio.gateway.line import SLACK, CallConnection, session_on, tls_context
from omixa_studio.gateway.listings import read_models
from omixa_studio.gateway.records import AnswerSink, OfferedModel, RawAnswer, UsageEntry
from omixa_studio.gateway.redaction import clean, redact

__all__ = ["Gateway", "check_base_url"]

# Bytes per chunk: above 128 KiB the C library maps fresh pages for each chunk.
CHUNK = 96 * 1024
LISTING_BYTES = 8 * 2**20
LISTING_SECONDS = 30.0
KEPT_HEADERS = frozenset(
    {"content-type", "content-length", "content-encoding", "retry-after", "date", "location"}
)

Result = TypeVar("Result")


class Gateway:
    """A gateway's address and key, and the limits of a call.

    connect_timeout   seconds to make a connection
    call_seconds      seconds a whole call may take, from the first look-up to the last byte
    answer_bytes      bytes an answer may have
    allowed_networks  not public networks from which pictures may be fetched nevertheless
    ca_file           certificates to trust instead of the usual ones

    Raises ValueError with a sentence for an address or a key that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        connect_timeout: float = 10.0,
        call_seconds: float = 600.0,
        answer_bytes: int = 256 * 2**20,
        allowed_networks: Sequence[Network] = (),
        ca_file: str | None = None,
    ) -> None:
        self.base_url = check_base_url(base_url)
        self._auth = _Bearer(check_key(key))
        self._connect_timeout = connect_timeout
        self._call_seconds = call_seconds
        self._answer_bytes = answer_bytes
        self._allowed_networks = tuple(allowed_networks)
        self._ca_file = ca_file
        self._tls = tls_context(ca_file)

    def __repr__(self) -> str:
        return f"Gateway({self.base_url!r})"

    def generate(
        self,
        body: bytes,
        sink: AnswerSink,
        before_send: Callable[[], None] | None = None,
        *,
        key: str = "",
    ) -> None:
        """POST exactly `body` once, and write the answer to the sink whatever its status.

        It is sent with the gateway's own key, or with `key` instead.

        Returning means the answer is complete. `before_send` is called with the connection made,
        right before the first byte; what it or the sink raises comes out as it is. Raises
        GatewayError where no complete answer came: charged "no" and retryable only if it is
        certain that nothing was sent, else charged "unknown".
        """
        auth = _Bearer(check_key(key)) if key else self._auth
        # No frame of a failed call has a key as a variable: error reports show those.
        del key
        with CallConnection(self._call_seconds, before_send=before_send) as line:
            self._exchange(line, "/images/generations", sink, self._answer_bytes, body, auth)

    def fetch(self, url: str, *, max_bytes: int, seconds: float) -> bytes:
        """Return the bytes of a picture that the gateway linked to; never sends the key."""
        return fetch_picture(
            url,
            max_bytes=max_bytes,
            timeout=seconds,
            allowed_networks=self._allowed_networks,
            ca_file=self._ca_file,
        )

    def list_models(self) -> tuple[OfferedModel, ...]:
        """Return the models the gateway lists. Raises GatewayError, charged "no"."""
        return read_models(self._look_up("/models"))

    def usage_requests(self) -> tuple[UsageEntry, ...]:
        """Return the gateway's request log. Raises GatewayError, charged "no"."""
        return read_entries(self._look_up("/usage/requests")).entries

    def usage_answer(self, what: str, query: str = "") -> RawAnswer:
        """Return the answer about "requests" or "rollups", unread. Raises GatewayError."""
        return self._look_up(f"/usage/{what}" + (f"?{query}" if query else ""))

    def redact(self, text: str) -> str:
        """Return the text without the key."""
        return redact(text, self._auth.key)

    def _look_up(self, path: str) -> RawAnswer:
        kept = _Kept()
        failed: GatewayError | None = None
        with CallConnection(min(LISTING_SECONDS, self._call_seconds)) as line:
            try:
                self._exchange(line, path, kept, LISTING_BYTES, None, self._auth)
            except GatewayError as error:
                failed = _free(error)
        if failed is not None:
            raise failed
        return RawAnswer(kept.status, kept.headers, bytes(kept.body))

    def _exchange(
        self,
        line: CallConnection,
        path: str,
        sink: AnswerSink,
        most: int,
        body: bytes | None,
        auth: _Bearer,
    ) -> None:
        with (
            session_on(line, self._tls) as session,
            closing(
                self._guarded(line, lambda: self._send(session, path, body, auth), auth)
            ) as response,
        ):
            headers = self._headers_of_interest(response.headers, auth)
            if _announced(headers) > most:
                raise fault(TOO_LARGE, f"{headers['content-length']} bytes announced", auth.key)
            sink.head(response.status_code, headers)
            came = 0
            for piece in self._pieces(line, response, auth):
                came += len(piece)
                if came > most:
                    raise fault(TOO_LARGE, f"more than {most} bytes", auth.key)
                sink.write(piece)

    def _send(
        self, session: requests.Session, path: str, body: bytes | None, auth: _Bearer
    ) -> requests.Response:
        return session.request(
            "GET" if body is None else "POST",
            self.base_url + path,
            data=body,
            headers={} if body is None else {"Content-Type": "application/json"},
            auth=auth,
            timeout=(self._connect_timeout, self._call_seconds + SLACK),
            allow_redirects=False,
            stream=True,
        )

    def _pieces(
        self, line: CallConnection, response: requests.Response, auth: _Bearer
    ) -> Iterator[bytes]:
        stream = response.raw.stream(CHUNK, decode_content=False)
        while piece := self._guarded(line, lambda: next(stream, b""), auth):
            yield piece
        framed = response.raw.chunked or "content-length" in response.headers
        if line.expired and not framed:  # else our hang-up would look like the end
            raise broken(line, None, auth.key)

    def _guarded(self, line: CallConnection, step: Callable[[], Result], auth: _Bearer) -> Result:
        """Run one step of the call; any exception becomes a GatewayError."""
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - after the first byte every surprise of a
            caught = error  # library means "outcome unknown"; none may pass for a mere crash
        # Raised outside the except block: the caught exception holds the request with the key.
        raise line.refused or broken(line, caught, auth.key)

    def _headers_of_interest(self, headers: Mapping[str, str], auth: _Bearer) -> dict[str, str]:
        return {
            name.lower(): clean(value, most=1000, key=auth.key)
            for name, value in headers.items()
            if name.lower() in KEPT_HEADERS or "request-id" in name.lower()
        }


class _Bearer(AuthBase):
    """Sets the key last, so that no .netrc replaces it."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.key}"
        return request


class _Kept:
    """A sink in memory, for the small answers of free calls."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = bytearray()

    def head(self, status: int, headers: dict[str, str]) -> None:
        self.status, self.headers = status, headers

    def write(self, chunk: bytes) -> None:
        self.body += chunk


def _announced(headers: Mapping[str, str]) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() and len(length) < 19 else 0


def _free(error: GatewayError) -> GatewayError:
    """Return the same failure marked as not charged, for a free call."""
    return GatewayError(
        told("not_answered"),
        kind=error.kind,
        charged="no",
        detail=error.detail,
        retryable=error.retryable,
    )
