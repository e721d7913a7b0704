"""The journal of sent requests, on disk beside the spool and outside the database.

One line per paid call, synced after the send guard and before the first byte. A database
restored from an older copy still has those calls queued; the journal shows that they were sent.

Two files of bounded size are rotated. Every line begins with a line break, so that a line torn
by a power cut does not spoil the next one.
"""

import contextlib
import errno
import fcntl
import json
import logging
import os
import time
from dataclasses import asdict, dataclass, field
from io import FileIO
from pathlib import Path
from typing import Any

from omixa_studio.storage import make_folder, sync_folder

log = logging.getLogger(__name__)

NOW, BEFORE, CUT, SEEN = "sent.jsonl", "sent.before.jsonl", "cut", "seen.json"
# Some 15,000 calls; two files of it are read in half a second.
FILE_BYTES = 8 * 2**20


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One paid call as it was sent, and the state of its row at that time.

    `database` tells databases apart (when it was made), `created` rows that have the same
    number, `nth` the calls of one row; `files` is the token in the names of its files, `body`
    the sha256 of what was sent, `at` in seconds since 1970. `person` pressed with `click`, and
    `key` is the id of the key it was sent with, 0 for the environment's; older lines have none.
    """

    database: str
    target: str
    generation: int
    created: str
    nth: int
    attempt: str
    files: str
    body: str
    worker: str
    person: int = 0
    click: str = ""
    key: int = 0
    at: float = field(default_factory=time.time)


class Journal:
    """The folder in which a worker records what it sends. Safe for threads and processes.

    `database` is set by whoever compares it with the database; `last` is what was sent last by
    this process, `doubted` says that the database may be another one since it was compared.
    """

    def __init__(self, folder: Path, *, file_bytes: int = FILE_BYTES) -> None:
        self.folder, self.file_bytes = folder, file_bytes
        self.database = ""
        self.last: Sent | None = None
        self.doubted = True
        with contextlib.suppress(OSError):  # said with its cause before the first call
            make_folder(folder)

    def write(self, sent: Sent) -> None:
        """Record a call that is about to be sent; on return the line survives a power cut.

        Raises OSError, in which case the call must not be sent.
        """
        try:
            self._append(asdict(sent))
        except OSError:
            # The line may or may not be on the disk.
            with contextlib.suppress(OSError):
                self._append({"unsent": sent.attempt})
            raise
        self.last = sent

    def read(self) -> list[Sent]:
        """Return the recorded calls, oldest first. Raises OSError."""
        found: dict[str, Sent] = {}
        for name in (BEFORE, NOW):
            with contextlib.suppress(FileNotFoundError):
                for line in (self.folder / name).read_bytes().split(b"\n"):
                    self._take(line, found)
        return list(found.values())

    @property
    def is_cut(self) -> bool:
        """Return whether older lines were dropped, so that a missing call may have been sent."""
        return (self.folder / CUT).exists()

    def seen(self) -> dict[str, Any]:
        """Return what a worker of this folder last saw of the database, {} if nothing."""
        try:
            noted = json.loads((self.folder / SEEN).read_bytes())
        except (OSError, ValueError):
            return {}
        return noted if isinstance(noted, dict) else {}

    def note_seen(self, noted: dict[str, object]) -> None:
        """Record what was seen of the database; not synced. Raises OSError."""
        part = self.folder / f"{SEEN}.{os.getpid()}.part"
        part.write_text(json.dumps(noted), encoding="utf-8")
        part.replace(self.folder / SEEN)

    def _append(self, line: dict[str, object]) -> None:
        data = b"\n" + json.dumps(line).encode()
        with self._with_room() as file:
            is_new = not file.tell()
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.name)
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self.folder)

    def _with_room(self) -> FileIO:
        file = FileIO(self.folder / NOW, "ab")
        if file.tell() < self.file_bytes:
            return file
        with file:
            self._turn_over(file.fileno())
        return FileIO(self.folder / NOW, "ab")

    def _turn_over(self, handle: int) -> None:
        """Rotate the full file, once however many threads and processes find it full."""
        fcntl.flock(handle, fcntl.LOCK_EX)
        now = self.folder / NOW
        with contextlib.suppress(FileNotFoundError):
            if now.stat().st_ino == os.fstat(handle).st_ino:
                if (self.folder / BEFORE).exists():
                    (self.folder / CUT).touch()
                now.replace(self.folder / BEFORE)
                sync_folder(self.folder)

    def _take(self, line: bytes, found: dict[str, Sent]) -> None:
        line = line.strip(b"\0 ")
        if not line:
            return
        try:
            given = json.loads(line)
            if "unsent" in given:
                found.pop(given["unsent"], None)
            else:
                found[given["attempt"]] = Sent(**given)
        except (ValueError, TypeError, KeyError):
            log.warning("Skipped an incomplete line in %s.", self.folder)
