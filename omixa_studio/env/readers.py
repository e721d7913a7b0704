"""Typed readers of the environment: the only code that reads `os.environ`.

An odd value raises ConfigurationError with one sentence that names the variable; it
never falls back to the default in silence.
"""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, unquote

from omixa_studio.hosts import split_url

WORDS = {"yes": True, "no": False}


class ConfigurationError(ValueError):
    """A value of the environment cannot be used; the message says which and why."""


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


def yes(name: str) -> bool:
    """Return whether the variable is yes; it is no when it is empty."""
    given = text(name).lower() or "no"
    if given not in WORDS:
        raise ConfigurationError(f"{name} must be yes or no, not {given!r}.")
    return WORDS[given]


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


def unquoted(name: str, given: str) -> str:
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
