"""Hosts and addresses as they are written: pure functions, which read nothing."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import idna

_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)
_PUBLIC_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def host_of(url: str) -> str:
    """Return the host of such an address without its port, as it stands in a Host header."""
    host = urlsplit(url).hostname or ""
    return f"[{host}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    """Say whether a host name or address names this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def may_be_asked(url: str) -> bool:
    """Return whether an address is https, or http to this machine itself."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )


def read_address(text: str) -> IPv4Address | IPv6Address:
    """Read an address; an IPv4 one that is written as IPv6 is itself. Raises ValueError."""
    address = ip_address(text.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def neighbourhood(address: str) -> str:
    """Return for whom an address counts: itself, but the /64 of IPv6, which one visitor has."""
    try:
        known = read_address(address)
    except ValueError:
        return address
    return str(ip_network((known, 64), strict=False) if known.version == 6 else known)


def split_url(url: str) -> SplitResult | None:
    """Return the parts of a URL, None where its host or port cannot be read."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read here because reading it checks it
    except ValueError:
        return None
    return parts


def is_only_a_host(parts: SplitResult) -> bool:
    """Say whether nothing but a host and perhaps a port stands in a URL."""
    more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    return not more and parts.port != 0


def browser_name(host: str) -> str:
    """Return a host as browsers write it in Host and Origin, "" where they would not."""
    if "%" in host:  # the zone of an address means something on one machine alone
        return ""
    try:
        return f"[{IPv6Address(host)}]" if ":" in host else _ascii_name(host.rstrip("."))
    except ValueError:  # which idna's own errors are, too
        return ""


def is_host(name: str) -> bool:
    """Say whether a text is a host's name, or an address."""
    try:
        ip_address(name)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(name))
    return True


def _ascii_name(host: str) -> str:
    name = host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    return name if _PUBLIC_NAME.fullmatch(name) else ""
