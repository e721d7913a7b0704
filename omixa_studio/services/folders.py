"""Folders that cannot be written: the cause in one sentence, and a pause of the queue."""

import errno
import os
from pathlib import Path

from omixa_studio.gateway.errors import Told, told
from omixa_studio.models.pauses import Reason

from . import pauses

PAUSE_SECONDS = 60.0
FULL = "folder_full"
# A file size limit is reported as a full disk: nothing more fits either.
CAUSES = {
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
    errno.EFBIG: FULL,
    errno.EROFS: "folder_read_only",
    errno.EACCES: "folder_denied",
    errno.EPERM: "folder_denied",
    errno.ENOENT: "folder_missing",
}


def cause_of(error: OSError, folder: Path | str) -> Told:
    """Return the sentence why nothing can be written into a folder."""
    key = CAUSES.get(error.errno or 0)
    if key:
        return told(key, folder=str(folder))
    why = os.strerror(error.errno) if error.errno else str(error)
    return told("folder_failed", folder=str(folder), why=why)


def pause(target: str, error: OSError, folder: Path | str) -> None:
    """Pause claiming: nothing is sent whose answer or journal entry could not be stored."""
    cause = cause_of(error, folder)
    reason = Reason.DISK if cause["key"] == FULL else Reason.FOLDER
    pauses.pause(target, reason, error=[cause, told("folder_then")], seconds=PAUSE_SECONDS)
