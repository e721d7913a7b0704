"""Folders that cannot be written: the true cause in one sentence, and the pause for it."""

import errno
import os
from pathlib import Path

from omixa_studio.gateway.errors import Told, told
from omixa_studio.models.pauses import Reason

from . import pauses

PAUSE_SECONDS = 60.0
FULL = "folder_full"
# A limit on the size of files is told as a full disk: nothing more fits either.
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
    """Say why nothing can be written into a folder."""
    key = CAUSES.get(error.errno or 0)
    if key:
        return told(key, folder=str(folder))
    why = os.strerror(error.errno) if error.errno else str(error)
    return told("folder_failed", folder=str(folder), why=why)


def pause(target: str, error: OSError, folder: Path) -> None:
    """Stop claiming for a while: nothing is sent whose answer or trace could not be kept."""
    cause = cause_of(error, folder)
    reason = Reason.DISK if cause["key"] == FULL else Reason.FOLDER
    pauses.pause(target, reason, error=[cause, told("folder_then")], seconds=PAUSE_SECONDS)
