"""Answers on disk before anybody understands them.

One file per attempt: 16 KiB of JSON (which generation and attempt, status, headers of
interest), then the body exactly as it came. While it grows its name ends in `.part`;
the final name is given after an fsync and means that the answer is complete. A worker
walks its own folder only, so an answer is always settled by the machine that received it.
"""

import contextlib
import json
import mmap
import os
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from omixa_studio.gateway.records import RawAnswer
from omixa_studio.storage import sync_folder

PART, WHOLE, SEEN = ".part", ".answer", ".unusable"
# The body begins at a whole memory page, on machines with 4 KiB and with 16 KiB pages.
HEAD_BYTES = 16 * 1024
LONGEST_HEADER = 500


class DiskFull(OSError):
    """The answer could not be given room on disk, so the call must not be sent."""


@dataclass(frozen=True)
class Label:
    """Whose answer a spool file holds."""

    generation: int
    attempt: str
    started: float = field(default_factory=time.time)


class Spool:
    """The folder of one worker's answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def reserve(self, label: Label, size: int) -> "Incoming":
        """Open a file for an answer with `size` bytes of disk set aside. Raises DiskFull."""
        return Incoming(self.folder / f"{label.generation}-{label.attempt}{PART}", label, size)

    def whole_answers(self) -> list[Path]:
        """Return the complete answers, oldest first."""
        return sorted(self.folder.glob(f"*{WHOLE}"), key=_changed)

    def done_with(self, path: Path) -> None:
        """Remove an answer whose generation is settled."""
        path.unlink(missing_ok=True)

    def set_aside(self, path: Path) -> None:
        """Keep an unusable answer for the person who will decide about it."""
        with contextlib.suppress(FileNotFoundError):
            path.rename(path.with_suffix(SEEN))

    def forget_old(self, days: float) -> None:
        """Remove set-aside and cut-off answers that are older than some days."""
        oldest = time.time() - days * 24 * 3600
        for path in (*self.folder.glob(f"*{SEEN}"), *self.folder.glob(f"*{PART}")):
            if _changed(path) < oldest:
                path.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Return the bytes of disk that are still free here."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


class Incoming:
    """An answer while it arrives; the gateway client writes into it."""

    def __init__(self, path: Path, label: Label, size: int) -> None:
        self.path, self.label, self.body_bytes = path, label, 0
        self._file = path.open("w+b")
        try:
            _set_aside_disk(self._file.fileno(), HEAD_BYTES + size)
        except OSError as error:
            self.drop()
            raise DiskFull(*error.args) from None

    def head(self, status: int, headers: dict[str, str]) -> None:
        """Write the head, as soon as the answer's status is known."""
        kept = {name: value[:LONGEST_HEADER] for name, value in headers.items()}
        line = {"label": asdict(self.label), "status": status, "headers": kept}
        self._file.write(json.dumps(line).encode().ljust(HEAD_BYTES)[:HEAD_BYTES])

    def write(self, chunk: bytes) -> None:
        """Append bytes of the body."""
        self._file.write(chunk)
        self.body_bytes += len(chunk)

    def complete(self) -> Path:
        """Make the answer durable and give it its final name."""
        self._cut_to_size()
        os.fsync(self._file.fileno())
        self._file.close()
        final = self.path.with_suffix(WHOLE)
        self.path.rename(final)
        sync_folder(final.parent)
        return final

    def leave_part(self) -> None:
        """Keep what came of a cut-off answer; without any body there is nothing to keep."""
        if not self.body_bytes:
            return self.drop()
        self._cut_to_size()
        self._file.close()
        return None

    def drop(self) -> None:
        """Remove the file: no answer came."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _cut_to_size(self) -> None:
        self._file.flush()
        self._file.truncate(self._file.tell())


@dataclass(frozen=True)
class Spooled:
    """A complete answer, mapped into memory while it is open."""

    label: Label
    raw: RawAnswer
    seconds: float


def read_spooled(path: Path) -> Spooled:
    """Open a complete answer. Raises OSError, or ValueError when the file is not ours."""
    with path.open("rb") as file:
        head = json.loads(file.read(HEAD_BYTES))
        size = os.fstat(file.fileno()).st_size
        # A mapping keeps an answer of a hundred megabytes out of the process's own memory.
        body = (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ, offset=HEAD_BYTES)
            if size > HEAD_BYTES
            else b""
        )
    label = Label(**head["label"])
    return Spooled(
        label=label,
        raw=RawAnswer(head["status"], head["headers"], body),
        seconds=max(_changed(path) - label.started, 0.0),
    )


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _set_aside_disk(handle: int, size: int) -> None:
    """Make the file system promise the room; where it cannot promise, there is no check."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
