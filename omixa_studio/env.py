"""Typed readers of the environment: the only code that reads `os.environ`.

An odd value raises ConfigurationError with one sentence that names the variable; it
never falls back to the default in silence.
"""

import os
import re
import secrets
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from omixa_studio.gateway.address import SANDBOX, Network, check_base_url, target_of
from omixa_studio.hosts import (
    browser_name,
    host_of,
    is_host,
    is_loopback,
    is_only_a_host,
    split_url,
)

PROJECT = Path(__file__).resolve().parent.parent

LANGUAGES = {"en": "English", "ru": "Русский", "zh-hans": "简体中文"}
GATEWAY_BASE_URL = "https://www.omixa.cloud/api/v1"
SANDBOX_BASE_URL = "http://127.0.0.1:8001/api/v1"
POSTGRES = ("postgres", "postgresql")
REDIS = ("redis", "rediss")
MOST_THREADS = 64
# How addresses at which programs wait for pictures begin, after the slash; how many may wait.
WAITS_FOR_PICTURES = ("v1/images/", "api/v1/generations", "mcp")
MOST_WAITING = 64
SHORTEST_TOKEN = 16
DEFAULT_PORTS = {"http": 80, "https": 443}
_REDIS_DATABASE = re.compile(r"(/[0-9]{0,5})?|[0-9]{1,5}")


class ConfigurationError(ValueError):
    """A value of the environment cannot be used; the message says which and why."""


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


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding spaces, or the default when it is empty."""
    given = os.environ.get(name, "").strip() or default
    try:
        given.encode()
    except UnicodeEncodeError:  # which is how Python keeps such bytes
        raise ConfigurationError(f"{name} is not valid UTF-8.") from None
    return given


def whole(name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    """Return the variable as a whole number between least and most."""
    given = text(name)
    if not given:
        return default
    try:
        number = int(given)
    except ValueError:
        raise ConfigurationError(f"{name} must be a whole number, not {given!r}.") from None
    if not least <= number <= most:
        raise ConfigurationError(f"{name} must be between {least} and {most}, not {number}.")
    return number


def secret(name: str) -> str:
    """Return NAME, or the content of the file that NAME_FILE points to, or ""."""
    path = text(f"{name}_FILE")
    if not path:
        return text(name)
    if text(name):
        raise ConfigurationError(f"Set {name} or {name}_FILE, not both.")
    try:
        content = Path(path).read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigurationError(f"{name}_FILE cannot be read: {path!r} ({reason}).") from None
    if not content:  # without its key a studio would only practise
        raise ConfigurationError(f"{name}_FILE points to an empty file: {path!r}.")
    return content


def address(name: str, kinds: tuple[str, ...]) -> str:
    """Return a URL of one of these kinds (schemes), or "" when the variable is empty.

    It may hold a password: no sentence repeats it, and NAME_FILE can hold it instead.
    """
    given = secret(name)
    parts = split_url(given)
    if not given:
        return ""
    if parts is None:
        raise ConfigurationError(
            f"{name} is not a valid address; special characters in a password are written"
            " as %40 and the like."
        )
    if parts.scheme not in kinds or "://" not in given:
        raise ConfigurationError(
            f"{name} must start with {', '.join(f'{kind}://' for kind in kinds)}."
        )
    if parts.scheme == "sqlite":
        _check_file(name, parts)
    return given


def database_url() -> str:
    """Return where the rows are, or "" for the file in the data folder."""
    return address("DATABASE_URL", ("sqlite", *POSTGRES))


def queue_url() -> str:
    """Return where wake-ups are queued, or "" for the file in the data folder."""
    url = address("QUEUE_URL", ("sqlite", *REDIS, *POSTGRES))
    parts = urlsplit(url)
    # The driver would take another number for none, and share the queue of another studio.
    if parts.scheme in REDIS and not _REDIS_DATABASE.fullmatch(parts.path):
        raise ConfigurationError(
            "QUEUE_URL must end with the number of a database, like redis://host:6379/0."
        )
    return url


def storage_url() -> str:
    """Return the bucket that keeps the pictures, or "" for the data folder."""
    url = address("STORAGE_URL", ("s3",))
    if url and not urlsplit(url).hostname:
        raise ConfigurationError("STORAGE_URL must name a bucket, like s3://bucket/prefix.")
    return url


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


def backup_dir() -> Path | None:
    """Return the folder of the nightly backups, None if there are none; no relative path."""
    given = _unquoted("STUDIO_BACKUP_DIR", text("STUDIO_BACKUP_DIR"))
    if not given:
        return None
    if not Path(given).is_absolute():
        raise ConfigurationError(f"STUDIO_BACKUP_DIR must be a whole path, not {given!r}.")
    if Path(given).resolve().is_relative_to(data_dir().resolve()):
        raise ConfigurationError("STUDIO_BACKUP_DIR must not lie in the data folder.")
    return Path(given)


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


def log_format() -> str:
    """Return how lines of the log are written: "text" or "json"."""
    given = text("STUDIO_LOG_FORMAT", "text").lower()
    if given not in ("text", "json"):
        raise ConfigurationError(f"STUDIO_LOG_FORMAT must be text or json, not {given!r}.")
    return given


def sentry_dsn() -> str:
    """Return where errors are reported, "" for nowhere. No sentence repeats its key."""
    given = secret("SENTRY_DSN")
    parts = split_url(given)
    is_whole = parts and parts.scheme in DEFAULT_PORTS and parts.hostname and parts.username
    if given and not is_whole:
        raise ConfigurationError("SENTRY_DSN must look like https://key@host/project.")
    return given


def for_child(**additions: str) -> dict[str, str]:
    """Return the environment for a process of ours, with what it is told besides."""
    return {**os.environ, **additions}


def handed(name: str, is_kind: Callable[[int], bool]) -> int | None:
    """Return an open file that the supervisor hands on by its number, None without one."""
    if not text(name):
        return None
    number = whole(name, 0)
    try:
        known = is_kind(os.fstat(number).st_mode)
    except (OSError, OverflowError):
        known = False
    if not known:
        raise ConfigurationError(
            f"{name} is set by manage.py studio for its own processes: unset it."
        )
    return number


def data_dir() -> Path:
    """Return the data folder; a relative path is taken from the project's folder."""
    given = _unquoted("STUDIO_DATA_DIR", text("STUDIO_DATA_DIR", "data"))
    try:
        return PROJECT / Path(given).expanduser()
    except RuntimeError:
        raise ConfigurationError(
            f"STUDIO_DATA_DIR starts with the home folder of an unknown user: {given!r}."
        ) from None


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


