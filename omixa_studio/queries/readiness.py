"""Whether the studio can do its work: for those who watch it. Bounded, however large it is."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Now

from omixa_studio import database_file, jobs, storage
from omixa_studio.models import Generation, State, WorkerSeen

from .pauses import current_pause, pauses_by_key, with_held_key
from .secret_marks import SECONDS_SEEN, machines_with_another

# A request that waits longer although nothing pauses the queue says that no worker works.
SECONDS_TO_WAIT = 1800
# So many of the last requests are looked through for one that succeeded.
LOOKED_THROUGH = 1000
BYTES_TO_TRY = 4096
# A copy of PostgreSQL that has taken over answers before it takes writes.
_ASKS = {"sqlite": "SELECT 'off'", "postgresql": "SELECT current_setting('transaction_read_only')"}


@dataclass(frozen=True)
class Readiness:
    """A part of the studio: whether it works, and facts about it, as JSON."""

    name: str
    ok: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


# So many seconds one look serves all who ask: strangers may ask as often as they like.
LASTS = 2.0
# For so many seconds what was seen is told while another look is under way.
TOLD_FOR = 30.0
# The first who ask wait so many seconds for each other.
SECONDS_FOR_THE_FIRST = 1.0
_looked_at: dict[str, tuple[float, list[Readiness]]] = {}
# One looks at a time: a bucket that hangs would hold a thread for each who asks.
_looking = threading.Lock()


def parts(target: str) -> list[Readiness]:
    """Return how every part was when it was last looked at, which is a moment ago.

    While a look takes long, that of before is told for a while, and then only that it takes long.
    """
    found, age = _known(target)
    if 0 <= age < LASTS:
        return found
    if not _looking.acquire(timeout=0 if found else SECONDS_FOR_THE_FIRST):
        return found if age < TOLD_FOR else [Readiness("look", False, {"error": "slow"})]
    try:
        found, age = _known(target)
        if not 0 <= age < LASTS:
            found = look_at_parts(target)
            _looked_at[target] = (time.monotonic(), found)
    finally:
        _looking.release()
    return found


def _known(target: str) -> tuple[list[Readiness], float]:
    """Return what was seen last, and how many seconds ago."""
    at, found = _looked_at.get(target, (-TOLD_FOR, []))
    return found, time.monotonic() - at


def look_at_parts(target: str) -> list[Readiness]:
    """Look at every part; one that fails says no more of why than the kind of error."""
    looks: dict[str, Callable[[], Readiness]] = {
        "database": _database,
        "queue": _queue,
        "storage": _storage,
        "disk": _disk,
        "waiting": lambda: _waiting(target),
        "gateway": lambda: _gateway(target),
        "secret": _secret,
    }
    return [_looked(name, look) for name, look in looks.items()]


def last_requests(target: str) -> QuerySet[Generation]:
    """Select those of the last LOOKED_THROUGH requests that are of a target.

    Their ids are read first: to group what is above an id, SQLite reads the whole history.
    """
    newest = Generation.objects.order_by("-pk").values("pk")[:LOOKED_THROUGH]
    return Generation.objects.filter(pk__in=newest, target=target)


def last_success(target: str) -> datetime | None:
    """Return when the gateway last answered with pictures, among the last requests."""
    done = (
        last_requests(target)
        .filter(state=State.DONE)
        .order_by("-pk")
        .values_list("finished_at")
        .first()
    )
    return done[0] if done else None


def oldest_waiting(target: str) -> float | None:
    """Return for how many seconds the oldest queued request waits, None if none does.

    Those whose key is paused are left out: that they wait says nothing of the workers.
    """
    rows = Generation.objects.filter(~with_held_key(target), target=target, state=State.QUEUED)
    first = rows.order_by("created_at").values_list("created_at", Now()).first()
    return max((first[1] - first[0]).total_seconds(), 0.0) if first else None


def workers_seen(target: str) -> int:
    """Return how many workers of a target were alive lately."""
    lately = Now() - timedelta(seconds=SECONDS_SEEN)
    return WorkerSeen.objects.filter(target=target, seen_at__gte=lately).count()


def _looked(name: str, look: Callable[[], Readiness]) -> Readiness:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 (any driver's; whoever asks is told that it fails)
        return Readiness(name, False, {"error": type(error).__name__})


def _database() -> Readiness:
    if database_file.is_replaced():
        return Readiness("database", False, {"error": "replaced"})
    try:
        with connection.cursor() as cursor:
            cursor.execute(_ASKS[connection.vendor])
            (said,) = cursor.fetchone()
    except AnyDatabaseError:
        connection.close()
        raise
    if said == "on":
        return Readiness("database", False, {"error": "read-only"})
    return Readiness("database", True, {"kind": connection.vendor})


def _queue() -> Readiness:
    return Readiness("queue", True, {"messages": jobs.queue().pending_count()})


def _storage() -> Readiness:
    if settings.STORAGE_URL:
        storage.size("ready")
        return Readiness("storage", True)
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    _write(folder)
    return Readiness("storage", True)


def _disk() -> Readiness:
    free = shutil.disk_usage(settings.DATA_DIR).free
    _write(settings.DATA_DIR)
    return Readiness("disk", free >= storage.LEAST_FREE_BYTES, {"free_bytes": free})


def _write(folder: Path) -> None:
    """Write a block into a folder. Raises OSError.

    The rights of a folder do not tell: a disk that became read-only after an error keeps them, and
    root has all of them.
    """
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        file.write(bytes(BYTES_TO_TRY))


def _waiting(target: str) -> Readiness:
    seconds = oldest_waiting(target)
    pause = current_pause(target)
    facts: dict[str, Any] = {
        "seconds": None if seconds is None else round(seconds),
        "workers": workers_seen(target),
        "paused": pause.reason if pause else "",
    }
    if keys := [key for key in pauses_by_key(target) if key is not None]:
        facts["paused_keys"] = len(keys)
    return Readiness("waiting", bool(pause) or (seconds or 0) <= SECONDS_TO_WAIT, facts)


def _secret() -> Readiness:
    """Tell how many machines, of those alive lately, sign with another secret than this one."""
    others = len(machines_with_another())
    return Readiness("secret", not others, {"machines_with_another": others})


def _gateway(target: str) -> Readiness:
    """Tell of the gateway; that nobody makes pictures at night is no fault."""
    at = last_success(target)
    return Readiness("gateway", True, {"last_success": at.isoformat() if at else None})
