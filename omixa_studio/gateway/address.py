"""Checks of addresses: the gateway's own, and those of pictures it links to."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Iterable[str]]

# Refuse whatever a library might parse differently: spaces, backslashes, non-ASCII.
_PLAIN_URL = re.compile(r"[!-\[\]-~]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.\-_]*[a-z0-9.])?|[0-9a-f:.]+")
_LONGEST_HOST = 190  # fits the column, with a port
_HERE = ("127.0.0.1", "::1")
_USUAL_PORTS = {"http": 80, "https": 443}
SANDBOX = "sandbox"
_NAT64 = IPv6Network("64:ff9b::/96")  # how a network without IPv4 names the whole of IPv4
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# IANA's special-purpose networks, which no public server uses. Listed here because Python's own
# list differs by version.
_SPECIAL_4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # shared behind a provider's translation
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays from IPv6, given up
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
_SPECIAL_6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, Teredo's tunnels among them
        "2001:db8::/32",
        "2002::/16",  # tunnels to an IPv4 address that is written inside
        "2620:4f:8000::/48",
        "3fff::/20",
    )
]


def check_base_url(url: str) -> str:
    """Return the gateway's base address, normalised, without a trailing slash.

    Raises ValueError with a sentence unless it is https, or plain http on this machine.
    """
    parts = _split(url.strip())
    if parts is None or parts.scheme not in ("http", "https"):
        raise ValueError("The gateway's address must look like https://www.omixa.cloud/api/v1.")
    if parts.query or parts.fragment:
        raise ValueError("The gateway's address must not hold a question mark or a hash sign.")
    host = parts.hostname or ""
    if len(host) > _LONGEST_HOST:
        raise ValueError(
            f"The gateway's address must hold a name of {_LONGEST_HOST} letters at most."
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(
            "The gateway's address must begin with https://, since the key travels with each call."
        )
    name = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port is not None else ""
    return f"{parts.scheme}://{name}{port}{parts.path.rstrip('/')}"


def target_of(url: str) -> str:
    """Return the target of a base address: its host in one spelling, with a non-standard port."""
    parts = urlsplit(check_base_url(url))
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return spell_target(f"{host}:{parts.port or _USUAL_PORTS[parts.scheme]}")


def spell_target(target: str) -> str:
    """Return the canonical spelling of a target; "sandbox" is unchanged.

    Capitals, a trailing dot, spellings of an IPv6 address and of loopback, and the default port
    make no difference.
    """
    parts = urlsplit(f"//{target}")
    host = _spell_host(parts.hostname or "")
    if host == SANDBOX:  # a gateway with this name keeps its port to differ from practice
        return f"{host}:{parts.port}" if parts.port else host
    usual = (None, 443, 80) if host == "localhost" else (None, 443)
    return host if parts.port in usual else f"{host}:{parts.port}"


def https_parts(url: str) -> SplitResult | None:
    """Return the parts of an https address with a plain host and no credentials, else None."""
    parts = _split(url)
    return parts if parts is not None and parts.scheme == "https" else None


def plain_parts(url: str) -> SplitResult | None:
    """Return the parts of an address with a plain host and no credentials, else None."""
    return _split(url)


def vetted_addresses(
    host: str, port: int, allowed: Sequence[Network], resolve: Resolver
) -> tuple[str, ...]:
    """Return every IP address of the host if all are public or in an allowed network.

    A single other address makes the result empty. Raises OSError for an unknown name.
    """
    found = [ip_address(text.partition("%")[0]) for text in resolve(host, port)]
    return tuple(str(one) for one in found) if all(_may(one, allowed) for one in found) else ()


def resolve_host(host: str, port: int) -> list[str]:
    """Return the IP addresses of a host, each once, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _split(url: str) -> SplitResult | None:
    if not _PLAIN_URL.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    login = parts.username is not None or parts.password is not None
    if login or port == 0 or not _HOST.fullmatch(parts.hostname or ""):
        return None
    return parts


def _spell_host(host: str) -> str:
    name = host.rstrip(".")
    try:
        address = ip_address(name)
    except ValueError:
        return name
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if str(address) in _HERE:
        return "localhost"
    return f"[{address}]" if ":" in str(address) else str(address)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _may(address: Address, allowed: Sequence[Network]) -> bool:
    if any(address in network for network in allowed):
        return True
    if address in _NAT64:
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    return _is_public(address)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_4)
    # Most special networks lie outside the allocated part of IPv6.
    return address in _GLOBAL_UNICAST and not any(address in network for network in _SPECIAL_6)
