"""Fetch a picture from an address in an answer, without trusting that address."""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError

from omixa_studio.gateway.address import (
    Network,
    Resolver,
    https_parts,
    resolve_host,
    vetted_addresses,
)
from omixa_studio.gateway.errors import GatewayError, told
from omixa_studio.gateway.line import SLACK, CallConnection, now, session_on, tls_context
from omixa_studio.gateway.pictures import NotAPicture, unpack
from omixa_studio.gateway.redaction import clean

CHUNK = 256 * 1024
CONNECT_SECONDS = 10.0
MOST_REDIRECTS = 3
LONGEST_ADDRESS = 8192
# Statuses besides 5xx after which the same request may soon succeed.
PASSING = (408, 425, 429)

_DATA = re.compile(r"data:", re.IGNORECASE)


def fetch_picture(
    url: str,
    *,
    max_bytes: int,
    timeout: float,
    allowed_networks: Sequence[Network] = (),
    ca_file: str | None = None,
    resolve: Resolver = resolve_host,
) -> bytes:
    """Return the bytes at an https or data URL: at most `max_bytes`, within `timeout` seconds.

    Every hop (three redirects at most) is https, to a host all of whose addresses are public or
    in `allowed_networks`; the connection goes to the address that was checked, so that a name
    cannot change its mind in between. No key and no cookie is sent. Raises GatewayError, charged
    "unknown": fetching costs nothing, but the picture behind the address was paid for. Its
    `fetch_again` says that the trouble may pass: no connection, no answer in time, 5xx.
    """
    if _DATA.match(url):
        return _inline(url, max_bytes)
    tls = tls_context(ca_file)
    deadline = now() + timeout
    for _ in range(MOST_REDIRECTS + 1):
        addresses = _vetted(url, allowed_networks, resolve)
        found = _one_hop(url, addresses, tls, max_bytes, deadline - now())
        if isinstance(found, bytes):
            return found
        url = urljoin(url, found)
    raise _fault("it redirects too often")


def _vetted(url: str, allowed: Sequence[Network], resolve: Resolver) -> tuple[str, ...]:
    parts = https_parts(url) if len(url) <= LONGEST_ADDRESS else None
    if parts is None:
        raise _fault("it is not a plain https address")
    host, port = str(parts.hostname), parts.port or 443
    try:
        addresses = vetted_addresses(host, port, allowed, resolve)
    except (OSError, ValueError) as error:
        raise _fault("its host is not known", again=isinstance(error, OSError)) from None
    if not addresses:
        raise _fault("it leads into a private network")
    return addresses


def _one_hop(
    url: str, addresses: tuple[str, ...], tls: ssl.SSLContext, most: int, seconds: float
) -> bytes | str:
    """Return the picture's bytes, or the target of a redirect."""
    if seconds <= 0:
        raise _fault("it took too long", again=True)
    why = ""
    with CallConnection(seconds, addresses=addresses) as line:
        try:
            found = _get(url, line, tls, most, seconds)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            why = clean(f"{type(error).__name__}: {error}")
        # A connection made too late is refused before its watcher sees the deadline pass.
        if line.expired or (why and not line.remaining()):
            raise _fault("it took too long", again=True)
    if why:
        raise _fault(why, again=True)
    return found


def _get(
    url: str, line: CallConnection, tls: ssl.SSLContext, most: int, seconds: float
) -> bytes | str:
    limits = (CONNECT_SECONDS, seconds + SLACK)
    with (
        session_on(line, tls) as session,
        closing(session.get(url, timeout=limits, allow_redirects=False, stream=True)) as response,
    ):
        if response.is_redirect:
            return str(response.headers["location"])
        status = response.status_code
        if status != 200:
            again = status >= 500 or status in PASSING
            raise _fault(f"it answered with status {status}", again=again)
        body = bytearray()
        for piece in response.raw.stream(CHUNK, decode_content=False):
            body += piece
            if len(body) > most:
                raise _fault("it is larger than allowed")
        return bytes(body)


def _inline(url: str, most: int) -> bytes:
    if len(url) > most * 2:
        raise _fault("it is larger than allowed")
    body = url.encode("utf-8", "replace")
    try:
        return unpack(body, 0, len(body), most=most)[0]
    except NotAPicture as why:
        raise _fault(f"it {why}") from None


def _fault(why: str, *, again: bool = False) -> GatewayError:
    return GatewayError(
        told("not_fetched"),
        kind="gateway",
        charged="unknown",
        fetch_again=again,
        detail=f"The picture's address was not used: {why}.",
    )
