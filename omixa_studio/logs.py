"""Lines of the log as JSON, and what they are about: a request, a person, a generation."""

import copy
import json
import logging
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any

_ABOUT: ContextVar[dict[str, object]] = ContextVar("about")
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.\-]{8,64}")
# PostgreSQL repeats values of a row here, and so prompts.
_VALUES = re.compile(r"(?m)^(?:DETAIL|CONTEXT): .*$")
# While a server is away the same fails many times a second, for hours: where is told so often.
SECONDS_BETWEEN_TRACEBACKS = 60.0
MOST_TRACEBACKS_KNOWN = 1000


@contextmanager
def about(**what: object) -> Iterator[str]:
    """Say what the lines of the log are about until the end; gives the id of the request."""
    token = _ABOUT.set({**_ABOUT.get({}), **what})
    try:
        yield str(what.get("request", ""))
    finally:
        _ABOUT.reset(token)


def set_person(pk: int | None) -> None:
    """Say whose request it is, by the id of the account alone."""
    known = _ABOUT.get({})
    if "person" in known:
        known["person"] = pk


def current() -> dict[str, object]:
    """Return what lines are about at this moment: ids, no words."""
    return {name: value for name, value in _ABOUT.get({}).items() if value is not None}


def request_id(brought: str) -> str:
    """Return an id for a request: the one that was brought if it is one, else a new one."""
    return brought if _REQUEST_ID.fullmatch(brought) else secrets.token_hex(8)


def without_values(text: str) -> str:
    """Return the text of an error without the values that a database repeats in it."""
    return _VALUES.sub("", text)


class ShortRefusals(logging.Filter):
    """Leaves out where in the program a request was refused: the answer is meant, no error."""

    def filter(self, record: logging.LogRecord) -> bool:
        status = getattr(record, "status_code", 0)
        # Anybody could fill the disk with them.
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True


class Console(logging.StreamHandler[Any]):
    """Writes where in the program an error was raised once a minute; each time, that it was."""

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[object, float] = {}

    def handle(self, record: logging.LogRecord) -> bool:
        """Write a record; other handlers get it as it was."""
        raised = record.exc_info[1] if record.exc_info else None
        if raised is not None and self._is_known(record, raised):
            record = copy.copy(record)
            record.msg = f"{record.getMessage()} (again: {type(raised).__name__})"
            record.args = record.exc_info = record.exc_text = None
        return bool(super().handle(record))

    def _is_known(self, record: logging.LogRecord, raised: BaseException) -> bool:
        now, way = time.monotonic(), (record.msg, type(raised), *_lines_of(raised.__traceback__))
        if now - self._told.get(way, -SECONDS_BETWEEN_TRACEBACKS) < SECONDS_BETWEEN_TRACEBACKS:
            return True
        if len(self._told) >= MOST_TRACEBACKS_KNOWN:
            self._told.clear()
        self._told[way] = now
        return False


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **current(),
        }
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["exception"] = without_values(record.exc_text)
        return json.dumps(line, ensure_ascii=False)


def _lines_of(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
