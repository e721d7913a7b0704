"""The settings of apps that people let in by OAuth, STUDIO_OAUTH*, read from the environment."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult

from omixa_studio import env
from omixa_studio.env import ConfigurationError
from omixa_studio.hosts import browser_name, split_url

LONGEST_RETURN = 500
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Schemes by which editors take people back; besides these the reversed names of hosts (RFC 8252),
# which no browser gives a meaning of its own, as it does to javascript: and data:.
EDITORS = ("cursor", "vscode", "vscode-insiders", "windsurf")
_WRITTEN = re.compile(r"[!$-;=?-\[\]_a-z~]+")


@dataclass(frozen=True, kw_only=True)
class AppAccess:
    """Whether programs may ask people to let them in, and which of the web.

    Programs on a person's own device may as soon as it is `on`; a service of the web only if people
    come back to it at one of `hosts`, as browsers write them.
    """

    on: bool = False
    hosts: tuple[str, ...] = ()


def read() -> AppAccess:
    """Read the settings. Raises ConfigurationError."""
    on, given = env.yes("STUDIO_OAUTH"), env.text("STUDIO_OAUTH_HOSTS")
    if given and not on:
        raise ConfigurationError("STUDIO_OAUTH_HOSTS needs STUDIO_OAUTH=yes.")
    hosts = []
    for host in given.lower().replace(",", " ").split():
        name = browser_name(host)
        if not name or "." not in name:
            raise ConfigurationError(
                f"STUDIO_OAUTH_HOSTS must be names of hosts, like claude.ai, not {host!r}."
            )
        hosts.append(name)
    return AppAccess(on=on, hosts=tuple(hosts))


def place_of(uri: str, hosts: Collection[str]) -> str:
    """Return the host, or the scheme of an editor, to which an address leads people back.

    "" for one that an app may not name: another host of the web than `hosts`, or an address that
    browsers and people could read differently.
    """
    parts = split_url(uri) if _WRITTEN.fullmatch(uri) and len(uri) <= LONGEST_RETURN else None
    if parts is None or "@" in parts.netloc or not uri.startswith(f"{parts.scheme}:"):
        return ""
    host = parts.hostname or ""
    if _is_loopback(parts) or (parts.scheme == "https" and host in hosts):
        return parts.netloc
    is_private = parts.scheme in EDITORS or "." in parts.scheme
    return f"{parts.scheme}:" if is_private else ""


def is_registered(uri: str, registered: Iterable[str]) -> bool:
    """Return whether an app registered an address: as it is written, but for a loopback's port."""
    return any(uri == one or _is_same_loopback(uri, one) for one in registered)


def _is_same_loopback(uri: str, other: str) -> bool:
    one, two = split_url(uri), split_url(other)
    if one is None or two is None or not (_is_loopback(one) and _is_loopback(two)):
        return False
    return (one.hostname, one.path, one.query) == (two.hostname, two.path, two.query)


def _is_loopback(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in LOOPBACK
