"""Keep the API key out of everything that is stored, logged or shown; tokens out of the log."""

from __future__ import annotations

import logging
import re
from urllib.parse import quote

HIDDEN = "[key]"
SHORTEST_KEY = 8  # a shorter key could match ordinary text

_LIKE_A_KEY = re.compile(r"omx_[A-Za-z]+_[A-Za-z0-9_\-]+")
_BEARER = re.compile(r"(?i)\b(bearer)(?:\s+|%20)[A-Za-z0-9._~+/=\-]{8,}")
# A personal access token of the studio; names of tables begin like one.
_TOKEN = re.compile(r"\bomixa_(?!studio_)[A-Za-z0-9_\-]{20,}")
# Line breaks go as well: one message is one line, in a log and on a page.
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
# The token opens a guest link, an invitation, a password's reset or a program's picture to whoever
# reads it.
_LINK = re.compile(r"/(g|invited|forgotten|v1/pictures)/[A-Za-z0-9_:\-]{16,}")
_AUTHORIZATION = re.compile(
    r"""(?i)(authorization['"]?\s*[:=]\s*(?:b(?=['"]))?['"]?)(?:(?:bearer|basic)\s+)?[^\s'",}]+"""
)


# The keys that this process has read or was given, besides that of the environment.
_known: set[str] = set()


def hide(key: str) -> None:
    """Keep one more key out of everything that this process redacts from now on."""
    _known.add(key)


def hidden_keys(key: str = "") -> tuple[str, ...]:
    """Return every key that is kept out: the given one and all known ones, the longest first."""
    long_enough = {one for one in (key, *tuple(_known)) if len(one) >= SHORTEST_KEY}
    return tuple(sorted(long_enough, key=len, reverse=True))


def redact(text: str, key: str = "") -> str:
    """Return the text without the key, any other known one, and anything that looks like one."""
    for one in hidden_keys(key):
        for form in {one, quote(one, safe="")}:
            text = text.replace(form, HIDDEN)
    text = _TOKEN.sub(HIDDEN, _LIKE_A_KEY.sub(HIDDEN, text))
    text = _AUTHORIZATION.sub(rf"\1{HIDDEN}", text)
    return _BEARER.sub(rf"\1 {HIDDEN}", text)


def clean(text: str, *, most: int = 500, key: str = "") -> str:
    """Clean foreign text: one line, no control characters, no key, at most `most` characters."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    # Cut generously first: the text may be megabytes, and a cut must not halve a key unseen.
    text = redact(_CONTROL.sub(" ", text[: most + 4096]), key).strip()
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


class RedactKey(logging.Filter):
    """For handlers: cleans message, arguments, exception text, stack and extra fields.

    Tokens of guest links and invitations go, too, since paths of requests contain them.

    The exception itself is taken off the record, since a handler that formats it once more
    (mail to admins, error collectors) would bring the key back.
    """

    def __init__(self, key: str = "") -> None:
        super().__init__()
        self._key = key

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._redact(_message(record)), None
        if record.exc_info:
            record.exc_text = record.exc_text or logging.Formatter().formatException(
                record.exc_info
            )
            record.exc_info = None
        for name, value in list(vars(record).items()):
            if isinstance(value, str):
                setattr(record, name, self._redact(value))
        return True

    def _redact(self, text: str) -> str:
        return hidden_in_logs(text, self._key)


def hidden_in_logs(text: str, key: str = "") -> str:
    """Return the text without the key, and without tokens of guest links and invitations."""
    return _LINK.sub(r"/\1/[link]", redact(text, key))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # a bad format string must not lose the log line
        return f"{record.msg} {record.args}"
