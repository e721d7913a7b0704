"""Where the studio listens and what it calls: its own address, mail, webhooks, reports."""

import re
import ssl
from dataclasses import dataclass
from ipaddress import ip_network
from urllib.parse import unquote, urlsplit

from omixa_studio.gateway.address import Network
from omixa_studio.hosts import (
    browser_name,
    host_of,
    is_host,
    is_loopback,
    is_only_a_host,
    split_url,
)

from .readers import ConfigurationError, address, secret, text, whole

SHORTEST_TOKEN = 16
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Mail:
    """Where mail is sent, and from which address; without a host none is sent.

    `is_tls` is encrypted from the first byte, `starts_tls` after a greeting in the open.
    """

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    is_tls: bool = False
    starts_tls: bool = False
    sender: str = ""


def listen() -> tuple[str, int]:
    """Return host and port to listen on."""
    host = text("STUDIO_HOST", "127.0.0.1")
    if not is_host(host):
        raise ConfigurationError(
            f"STUDIO_HOST must be an address or a name, like 127.0.0.1 or ::1, not {host!r}."
        )
    return host, whole("STUDIO_PORT", 8000, least=1, most=65535)


def public_url() -> str:
    """Return the address people open as a browser spells it, without a closing slash."""
    host, port = listen()
    shown = f"[{host}]" if ":" in host else host
    url = text("STUDIO_URL", f"http://{shown}:{port}")
    parts = split_url(url)
    name = browser_name(parts.hostname or "") if parts else ""
    if not (parts and name and parts.scheme in DEFAULT_PORTS and is_only_a_host(parts)):
        raise ConfigurationError(
            f"STUDIO_URL must look like https://studio.example.org, not {url!r}."
        )
    usual = parts.port in (None, DEFAULT_PORTS[parts.scheme])
    return f"{parts.scheme}://{name}" + ("" if usual else f":{parts.port}")


def mail() -> Mail:
    """Return how mail is sent: smtps:// encrypted, smtp:// with STARTTLS except on loopback."""
    parts = urlsplit(address("EMAIL_URL", ("smtp", "smtps")))
    host, is_tls = parts.hostname or "", parts.scheme == "smtps"
    sender = text("STUDIO_MAIL_FROM", f"studio@{host_of(public_url()).strip('[]')}")
    if not re.fullmatch(r"[^\s@]+@[^\s@]+|[^\r\n<>]+<[^\s@<>]+@[^\s@<>]+>", sender):
        raise ConfigurationError(
            f"STUDIO_MAIL_FROM must be an address, like studio@example.org, not {sender!r}."
        )
    if not parts.scheme:
        return Mail()
    if not host:
        raise ConfigurationError("EMAIL_URL must name a host, like smtps://mail.example.org.")
    return Mail(
        host=host,
        port=parts.port or (465 if is_tls else 25 if is_loopback(host) else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_tls=is_tls,
        starts_tls=not is_tls and not is_loopback(host),
        sender=sender,
    )


def metrics_token() -> str:
    """Return what opens /metrics and the details of /ready besides admins' tokens, "" for none."""
    given = secret("STUDIO_METRICS_TOKEN")
    if given and len(given) < SHORTEST_TOKEN:
        raise ConfigurationError(f"STUDIO_METRICS_TOKEN needs {SHORTEST_TOKEN} characters.")
    return given


def webhook_networks() -> tuple[Network, ...]:
    """Return which networks that are not public webhooks may reach, such as 127.0.0.0/8."""
    given = text("STUDIO_WEBHOOK_NETWORKS").replace(",", " ").split()
    try:
        return tuple(ip_network(one) for one in given)
    except ValueError as error:
        raise ConfigurationError(
            f"STUDIO_WEBHOOK_NETWORKS must be networks, like 10.0.0.0/8 ::1/128: {error}."
        ) from None


def webhook_ca_file() -> str | None:
    """Return the file of authorities that webhooks trust besides the usual ones, None for none."""
    path = text("STUDIO_WEBHOOK_CA_FILE")
    if not path:
        return None
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigurationError(
            f"STUDIO_WEBHOOK_CA_FILE must be a file of certificates (PEM), not {path!r}: {reason}."
        ) from None
    return path


def sentry_dsn() -> str:
    """Return where errors are reported, "" for nowhere. No sentence repeats its key."""
    given = secret("SENTRY_DSN")
    parts = split_url(given)
    is_whole = parts and parts.scheme in DEFAULT_PORTS and parts.hostname and parts.username
    if given and not is_whole:
        raise ConfigurationError("SENTRY_DSN must look like https://key@host/project.")
    return given
