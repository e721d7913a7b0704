"""The spool: raw answers of the gateway, on disk before they are parsed.

One file per attempt: 16 KiB of JSON (which generation and attempt, status, headers of
interest), then the body exactly as it came. While it grows its name ends in `.part` and a
lock, taken before the file had that name, says that its writer lives; the final name is
given after an fsync and means that the answer is complete. A worker walks its own folder
only, so an answer is always settled by the machine that received it.
"""

import contextlib
import errno
import fcntl
import json
import mmap
import os
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from omixa_studio.gateway.document import Unreadable, read_document
from omixa_studio.gateway.records import RawAnswer
from omixa_studio.storage import make_folder, sync_folder

NEW, PART, WHOLE, SEEN = ".new", ".part", ".answer", ".unusable"
# A complete answer of a call that the database does not have.
LOST = ".lost"
# The body starts at a memory page, for pages of 4 KiB and of 16 KiB.
HEAD_BYTES = 16 * 1024
LONGEST_HEADER = 500
# Where the closing brace of a complete answer is looked for before parsing it.
CLOSING_BYTES = 100
# A file has this name only for microseconds; an older one was left by a crash.
SECONDS_TO_BE_NEW = 20.0
BLOCK = 2**20
# Errors of file systems that cannot reserve space; then nothing is checked.
NO_PROMISE = (errno.EINVAL, errno.EOPNOTSUPP, errno.ENOSYS)


@dataclass(frozen=True)
class Label:
    """The generation and attempt of a spool file, and the head of its answer."""

    generation: int
    attempt: str
    started: float = field(default_factory=time.time)


class Spool:
    """The folder of one worker's answers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # By name and size: the JSON of a long one is not read anew at every look.
        self._cut_off: set[tuple[str, int]] = set()
        make_folder(folder)

    def reserve(self, label: Label, size: int) -> "IncomingAnswer":
        """Open a file for an answer with `size` bytes of disk set aside. Raises OSError."""
        return IncomingAnswer(
            self.folder / f"{label.generation}-{label.attempt}{PART}", label, size
        )

    def whole_answers(self) -> list[Path]:
        """Return the complete answers, oldest first."""
        return sorted(self.folder.glob(f"*{WHOLE}"), key=_changed)

    def done_with(self, path: Path) -> None:
        """Remove the answer of a settled generation."""
        path.unlink(missing_ok=True)

    def set_aside(self, path: Path) -> None:
        """Keep an unusable answer for the admin who reviews it."""
        with contextlib.suppress(FileNotFoundError):
            path.rename(path.with_suffix(SEEN))

    def park(self, path: Path) -> None:
        """Keep an answer without a row: the database may be an older copy that gets replaced."""
        with contextlib.suppress(FileNotFoundError):
            path.rename(path.with_suffix(LOST))

    def take_up(self, attempts: Collection[UUID]) -> None:
        """Return parked answers, and the set-aside answers of some attempts, to be settled."""
        for path in (*self.folder.glob(f"*{LOST}"), *self.folder.glob(f"*{SEEN}")):
            owner = owner_of(path)
            if path.suffix == LOST or (owner and owner[1] in attempts):
                with contextlib.suppress(FileNotFoundError):
                    path.rename(path.with_suffix(WHOLE))

    def trim_parts(self) -> None:
        """Handle answers whose writer died: complete ones become answers, of the others the
        received bytes are kept and the reserved space is released."""
        for path in self.folder.glob(f"*{PART}"):
            with contextlib.suppress(OSError), path.open("r+b") as file:  # retried soon
                if _lock(file):
                    self._let_rest(path, file)
        for path in self.folder.glob(f"*{NEW}"):
            if _changed(path) < time.time() - SECONDS_TO_BE_NEW:
                _remove_unlocked(path)

    def _let_rest(self, path: Path, file: BinaryIO) -> None:
        seen = (path.name, os.fstat(file.fileno()).st_size)
        if seen in self._cut_off:
            return
        written = _written(file)
        if _is_whole(file, written - HEAD_BYTES):
            _name_whole(path, file, written)
        elif written <= HEAD_BYTES:
            path.unlink(missing_ok=True)
        else:
            file.truncate(written)
            self._cut_off.add((path.name, written))

    def old_leftovers(self, days: float) -> list[Path]:
        """Return the set-aside and cut-off answers that are older than some days."""
        oldest = time.time() - days * 24 * 3600
        kept = [path for kind in (SEEN, PART, LOST) for path in self.folder.glob(f"*{kind}")]
        return [path for path in kept if _changed(path) < oldest]

    def free_bytes(self) -> int:
        """Return the free bytes of this disk."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize


def owner_of(path: Path) -> tuple[int, UUID] | None:
    """Return the generation and attempt named by a spool file, None for other names."""
    generation, _, attempt = path.stem.partition("-")
    try:
        return int(generation), UUID(attempt)
    except ValueError:
        return None


@dataclass(frozen=True)
class Leftover:
    """What the spool holds of an unsettled answer, with the bytes of its body."""

    bytes: int
    whole: bool
    waits: bool = False


def leftovers(folder: Path) -> dict[tuple[int, UUID], Leftover]:
    """Return the contents of a spool by generation and attempt, without opening files."""
    found = {}
    for path in (path for kind in (SEEN, PART, WHOLE) for path in folder.glob(f"*{kind}")):
        owner = owner_of(path)
        with contextlib.suppress(FileNotFoundError):
            size = max(path.stat().st_size - HEAD_BYTES, 0)
            if owner:
                waits = path.suffix == WHOLE
                found[owner] = Leftover(size, whole=path.suffix != PART, waits=waits)
    return found


class IncomingAnswer:
    """An answer being received; the gateway client writes into it."""

    def __init__(self, path: Path, label: Label, size: int) -> None:
        self.path, self.label = path.with_suffix(NEW), label
        # Unbuffered: after a failed write nothing is left in a buffer.
        self._file = self.path.open("x+b", buffering=0)
        try:
            _lock(self._file)  # this name is unique
            self.path = self.path.rename(path)
            _set_aside_disk(self._file.fileno(), HEAD_BYTES + size)
        except OSError:
            self._drop()
            raise

    def head(self, status: int, headers: dict[str, str]) -> None:
        """Write the head as soon as the status is known."""
        kept = {name: value[:LONGEST_HEADER] for name, value in headers.items()}
        line = {"label": asdict(self.label), "status": status, "headers": kept}
        self._write(json.dumps(line).encode().ljust(HEAD_BYTES)[:HEAD_BYTES])

    def write(self, chunk: bytes) -> None:
        """Append bytes of the body. Raises OSError when the disk is full or fails."""
        self._write(chunk)

    def complete(self) -> Path:
        """Sync the answer and rename it to its final name."""
        self._cut_to_size()
        os.fsync(self._file.fileno())
        final = self.path.with_suffix(WHOLE)
        self.path.rename(final)
        self._file.close()
        sync_folder(final.parent)
        return final

    def leave(self) -> None:
        """Close an incomplete answer; the received part of its body stays."""
        if self._file.closed:
            return
        if self._file.tell() <= HEAD_BYTES:
            self._drop()
            return
        with contextlib.suppress(OSError):  # a full disk may fail again
            self._cut_to_size()
        self._file.close()

    def _drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self._file.close()

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) :]

    def _cut_to_size(self) -> None:
        self._file.truncate(self._file.tell())


@dataclass(frozen=True)
class Spooled:
    """A complete answer, mapped into memory while it is open.

    `seconds` is how long the call took, `age` how many seconds ago its answer was complete.
    """

    label: Label
    raw: RawAnswer
    seconds: float
    age: float


def read_spooled(path: Path) -> Spooled:
    """Open a complete answer. Raises OSError, or ValueError when the file is not ours."""
    with path.open("rb") as file:
        head = json.loads(file.read(HEAD_BYTES))
        size = os.fstat(file.fileno()).st_size
        # A mapping keeps an answer of 100 MB out of the process's own memory.
        body = (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ, offset=HEAD_BYTES)
            if size > HEAD_BYTES
            else b""
        )
    try:
        label = Label(**head["label"])
        UUID(label.attempt)
        raw = RawAnswer(int(head["status"]), head["headers"], body)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path.name} has no head of ours") from error
    came = _changed(path)
    seconds, age = max(came - label.started, 0.0), max(time.time() - came, 0.0)
    return Spooled(label=label, raw=raw, seconds=seconds, age=age)


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _lock(file: BinaryIO) -> bool:
    """Take a lock that the system releases when its holder dies; return False if taken."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove_unlocked(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError), path.open("r+b") as file:
        if _lock(file):
            path.unlink()


def _is_whole(file: BinaryIO, size: int) -> bool:
    """Return whether a body of that many bytes is complete: by its Content-Length, or without one
    as JSON that ends."""
    file.seek(0)
    try:
        announced = json.loads(file.read(HEAD_BYTES))["headers"].get("content-length", "")
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    if announced or size <= 0:
        return bool(announced == str(size))
    whole = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ, offset=HEAD_BYTES)
    with whole as body:
        if not body[-CLOSING_BYTES:].rstrip().endswith(b"}"):
            return False
        try:
            read_document(body)
        except Unreadable:
            return False
    return True


def _name_whole(path: Path, file: BinaryIO, size: int) -> None:
    """Sync and rename an answer whose writer died before it could, keeping its time."""
    came = os.fstat(file.fileno())
    file.truncate(size)
    os.utime(file.fileno(), ns=(came.st_atime_ns, came.st_mtime_ns))
    os.fsync(file.fileno())
    path.rename(path.with_suffix(WHOLE))
    sync_folder(path.parent)


def _written(file: BinaryIO) -> int:
    """Return where the trailing zeros begin; JSON has no zero byte."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(end - BLOCK, 0)
        file.seek(start)
        if told := file.read(end - start).rstrip(b"\0"):
            return start + len(told)
        end = start
    return 0


def _set_aside_disk(handle: int, size: int) -> None:
    """Reserve disk space, on file systems that can."""
    if not hasattr(os, "posix_fallocate"):
        return
    try:
        os.posix_fallocate(handle, 0, size)
    except OSError as error:
        if error.errno not in NO_PROMISE:
            raise
