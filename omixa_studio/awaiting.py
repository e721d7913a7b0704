"""Who waits for requests to end: one thread asks the database for all of them."""

import logging
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import Error as AnyDatabaseError
from django.db import connection

from omixa_studio.models import OPEN_STATES, Generation
from omixa_studio.program_paths import MOST_WAITING

SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_BETWEEN_LOOKS_AT_A_LINE = 1.0

log = logging.getLogger(__name__)
# Nobody's programs keep those of all others out.
MOST_OF_ONE = MOST_WAITING // 2
_places: Counter[int] = Counter()
_changed = threading.Condition()
_awaited: dict[uuid.UUID, list[threading.Event]] = {}
_watcher: threading.Thread | None = None


def take_place(person_id: int) -> bool:
    """Take a place for a program of somebody's that waits; False if too many are taken."""
    with _changed:
        is_free = _places.total() < MOST_WAITING and _places[person_id] < MOST_OF_ONE
        _places[person_id] += is_free
    return is_free


def leave_place(person_id: int) -> None:
    """Give the place of a program back."""
    with _changed:
        _places[person_id] -= 1


@contextmanager
def watched(group: uuid.UUID) -> Iterator[threading.Event]:
    """Give an event that is set as soon as all requests of a group have ended.

    Meanwhile the thread that waits gives its own connection to the database back.
    """
    global _watcher
    ended = threading.Event()
    if not connection.in_atomic_block:
        connection.close()
    with _changed:
        _awaited.setdefault(group, []).append(ended)
        if _watcher is None:
            _watcher = threading.Thread(target=_watch, name="awaiting", daemon=True)
            _watcher.start()
    try:
        yield ended
    finally:
        with _changed:
            _awaited[group].remove(ended)
            if not _awaited[group]:
                del _awaited[group]
            _changed.notify_all()


def wait_for(
    group: uuid.UUID,
    seconds: float,
    *,
    person_id: int,
    is_gone: Callable[[], bool] = lambda: False,
) -> bool:
    """Wait up to so many seconds until all requests of a group have ended, or nobody reads on.

    Returns False, at once, if so many programs wait that this one may not.
    """
    if not take_place(person_id):
        return False
    deadline = time.monotonic() + seconds
    try:
        with watched(group) as ended:
            while (left := deadline - time.monotonic()) > 0 and not is_gone():
                if ended.wait(min(left, SECONDS_BETWEEN_LOOKS_AT_A_LINE)):
                    break
    finally:
        leave_place(person_id)
    return True


def _watch() -> None:
    while groups := _groups_or_end():
        _tell_of(groups)
        with _changed:
            _changed.wait_for(lambda: not _awaited, timeout=SECONDS_BETWEEN_LOOKS)
    connection.close()


def _groups_or_end() -> list[uuid.UUID]:
    """Return what is awaited; if nothing is, the next who waits starts another thread."""
    global _watcher
    with _changed:
        if not _awaited:
            _watcher = None
        return list(_awaited)


def _tell_of(groups: list[uuid.UUID]) -> None:
    rows = Generation.objects.filter(group__in=groups, state__in=OPEN_STATES)
    try:
        still_open = set(rows.values_list("group", flat=True))
    except AnyDatabaseError:  # it may come back, and they wait for so long
        log.warning("Could not ask which requests have ended.", exc_info=True)
        connection.close()
        return
    with _changed:
        for group in groups:
            for event in _awaited.get(group, ()) if group not in still_open else ():
                event.set()
