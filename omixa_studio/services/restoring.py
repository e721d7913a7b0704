"""Put a backup back into an empty studio, and prove that all of it came.

The files come first and the database last, so that a restore that was cut off can be run again.
What waits in the copy may have been sent since: none of it is sent, and the queue is paused.
"""

import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any, cast

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now

from omixa_studio import prompt_index, storage
from omixa_studio.models import OPEN_JOBS, BackgroundJob, Charge, Export, Generation
from omixa_studio.queries import backups
from omixa_studio.sent import Journal
from omixa_studio.spool import Spool

from . import kept, month_counts, older_copies
from .backup_database import DUMPS, is_empty, ledger_sums, migrations, put_back, row_counts
from .backup_folder import LIST, BackupError, BackupFolder, Hashed, Listed, digest_of
from .backup_seal import BLOCK
from .backup_taking import ASIDE, OWN, secret_mark
from .verifying import Finding, verify

FILES_BETWEEN_WORDS = 1000
FOLDERS = (settings.SPOOL_DIR.name, settings.SENT_DIR.name)
VENDORS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def restore(folder: BackupFolder, snapshot: str) -> Iterator[str]:
    """Restore a snapshot into an empty database; yields sentences that say how it goes.

    Raises BackupError if it cannot be done, or if what came is not what was backed up; OSError.
    """
    manifest = folder.manifest(snapshot)
    _check_parts(folder, snapshot, manifest)
    _refuse(manifest)
    yield f"The backup of {manifest['made_at']}, made by version {manifest['version']}."
    yield from _put_files(folder, snapshot, manifest)
    _put_own(folder, snapshot)
    _put_database(folder, snapshot, manifest)
    yield "The database holds what was backed up: rows of each table, sums of the ledger."
    call_command("migrate", verbosity=0, interactive=False)
    yield from _hold_the_queue()
    _forget_what_is_gone()
    _count_anew()
    yield "The index of prompts and the counts were made anew."
    wrong = [one for one in verify(read_files=False) if isinstance(one, Finding)]
    if wrong:
        lines = "\n".join(one.sentence for one in wrong[:20])
        raise BackupError(f"{len(wrong)} things are not right:\n{lines}")
    if manifest["secret"] != secret_mark():
        yield (
            "STUDIO_SECRET_KEY is another one than in the studio that was backed up: guest links "
            "go on working, but their addresses cannot be shown, and gateway keys that were "
            "entered on a page have to be entered again; webhooks need new secrets."
        )


def _refuse(manifest: Mapping[str, Any]) -> None:
    if manifest["database"] != connection.vendor:
        was, here = (VENDORS.get(it, it) for it in (manifest["database"], connection.vendor))
        raise BackupError(f"The backup is of {was}, and DATABASE_URL leads to {here}.")
    known = {name for app, name in _known_migrations() if app == "omixa_studio"}
    if newer := sorted(set(manifest["migrations"]) - known):
        raise BackupError(
            f"The backup was made by a newer studio (version {manifest['version']}, migration "
            f"{newer[-1]}): restore it with that version."
        )
    if not is_empty():
        raise BackupError(
            "The database holds a studio already, and a restore overwrites nothing: "
            "set an empty database, or move the file away."
        )


def _known_migrations() -> set[tuple[str, str]]:
    return set(MigrationLoader(None).disk_migrations)


def _check_parts(folder: BackupFolder, snapshot: str, manifest: Mapping[str, Any]) -> None:
    for name, said in manifest["parts"].items():
        path = folder.part(snapshot, name)
        if not path.is_file() or digest_of(path) != said["sha256"]:
            raise BackupError(f"{path} is damaged or missing: take another snapshot.")
    if not {LIST, OWN, DUMPS[connection.vendor]} <= set(manifest["parts"]):
        raise BackupError(f"The manifest of {snapshot} names too few parts.")


def _put_files(folder: BackupFolder, snapshot: str, manifest: Mapping[str, Any]) -> Iterator[str]:
    number = size = missing = 0
    for listed in folder.listed(snapshot):
        number, size = number + 1, size + listed.bytes
        if not listed.sha256:
            missing += 1
            yield f"{listed.name} was missing already when the backup was made."
            continue
        _put_file(folder, listed)
        if number % FILES_BETWEEN_WORDS == 0:
            yield f"{number} of {manifest['files']['count']} files"
    if [number, size] != [manifest["files"]["count"], manifest["files"]["bytes"]]:
        raise BackupError("The list of files is not what the manifest says.")
    yield f"{number - missing} files are back, each with the hash that it had."


