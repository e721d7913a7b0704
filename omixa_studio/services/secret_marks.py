"""Notice that machines of one studio have different secrets (STUDIO_SECRET_KEY).

Each of them looks well alone, but people are logged out at every other click, wake-ups are refused
and the keys of projects cannot be opened. So each machine writes down what stands for its secret,
and looks at the others. SQLite has one data folder, and so one secret.
"""

import logging
import os
import socket
import time

from django.db import DatabaseError, connection

from omixa_studio.models import WorkerSeen
from omixa_studio.queries.secret_marks import OF_SECRETS, machines_with_another, mark

from .models_file import is_shared
from .sightings import SECONDS_BETWEEN_SIGHTS, be_seen

log = logging.getLogger(__name__)

_told: set[str] = set()


def compare(machine: str) -> list[str]:
    """Write down with which secret a machine signs; return those that sign with another one.

    Each of these is logged once.
    """
    if not is_shared():
        return []
    now = mark()
    WorkerSeen.objects.filter(worker=machine, target__startswith=OF_SECRETS).exclude(
        target=now
    ).delete()
    be_seen(machine, now)
    others = machines_with_another()
    if new := [name for name in others if name not in _told]:
        log.error(
            "Another STUDIO_SECRET_KEY than here is used by %s: sessions, wake-ups and sealed keys "
            "of one are void at the other. Give all machines the same one and start them again.",
            ", ".join(new),
        )
    _told.clear()
    _told.update(others)
    return others


def follow(*, seconds: float = SECONDS_BETWEEN_SIGHTS) -> None:
    """Compare every half minute for as long as the web server lives, if others may be there."""
    machine = f"web {socket.gethostname()}:{os.getpid()}"
    while is_shared():
        try:
            compare(machine)
        except DatabaseError as error:
            log.debug("Whether others have the same secret cannot be seen: %s", error)
        connection.close()
        time.sleep(seconds)
