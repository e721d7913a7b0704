"""The wake-up queue: a message only says that there may be work.

The work itself is in the rows, so a lost, late or repeated message does no harm. Built lazily,
because two of huey's classes connect to their server as soon as they are made.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

# Which package drives a queue, by the scheme of its address; SQLite needs none.
DRIVERS = {"redis": "redis", "rediss": "redis", "postgres": "psycopg", "postgresql": "psycopg"}


@contextmanager
def _without_other_drivers(url: str) -> Iterator[None]:
    """Hide the drivers that this queue does not need, unless they are loaded already.

    huey loads each one it finds: 24 MiB and 0.6 s of CPU in each process for nothing.
    """
    hidden = set(DRIVERS.values()) - {DRIVERS.get(urlsplit(url).scheme)} - set(sys.modules)
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _without_other_drivers(settings.QUEUE_URL):
    from huey import PostgresHuey, RedisHuey, SqliteHuey
    from huey.api import Huey, TaskWrapper
    from huey.consumer import Consumer
    from huey.serializer import SignedSerializer

# Seconds between looks at an empty SQLite queue: 14 ms to pick up, 5% of a core (measured).
SQLITE_POLL_SECONDS = 0.03
# A queue server that is away makes huey log a traceback several times a second.
SECONDS_BETWEEN_LIKE_ERRORS = 60
SECONDS_BETWEEN_TRIES = 5.0

log = logging.getLogger(__name__)
_building = threading.Lock()


def wake() -> None:
    """Wake a worker. Raises what the queue's driver raises."""
    _task(queue())()


def listen(on_wake: Callable[[], None]) -> Callable[[], None]:
    """Call `on_wake` in a thread for each message; return the function that stops it.

    An unreachable queue server is retried every few seconds.
    """
    stop = threading.Event()
    threading.Thread(target=_listen, args=(on_wake, stop), daemon=True).start()
    return stop.set


def queue() -> Huey:
    """Return the queue that QUEUE_URL names. Raises what its server's driver raises."""
    with _building:
        return _build(settings.QUEUE_URL, settings.SECRET_KEY)


_listeners: list[Callable[[], None]] = []


def _listen(on_wake: Callable[[], None], stop: threading.Event) -> None:
    _listeners[:] = [on_wake]
    logging.getLogger("huey").setLevel(logging.WARNING)
    logging.getLogger("huey.consumer.Worker").addFilter(_ErrorsNowAndThen())
    while not stop.is_set():
        try:
            consumer = _consumer()
        except Exception:  # any driver's error; the sweep finds the rows meanwhile
            log.warning("The queue cannot be reached; retrying.", exc_info=True)
            stop.wait(SECONDS_BETWEEN_TRIES)
        else:
            consumer.start()
            stop.wait()
            consumer.stop_flag.set()


def _consumer() -> "_ListeningConsumer":
    return _ListeningConsumer(
        queue(),
        workers=1,
        periodic=False,
        initial_delay=SQLITE_POLL_SECONDS / 3,
        max_delay=SQLITE_POLL_SECONDS,
        scheduler_interval=60,
    )


class _ListeningConsumer(Consumer):  # type: ignore[misc]  # huey is not typed
    def _set_signal_handlers(self) -> None:
        """Install no signal handlers: huey's own would cut off running calls."""


class _ErrorsNowAndThen(logging.Filter):
    """Let the queue server's errors through once a minute."""

    last = -float(SECONDS_BETWEEN_LIKE_ERRORS)

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            return True
        due = time.monotonic() - self.last > SECONDS_BETWEEN_LIKE_ERRORS
        if due:
            self.last = time.monotonic()
        return due


@cache
def _task(huey: Huey) -> TaskWrapper:
    def look_for_work() -> None:
        for listener in _listeners:
            listener()

    return huey.task()(look_for_work)


@cache
def _build(url: str, key: str) -> Huey:
    shared: dict[str, Any] = {
        "immediate": False,
        "results": False,
        "serializer": SignedSerializer(secret=key, salt="wake-ups"),
    }
    scheme = urlsplit(url).scheme
    if scheme in ("redis", "rediss"):
        huey = RedisHuey("omixa", url=url, **shared)
    elif scheme in ("postgres", "postgresql"):
        huey = PostgresHuey("omixa", dsn=url, **shared)
    else:
        huey = SqliteHuey("omixa", filename=url.removeprefix("sqlite:///"), **shared)
    _task(huey)
    return huey