def _put_file(folder: BackupFolder, listed: Listed) -> None:
    """Store a file unless it is there; one that is there and another is not overwritten."""
    if storage.size(listed.name) is not None:
        with storage.open_at(listed.name, 0) as source:
            if _digest(source) == listed.sha256:
                return
        raise BackupError(f"{listed.name} is there already, with another content.")
    with tempfile.NamedTemporaryFile(dir=_aside(), delete=False) as file:
        path = Path(file.name)
        try:
            folder.get(listed.sha256, cast(Any, file))
        except (ValueError, OSError) as error:
            path.unlink()
            raise BackupError(f"{listed.name} cannot be restored: {error}") from None
    storage.adopt(listed.name, path)


def _digest(source: Any) -> str:
    reading = Hashed(source)
    while reading.read(BLOCK):
        continue
    return reading.sha256


def _put_own(folder: BackupFolder, snapshot: str) -> None:
    """Put back what lay beside the database. What is there already is newer, and stays."""
    with tempfile.TemporaryDirectory(dir=_aside()) as name:
        here = Path(name)
        with (here / OWN).open("wb") as target:
            folder.read_part(snapshot, OWN, target)
        _unpack(here / OWN, here / "own")
        for path in (settings.SPOOL_DIR, settings.SENT_DIR):
            _put_missing(here / "own" / path.name, path)
        if (here / "own" / "models.toml").exists() and not settings.MODELS_TOML.exists():
            shutil.move(here / "own" / "models.toml", settings.MODELS_TOML)


def _unpack(packed: Path, target: Path) -> None:
    """Copy out the files that a backup puts there, whatever else was packed: above all no links."""
    with tarfile.open(packed) as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            is_ours = parts == (settings.MODELS_TOML.name,) or (
                len(parts) == 2 and parts[0] in FOLDERS and parts[1] != ".."
            )
            source = tar.extractfile(member) if member.isreg() and is_ours else None
            if source is not None:
                path = target.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    shutil.copyfileobj(source, file, BLOCK)


def _put_missing(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    # A journal is one thing: files of two of them must not be mixed.
    if target == settings.SENT_DIR and any(target.iterdir()):
        return
    for path in source.iterdir() if source.is_dir() else ():
        if not (target / path.name).exists():
            shutil.move(path, target / path.name)


def _put_database(folder: BackupFolder, snapshot: str, manifest: Mapping[str, Any]) -> None:
    name = DUMPS[connection.vendor]
    with tempfile.TemporaryDirectory(dir=_aside()) as here:
        dump = Path(here, name)
        with dump.open("wb") as target:
            folder.read_part(snapshot, name, target)
        put_back(dump)
    connections.close_all()
    if migrations() != manifest["migrations"]:
        raise BackupError("The database has other migrations than were backed up.")
    there = row_counts(DEFAULT_DB_ALIAS, manifest["tables"])
    wrong = [table for table, number in manifest["tables"].items() if there[table] != number]
    if wrong:
        raise BackupError(f"Other numbers of rows than were backed up: {', '.join(wrong)}.")
    if ledger_sums(DEFAULT_DB_ALIAS) != manifest["ledger"]:
        raise BackupError("The sums of the ledger are not those that were backed up.")


def _hold_the_queue() -> Iterator[str]:
    """Match the copy with the journal, then keep all from being sent that may have been."""
    journal, spool = Journal(settings.SENT_DIR), Spool(settings.SPOOL_DIR)
    targets = {settings.GATEWAY_TARGET}
    targets |= set(Charge.objects.order_by().values_list("target", flat=True).distinct())
    targets |= set(Generation.objects.order_by().values_list("target", flat=True).distinct())
    known = older_copies.compare(journal, settings.GATEWAY_TARGET)
    spool.take_up(known)
    number = len(known) + sum(older_copies.declare(target) for target in sorted(targets))
    yield (
        f"{number} queued requests need review, since they may have been sent. The queue is "
        "paused; the bill is compared as soon as the studio runs. Then look at Needs review and "
        "at Costs, Matching, and press Resume."
    )


def _forget_what_is_gone() -> None:
    """Let go of what was not backed up: exports, and the backup that was being made."""
    Export.objects.filter(deleted_at=None).update(deleted_at=Now() - timedelta(days=1))
    BackgroundJob.objects.filter(kind=backups.KIND, state__in=OPEN_JOBS).delete()


def _count_anew() -> None:
    prompt_index.rebuild()
    month_counts.repair()
    kept.repair()


def _aside() -> Path:
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    folder: Path = settings.DATA_DIR / ASIDE
    folder.mkdir(exist_ok=True)
    return folder
