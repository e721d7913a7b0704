"""Ask a server that whoever runs the studio has named, within a time and a size.

Unlike addresses that come from strangers, this one may be in a private network.
"""

from __future__ import annotations

from contextlib import closing
from typing import Any, Self

import requests
from urllib3.exceptions import HTTPError

from omixa_studio.gateway.line import SLACK, CallConnection, session_on, tls_context
from omixa_studio.gateway.redaction import clean
from omixa_studio.hosts import may_be_asked

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 10.0
MOST_BYTES = 512 * 1024
TAKEN = (200, 201)


class NoAnswer(requests.RequestException):
    """The server gave no answer that can be used; the message says why, without secrets."""


class BriefSession:
    """What allauth uses of requests' session, each call on a connection of its own.

    A call takes TOTAL_SECONDS and MOST_BYTES at most and follows no redirect. Raises NoAnswer, also
    for an answer of another status than TAKEN.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Do nothing: each call has closed its connection."""

    def get(self, url: str, **more: Any) -> requests.Response:
        return self.request("GET", url, **more)

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        if not may_be_asked(url):
            raise NoAnswer("its address is neither https nor on this machine")
        more["timeout"] = (CONNECT_SECONDS, TOTAL_SECONDS + SLACK)
        more |= {"allow_redirects": False, "stream": True}
        with CallConnection(TOTAL_SECONDS) as line:
            try:
                with (
                    session_on(line, tls_context(None)) as session,
                    closing(session.request(method, url, **more)) as response,
                ):
                    _read(response)
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                raise NoAnswer(clean(f"{type(error).__name__}: {error}")) from None
            if line.expired:
                raise NoAnswer("it took too long")
        if response.status_code not in TAKEN:
            raise NoAnswer(f"it answered with status {response.status_code}")
        return response


def _read(response: requests.Response) -> None:
    body = bytearray()
    for piece in response.raw.stream(MOST_BYTES, decode_content=False):
        body += piece
        if len(body) > MOST_BYTES:
            raise NoAnswer("its answer is too long")
    # The response stands for itself from now on, its connection is closed.
    response._content = bytes(body)
    response._content_consumed = True  # type: ignore[attr-defined]  # requests' own
