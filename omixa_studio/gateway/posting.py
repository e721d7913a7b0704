"""Post a message to somebody else's server, without trusting its address or its answer."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult

import requests
from urllib3.exceptions import HTTPError

from omixa_studio.gateway.address import (
    Network,
    Resolver,
    plain_parts,
    resolve_host,
    vetted_addresses,
)
from omixa_studio.gateway.errors import Told, told
from omixa_studio.gateway.line import SLACK, CallConnection, now, session_on, tls_context
from omixa_studio.gateway.redaction import clean

CONNECT_SECONDS = 5.0
# Of an answer nothing more is read.
MOST_BYTES = 2048
LOCAL_NAMES = ("localhost",)
USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What came of a message: the status and the beginning of the answer, or a fault.

    `fault` is empty if an answer came, whatever its status. `seconds` is how long it took.
    """

    seconds: float
    status: int | None = None
    answer: str = ""
    fault: tuple[Told, ...] = ()

    @property
    def is_taken(self) -> bool:
        """Say whether the server took the message: only a 2xx says so."""
        return self.status is not None and 200 <= self.status < 300


def address_fault(url: str, allowed: Sequence[Network]) -> Told | None:
    """Return what is wrong with an address as it is written; None if it may be tried.

    It is https, or http to this machine itself where `allowed` networks include that. A name is
    resolved only when a message leaves.
    """
    parts = plain_parts(url)
    if parts is None or parts.scheme not in USUAL_PORTS:
        return told("hook_not_https")
    host = str(parts.hostname)
    if parts.scheme == "http" and not _is_here(host, allowed):
        return told("hook_not_https")
    if host in LOCAL_NAMES and not _allows_here(allowed):
        return told("hook_private")
    try:
        known = vetted_addresses(str(ip_address(host)), 0, allowed, lambda name, port: [name])
    except ValueError:
        return None  # a name
    return None if known else told("hook_private")


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout: float,
    allowed_networks: Sequence[Network] = (),
    ca_file: str | None = None,
    resolve: Resolver = resolve_host,
) -> Receipt:
    """Post a body to an address, within `timeout` seconds, and tell what came of it.

    Redirects are not followed; the connection goes to the address that was checked, so that a name
    cannot change its mind in between. Nothing but `headers` is sent along. The authorities in
    `ca_file` are trusted besides the usual ones. Raises nothing.
    """
    began = now()
    fault = address_fault(url, allowed_networks)
    parts = plain_parts(url)
    if fault or parts is None:
        return Receipt(seconds=0.0, fault=(fault or told("hook_not_https"),))
    try:
        addresses = _addresses(parts, allowed_networks, resolve)
    except (OSError, ValueError):
        return Receipt(seconds=now() - began, fault=(told("hook_unknown_host"),))
    if not addresses:
        return Receipt(seconds=now() - began, fault=(told("hook_private"),))
    tls = tls_context(None)
    try:
        if ca_file:
            tls.load_verify_locations(ca_file)
    except OSError as error:
        return Receipt(seconds=now() - began, fault=(told("hook_no_answer", why=str(error)),))
    return _post(url, body, headers, addresses, tls, timeout)


def _post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    addresses: tuple[str, ...],
    tls: ssl.SSLContext,
    timeout: float,
) -> Receipt:
    began, why, status, answer = now(), "", None, b""
    with CallConnection(timeout, addresses=addresses) as line:
        limits = (CONNECT_SECONDS, timeout + SLACK)
        try:
            with (
                session_on(line, tls) as session,
                closing(
                    session.post(
                        url,
                        data=body,
                        headers=dict(headers),
                        timeout=limits,
                        allow_redirects=False,
                        stream=True,
                    )
                ) as response,
            ):
                if line.expired:  # the head ended because the connection was hung up
                    raise TimeoutError("the head was not sent in time")
                status = response.status_code
                # What is there already: an answer without an end holds nobody up.
                answer = response.raw.read1(MOST_BYTES) or b""
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            why = clean(f"{type(error).__name__}: {error}")
        late = line.expired or (bool(why) and not line.remaining())
    seconds = now() - began
    if status is not None:
        return Receipt(seconds=seconds, status=status, answer=_readable(answer))
    said = told("hook_too_slow") if late else told("hook_no_answer", why=why[:200])
    return Receipt(seconds=seconds, fault=(said,))


def _addresses(
    parts: SplitResult, allowed: Sequence[Network], resolve: Resolver
) -> tuple[str, ...]:
    host, port = str(parts.hostname), parts.port or USUAL_PORTS[parts.scheme]
    found = vetted_addresses(host, port, allowed, resolve)
    if parts.scheme == "http" and not all(ip_address(one).is_loopback for one in found):
        return ()
    return found


def _is_here(host: str, allowed: Sequence[Network]) -> bool:
    if not _allows_here(allowed):
        return False
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in LOCAL_NAMES


def _allows_here(allowed: Sequence[Network]) -> bool:
    return any(network.is_loopback for network in allowed)


def _readable(answer: bytes) -> str:
    """Return the beginning of an answer as text that every database keeps."""
    text = answer.decode("utf-8", "replace")
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
