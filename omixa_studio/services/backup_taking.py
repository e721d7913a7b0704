"""Make a backup, step by step, while the studio goes on working.

The order matters. Answers in the spool are taken before the database and once more after it, so
that none falls between; the journal of sent requests last, so that it knows of every call that the
copy of the database does not. Then the files that the frozen rows name, those alone that are not in
the folder yet.
"""

import gzip
import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from omixa_studio import storage
from omixa_studio.queries.stored_files import StoredFile, has_row, stored_files

from . import gateway_secrets
from .backup_database import DUMPS, frozen, ledger_sums, migrations, row_counts, tables
from .backup_folder import LIST, MANIFEST, BackupError, BackupFolder, Listed, lines_of, locked
from .keeping import without_key

OWN, WANTED, ASIDE = "own.tar", "wanted.jsonl", "backing-up"
FILES_OF_A_STEP = 50
MOST_NAMED = 5


@dataclass
class Taken:
    """How a backup goes: files handled of all, what of them was new, and what is wrong.

    `missing` are files that rows name and that are gone, `damaged` those that are not what their
    row says; both hold names.
    """

    snapshot: str
    done: int = 0
    total: int = 0
    bytes: int = 0
    new: int = 0
    new_bytes: int = 0
    finished: bool = False
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """Return it as JSON, with the first names alone."""
        few = {name: getattr(self, name)[:MOST_NAMED] for name in ("missing", "damaged")}
        numbers = {f"{name}_files": len(getattr(self, name)) for name in few}
        return {**vars(self), **few, **numbers}


def take(folder: BackupFolder, *, keep: int) -> Iterator[Taken]:
    """Make a snapshot, and keep so many; yields after each step, for the last time when it is done.

    Raises BackupError, OSError; nothing half-made is left then that could be taken for a backup.
    """
    # What is not encrypted yet never touches the disk of the backups.
    aside = settings.DATA_DIR / ASIDE
    with folder.locked(), locked(settings.DATA_DIR / f"{ASIDE}.lock"):
        taken = Taken(_new_name(folder))
        work = folder.begin(taken.snapshot)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        try:
            manifest = _freeze(folder, work, aside, taken)
            yield taken
            yield from _copy_files(folder, aside, taken)
            manifest["parts"][LIST] = folder.take_in(work, aside / LIST)
            manifest["files"] = {
                "count": taken.total,
                "bytes": taken.bytes,
                "missing": len(taken.missing),
            }
            (aside / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            folder.take_in(work, aside / MANIFEST)
            folder.finish(taken.snapshot)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
            shutil.rmtree(folder.path / "unfinished", ignore_errors=True)
        folder.keep_newest(keep)
        taken.finished = True
        yield taken


def secret_mark() -> str:
    """Return a mark that tells whether two studios have the same secret, and not which."""
    return hashlib.sha256(f"backup of {settings.SECRET_KEY}".encode()).hexdigest()[:8]


def _new_name(folder: BackupFolder) -> str:
    name = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    if name in folder.snapshots():
        raise BackupError("A backup was made in this second already.")
    return name


def _freeze(folder: BackupFolder, work: Path, aside: Path, taken: Taken) -> dict[str, Any]:
    """Write what has to be of one moment; return the manifest as far as it is known."""
    own = aside / "own"
    own.mkdir()
    _copy_spool(own / "spool")
    made_at = datetime.now(UTC)
    with frozen(aside) as using:
        manifest: dict[str, Any] = {
            "format": 1,
            "version": version_here(),
            "made_at": made_at.isoformat(timespec="seconds"),
            "database": connection.vendor,
            "migrations": migrations(using),
            "tables": row_counts(using, tables(using)),
            "ledger": ledger_sums(using),
            "time_zone": settings.TIME_ZONE,
            "secret": secret_mark(),
        }
        with (aside / WANTED).open("w", encoding="utf-8") as wanted:
            for file in stored_files(using=using):
                wanted.write(json.dumps(list(vars(file).values())) + "\n")
                taken.total += 1
    dump = DUMPS[connection.vendor]
    manifest["parts"] = {
        dump: folder.take_in(work, aside / dump),
        OWN: folder.take_in(work, _pack_own(aside, own)),
    }
    return manifest


def version_here() -> str:
    """Return the version of this studio."""
    with suppress(ModuleNotFoundError):
        return version("omixa-studio")
    project = (settings.PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    return project.partition('version = "')[2].partition('"')[0]


def _pack_own(aside: Path, own: Path) -> Path:
    """Pack the spool, the journal and models.toml of this machine."""
    _copy_spool(own / "spool")
    for path in (settings.MODELS_TOML, *_in(settings.SENT_DIR)):
        _copy(path, own / path.relative_to(settings.DATA_DIR))
    with tarfile.open(aside / OWN, "w") as tar:
        tar.add(own, arcname=".")
    shutil.rmtree(own)
    return aside / OWN


def _copy_spool(target: Path) -> None:
    """Copy the answers in the spool, with every key masked; some may go meanwhile."""
    gateway_secrets.learn()
    for path in _in(settings.SPOOL_DIR):
        with suppress(FileNotFoundError):
            target.mkdir(exist_ok=True)
            data = without_key(path.read_bytes(), settings.GATEWAY_KEY)
            (target / path.name).write_bytes(data)


def _copy(path: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        data = path.read_bytes()
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)


def _in(folder: Path) -> list[Path]:
    return sorted(one for one in folder.iterdir() if one.is_file()) if folder.is_dir() else []


def _copy_files(folder: BackupFolder, aside: Path, taken: Taken) -> Iterator[Taken]:
    known = _Known(folder)
    with (aside / WANTED).open(encoding="utf-8") as wanted, gzip.open(aside / LIST, "wb", 1) as out:
        for line in wanted:
            file = StoredFile(*json.loads(line))
            listed = _kept(folder, file, known.digest_of(file), taken)
            out.writelines(lines_of([listed]))
            taken.done += 1
            taken.bytes += listed.bytes
            if taken.done % FILES_OF_A_STEP == 0:
                yield taken


def _kept(folder: BackupFolder, file: StoredFile, before: Listed | None, taken: Taken) -> Listed:
    """Keep a file unless it is kept already; note what is wrong with it."""
    place = (file.column, file.pk, file.name)
    digest = file.sha256 or (before.sha256 if before else "")
    size = file.bytes if file.bytes is not None else (before.bytes if before else -1)
    if digest and folder.holds(digest, size):
        return Listed(*place, digest, size)
    try:
        with storage.open_at(file.name, 0) as source:
            found, size = folder.put(source)
    except FileNotFoundError:
        if has_row(file):
            taken.missing.append(file.name)
        return Listed(*place, "", 0)
    taken.new += 1
    taken.new_bytes += size
    if file.sha256 and found != file.sha256:
        taken.damaged.append(file.name)
    return Listed(*place, found, size)


class _Known:
    """The list of the snapshot before, read beside the new one: both are in the same order."""

    def __init__(self, folder: BackupFolder) -> None:
        snapshots = folder.snapshots()
        self._listed = folder.listed(snapshots[-1]) if snapshots else iter(())
        self._next: Listed | None = None

    def digest_of(self, file: StoredFile) -> Listed | None:
        """Return what was listed of the same file before; content under a name never changes."""
        place = (file.column, file.pk)
        while self._next is None or self._next.place < place:
            self._next = next(self._listed, None)
            if self._next is None:
                return None
        same = self._next.place == place and self._next.name == file.name and self._next.sha256
        return self._next if same else None
