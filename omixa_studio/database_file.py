"""The file of an SQLite database, which may be replaced or deleted while a process has it open.

Such a process goes on in the file that nobody sees any more, and a new connection would mix the
other file with the first one's log (`-wal`). So whoever notices writes nothing more and stops.
"""

import logging
import os
import time

from django.db import connection

log = logging.getLogger(__name__)

FILE, BESIDE = "", ("-wal", "-shm")
Identity = tuple[int, int]
# By path and ending, what this process opened.
_opened: dict[str, Identity] = {}


def note() -> None:
    """Remember which files this process has opened; once, after the first statement."""
    for ending in (FILE, *BESIDE):
        path = _path(ending)
        if path and path not in _opened and (identity := _identity(path)):
            _opened[path] = identity


def is_replaced() -> bool:
    """Whether the file is gone, or another one, since `note`."""
    path = _path(FILE)
    if path not in _opened:
        return False
    try:
        return _identity(path) != _opened[path]
    except OSError:  # a disk that does not answer for a moment tells nothing
        return False


def set_aside() -> None:
    """Move what belongs to the file of before away from the other one, which it would spoil."""
    for ending in BESIDE:
        path = _path(ending)
        if path in _opened and _identity(path) == _opened[path]:
            kept = f"{path}.{time.time_ns()}"
            os.replace(path, kept)
            log.warning("%s belongs to the replaced database; it is kept as %s.", path, kept)


def _path(ending: str) -> str:
    """Where the file lies; "" on other databases."""
    return f"{connection.settings_dict['NAME']}{ending}" if connection.vendor == "sqlite" else ""


def _identity(path: str) -> Identity | None:
    try:
        found = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino
