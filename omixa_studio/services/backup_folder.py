"""The folder of backups: snapshots, and the files that they share, each once per content.

    omixa-backup.json   what this folder is
    identity.age        the key of an encrypted one, opened by the passphrase
    files/ab/ab12…      stored files, by the SHA-256 of their content
    snapshots/TIME/     manifest, database, list of files, and what else a studio needs
    unfinished/TIME/    a snapshot that is being made

Nothing in it is ever changed, so it can be copied at any time. A snapshot appears by being
renamed, when all of it is on the disk.
"""

import fcntl
import gzip
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from omixa_studio.storage import make_folder, sync_folder

from .backup_seal import BLOCK, IDENTITY, Aged, Plain, Seal, WrongPassphraseError

MARK, LOCK = "omixa-backup.json", "lock"
FORMAT = 1
MANIFEST, LIST = "manifest.json", "files.jsonl.gz"


class BackupError(Exception):
    """A backup cannot be made or used; the message is a sentence for people."""


@dataclass(frozen=True)
class Listed:
    """A stored file in the list of a snapshot: column and id of its row, its name and content.

    `sha256` is "" for a file that was missing.
    """

    column: int
    pk: int
    name: str
    sha256: str
    bytes: int

    @property
    def place(self) -> tuple[int, int]:
        return self.column, self.pk


class BackupFolder:
    """A folder of backups, open for reading or for a new one."""

    def __init__(self, path: Path, seal: Seal) -> None:
        self.path, self.seal = path, seal

    @classmethod
    def create(cls, path: Path, passphrase: str) -> "BackupFolder":
        """Open a folder of backups, or make one of an empty folder. Raises BackupError, OSError."""
        if (path / MARK).exists():
            return cls.open(path, passphrase)
        make_folder(path)
        if any(path.iterdir()):
            raise BackupError(f"{path} is not empty and holds no backups: choose another folder.")
        seal: Seal = Aged.make(path / IDENTITY, passphrase) if passphrase else Plain()
        said = {"format": FORMAT, "encrypted": bool(passphrase)}
        (path / MARK).write_text(json.dumps(said) + "\n", encoding="utf-8")
        sync_folder(path)
        return cls(path, seal)

    @classmethod
    def open(cls, path: Path, passphrase: str) -> "BackupFolder":
        """Open a folder of backups. Raises BackupError."""
        try:
            said = json.loads((path / MARK).read_bytes())
        except (OSError, ValueError):
            raise BackupError(f"{path} holds no backups of a studio.") from None
        if said.get("format") != FORMAT:
            raise BackupError(f"{path} was written by a newer studio: use that version.")
        if not said["encrypted"]:
            if passphrase:
                raise BackupError(
                    f"{path} is not encrypted, though STUDIO_BACKUP_PASSPHRASE is set: "
                    "choose another folder, or unset it."
                )
            return cls(path, Plain())
        if not passphrase:
            raise BackupError(f"{path} is encrypted: set STUDIO_BACKUP_PASSPHRASE.")
        try:
            return cls(path, Aged.open(path / IDENTITY, passphrase))
        except WrongPassphraseError:
            raise BackupError(f"STUDIO_BACKUP_PASSPHRASE does not open {path}.") from None

    def locked(self) -> AbstractContextManager[None]:
        """Let nobody else write here meanwhile. Raises BackupError if somebody does."""
        return locked(self.path / LOCK)

    # Snapshots

    def snapshots(self) -> list[str]:
        """Return the names of the finished snapshots, the oldest first."""
        folder = self.path / "snapshots"
        return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []

    def begin(self, name: str) -> Path:
        """Make the folder of a new snapshot; what was left of others is removed."""
        shutil.rmtree(self.path / "unfinished", ignore_errors=True)
        folder = self.path / "unfinished" / name
        make_folder(folder)
        return folder

    def finish(self, name: str) -> None:
        """Let a snapshot appear, once all of it is on the disk."""
        make_folder(self.path / "snapshots")
        os.sync()
        (self.path / "unfinished" / name).replace(self.path / "snapshots" / name)
        sync_folder(self.path / "snapshots")

    def keep_newest(self, number: int) -> None:
        """Remove all but the newest snapshots, then the files that no other one lists."""
        old = self.snapshots()[:-number]
        for name in old:
            shutil.rmtree(self.path / "snapshots" / name)
        if old:
            self._forget_unlisted()

    def take_in(self, folder: Path, file: Path) -> dict[str, Any]:
        """Move a file into a snapshot; return its SHA-256 and size in bytes as it is in there."""
        path = folder / f"{file.name}{self.seal.ending}"
        with file.open("rb") as source, path.open("wb") as target:
            self.seal.write(source, target)
        file.unlink()
        return {"sha256": digest_of(path), "bytes": path.stat().st_size}

    def read_part(self, snapshot: str, name: str, target: IO[bytes]) -> None:
        """Copy a part of a snapshot out. Raises BackupError."""
        path = self.part(snapshot, name)
        try:
            with path.open("rb") as source:
                self.seal.read(source, target)
        except (OSError, ValueError) as error:
            raise BackupError(f"{path} cannot be read: {error}") from None

    def part(self, snapshot: str, name: str) -> Path:
        """Return where a part of a snapshot lies."""
        return self.path / "snapshots" / snapshot / f"{name}{self.seal.ending}"

    def manifest(self, snapshot: str) -> dict[str, Any]:
        """Return what a snapshot says of itself. Raises BackupError."""
        with _spooled() as file:
            self.read_part(snapshot, MANIFEST, file)
            file.seek(0)
            try:
                return cast(dict[str, Any], json.load(file))
            except ValueError:
                raise BackupError(f"The manifest of {snapshot} is damaged.") from None

    def listed(self, snapshot: str) -> Iterator[Listed]:
        """Yield the files of a snapshot, in the order in which they were listed."""
        with _spooled() as file:
            self.read_part(snapshot, LIST, file)
            file.seek(0)
            with gzip.open(file, "rt", encoding="utf-8") as lines:
                for line in lines:
                    yield Listed(*json.loads(line))

    # Files

    def holds(self, sha256: str, size: int) -> bool:
        """Return whether content is kept here, and whole as far as its size tells."""
        try:
            kept = self._place(sha256).stat().st_size
        except FileNotFoundError:
            return False
        return kept > size if self.seal.ending else kept == size

    def put(self, source: IO[bytes]) -> tuple[str, int]:
        """Keep the content of a file; return its SHA-256 and size in bytes. Raises OSError."""
        part = self.path / "unfinished" / f"{secrets.token_hex(8)}.part"
        reading = Hashed(source)
        try:
            with part.open("wb") as target:
                self.seal.write(cast(IO[bytes], reading), target)
            if not self.holds(reading.sha256, reading.bytes):
                place = self._place(reading.sha256)
                place.parent.mkdir(parents=True, exist_ok=True)
                part.replace(place)
        finally:
            part.unlink(missing_ok=True)
        return reading.sha256, reading.bytes

    def get(self, sha256: str, target: IO[bytes]) -> None:
        """Copy content out. Raises ValueError if it is not what it was, or OSError."""
        writing = Hashed(target)
        with self._place(sha256).open("rb") as source:
            self.seal.read(source, cast(IO[bytes], writing))
        if writing.sha256 != sha256:
            raise ValueError("its content is not what it was")

    def _place(self, sha256: str) -> Path:
        name = self.seal.name_of(sha256)
        return self.path / "files" / name[:2] / name

    def _forget_unlisted(self) -> None:
        """Remove files in no list; which those are is found on the disk, not in memory."""
        index = self.path / "unfinished" / "listed.sqlite3"
        make_folder(index.parent)
        index.unlink(missing_ok=True)
        with closing(sqlite3.connect(index, isolation_level=None)) as rows:
            rows.execute("PRAGMA journal_mode=OFF")
            rows.execute("PRAGMA synchronous=OFF")
            rows.execute("CREATE TABLE listed (name TEXT PRIMARY KEY) WITHOUT ROWID")
            for snapshot in self.snapshots():
                names = ((self.seal.name_of(one.sha256),) for one in self.listed(snapshot))
                rows.execute("BEGIN")
                rows.executemany("INSERT OR IGNORE INTO listed VALUES (?)", names)
                rows.execute("COMMIT")
            for path in _files_in(self.path / "files"):
                known = rows.execute("SELECT 1 FROM listed WHERE name = ?", [path.name])
                if known.fetchone() is None:
                    path.unlink()
        index.unlink()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file. Raises BackupError if somebody else does."""
    # Appending leaves the time of the file as it is: who copies the folder sees no change.
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("Another backup is being made at this moment.") from None
        yield


class Hashed:
    """A file that hashes and counts what is read from it or written to it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._digest = file, hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        self.bytes += len(data)
        return data

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def lines_of(found: Iterable[Listed]) -> Iterator[bytes]:
    """Yield the lines of a list of files."""
    for one in found:
        row = [one.column, one.pk, one.name, one.sha256, one.bytes]
        yield json.dumps(row, separators=(",", ":")).encode() + b"\n"


def _files_in(folder: Path) -> Iterator[Path]:
    with suppress(FileNotFoundError):
        for shelf in sorted(folder.iterdir()):
            yield from shelf.iterdir()


@contextmanager
def _spooled() -> Iterator[IO[bytes]]:
    """Give a private temporary file; large ones lie on the disk."""
    with tempfile.SpooledTemporaryFile(max_size=16 * BLOCK) as file:
        yield cast(IO[bytes], file)