def api_key() -> str:
    """Return the workspace key, or "" in sandbox mode."""
    return _key("OMIXA_API_KEY", secret("OMIXA_API_KEY"))


def sandbox_key() -> str:
    """Return the key of the stand-in gateway."""
    return _key("STUDIO_SANDBOX_KEY", text("STUDIO_SANDBOX_KEY", "omx_live_sandbox"))


def gateway_url() -> str:
    """Return the base address of the gateway, or of the sandbox when there is no key.

    Plain http is refused except on loopback, so that the key never travels in the open.
    """
    name, default = "OMIXA_BASE_URL", GATEWAY_BASE_URL
    if not api_key():
        name, default = "STUDIO_SANDBOX_URL", SANDBOX_BASE_URL
    try:
        return check_base_url(text(name, default))
    except ValueError as error:
        raise ConfigurationError(f"{name} cannot be used. {error}") from None


def target() -> str:
    """Return what generations and charges are booked on: "sandbox" or the gateway's host."""
    return target_of(gateway_url()) if api_key() else SANDBOX


def time_zone() -> str:
    """Return the studio's time zone, in which months and days of the costs are counted."""
    name = text("STUDIO_TIME_ZONE", "UTC")
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"STUDIO_TIME_ZONE must be a name like Europe/Riga, not {name!r}."
        ) from None
    return name


def language() -> str:
    """Return the language of whoever has chosen none."""
    code = text("STUDIO_LANGUAGE", "en")
    if code not in LANGUAGES:
        raise ConfigurationError(f"STUDIO_LANGUAGE must be {' or '.join(LANGUAGES)}, not {code!r}.")
    return code


def log_level() -> str:
    """Return the level of the log."""
    level = text("STUDIO_LOG_LEVEL", "INFO").upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ConfigurationError(
            f"STUDIO_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not {level!r}."
        )
    return level


def secret_key(folder: Path) -> str:
    """Return the key that signs sessions and queue messages; make it on the first start.

    STUDIO_SECRET_KEY serves studios on several machines; else the data folder keeps one.
    """
    given = secret("STUDIO_SECRET_KEY")
    if given:
        return given
    path = folder / "secret"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists() or not path.stat().st_size:
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigurationError(f"The data folder {folder} cannot be used: {error}.") from None


def _key(name: str, given: str) -> str:
    """Refuse what cannot stand in a header; no sentence repeats it."""
    _unquoted(name, given)
    if any(letter.isspace() or not letter.isprintable() for letter in given):
        raise ConfigurationError(f"{name} contains a space or a line break.")
    if not given.isascii():
        raise ConfigurationError(f"{name} contains a character that a key cannot have.")
    return given


def _unquoted(name: str, given: str) -> str:
    """Refuse quotes around a value: lists of compose files and `docker --env-file` keep them."""
    if len(given) > 1 and given[0] == given[-1] and given[0] in "\"'":
        raise ConfigurationError(f"{name} is in quotes: remove them.")
    return given


def _check_file(name: str, parts: SplitResult) -> None:
    """Refuse a database in memory, which no second process sees, and one in no folder."""
    path = Path(unquote(parts.path[1:]))
    if parts.netloc or not path.name:
        raise ConfigurationError(f"{name} must name a file, like sqlite:////var/lib/rows.sqlite3.")
    if not path.parent.is_dir():
        raise ConfigurationError(f"{name} names a file in a folder that does not exist: {path}.")


def _write_once(path: Path, content: str) -> None:
    """Write a private file so that of two starts at once both read the same content."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.touch(mode=0o600)
    with part.open("w", encoding="ascii") as file:
        file.write(content)
        file.flush()
        # A power cut must not leave an empty secret behind.
        os.fsync(file.fileno())
    try:
        if path.exists() and not path.stat().st_size:
            path.unlink()
        os.link(part, path)
    except FileExistsError:
        return
    finally:
        part.unlink()
