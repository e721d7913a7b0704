"""Make the ZIP file of an export: a background job in short batches.

Nothing grows in memory with the number of pictures, and a killed worker goes on after the last
batch. Another machine has none of its files and begins anew.
"""

import itertools
import secrets
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.utils import timezone

from omixa_studio import storage, tables
from omixa_studio.gateway.errors import told
from omixa_studio.models import BackgroundJob, Export, Pack, Picture
from omixa_studio.queries import exports

from . import zip_files
from .background import Batch, JobFailed, JobKind
from .file_names import distinct, key_of, stem_of, values_of
from .kept import note_downloads
from .packing import content_of
from .sidecars import COLUMNS, Packed, cells_of, sidecar, summary
from .zip_files import Parts, Reached

KIND = "export"
SECONDS_OF_A_BATCH = 1.0
MOST_OF_A_BATCH = 250
# Paid answers need room on the same disk, and stop being claimed below half of this.
LEAST_FREE_BYTES = 2**30
TABLE, SUMMARY = "pictures.csv", "export.json"


@dataclass(frozen=True)
class Cursor:
    """Where the next batch begins: pictures done, those left out, and how far the files reach."""

    token: str
    done: int = 0
    left_out: int = 0
    zipped: Reached = field(default_factory=Reached)
    table: int = 0

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "zipped": self.zipped.as_dict()}


def work(job: BackgroundJob) -> Batch:
    """Pack the next pictures of an export, or after the last one finish its file."""
    export = Export.objects.select_related("person").get(job=job)
    cursor = _cursor_of(job)
    is_packed = 0 < len(export.ids) <= cursor.done
    if is_packed and (stored := storage.size(_stored_as(cursor))):
        return _ready(export, cursor, stored)  # killed after it was stored
    if not cursor.done or not _cut(job, cursor):
        cursor = _start(job, export, cursor)
    if cursor.done >= len(export.ids):
        return _finish(job, export, cursor)
    _need_room(LEAST_FREE_BYTES)
    after = _pack_some(job, export, cursor)
    return Batch(
        cursor=after.as_dict(),
        handled=after.done - job.done,
        total=len(export.ids),
    )


def clear(job: BackgroundJob) -> None:
    """Delete what an unfinished export left behind."""
    _remove_parts(job)
    if job.cursor and not Export.objects.filter(job=job).exclude(file="").exists():
        storage.remove(_stored_as(_cursor_of(job)))


JOB = JobKind(work=work, clear=clear, stays=True)


def _remove_parts(job: BackgroundJob) -> None:
    for path in settings.EXPORTS_DIR.glob(f"{job.pk}-*"):
        path.unlink(missing_ok=True)


def _cursor_of(job: BackgroundJob) -> Cursor:
    if not job.cursor:
        return Cursor(secrets.token_hex(16))
    return Cursor(**{**job.cursor, "zipped": Reached(**job.cursor["zipped"])})


def _path(job: BackgroundJob, cursor: Cursor, suffix: str) -> Path:
    folder: Path = settings.EXPORTS_DIR
    return folder / f"{job.pk}-{cursor.token}.{suffix}"


def _parts(job: BackgroundJob, cursor: Cursor) -> Parts:
    return Parts(_path(job, cursor, "zip"), _path(job, cursor, "directory"))


def _stored_as(cursor: Cursor) -> str:
    return f"exports/{cursor.token[:2]}/{cursor.token}.zip"


def _cut(job: BackgroundJob, cursor: Cursor) -> bool:
    """Bring the files back to the last batch; False if they are not here."""
    table = _path(job, cursor, "csv")
    if not table.is_file() or table.stat().st_size < cursor.table:
        return False
    with table.open("r+b") as file:
        file.truncate(cursor.table)
    return _parts(job, cursor).cut(cursor.zipped)


def _start(job: BackgroundJob, export: Export, cursor: Cursor) -> Cursor:
    """Begin with empty files, under a new name, since another machine may have older ones."""
    _remove_parts(job)
    _need_room(LEAST_FREE_BYTES + export.bytes)
    cursor = Cursor(secrets.token_hex(16) if cursor.done else cursor.token)
    zipped = _parts(job, cursor).start()
    [head] = tables.csv_pieces(COLUMNS[export.pack], [])
    _path(job, cursor, "csv").write_bytes(head.encode())
    return Cursor(cursor.token, zipped=zipped, table=len(head.encode()))


def _need_room(size: int) -> None:
    settings.EXPORTS_DIR.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.EXPORTS_DIR).free < size:
        raise JobFailed(told("export_no_room"))


def _pack_some(job: BackgroundJob, export: Export, cursor: Cursor) -> Cursor:
    parts = _parts(job, cursor)
    names = itertools.chain(zip_files.names_in(parts), (TABLE, SUMMARY))
    taken = {key_of(name.rpartition(".")[0]) for name in names}
    wanted = export.ids[cursor.done : cursor.done + MOST_OF_A_BATCH]
    found = {picture.pk: picture for picture in exports.in_order(export.person, wanted)}
    inputs = exports.made_from(export.person, [one.generation_id for one in found.values()])
    until = time.monotonic() + SECONDS_OF_A_BATCH
    lines, packed_ids = [], []
    for pk in wanted:
        picture = found.get(pk)
        content = content_of(export, picture) if picture else None
        cursor = replace(cursor, done=cursor.done + 1)
        if picture is None or content is None:
            cursor = replace(cursor, left_out=cursor.left_out + 1)
            continue
        stem = _stem(export, picture, cursor.done, taken)
        packed = Packed(picture, stem, content, inputs.get(picture.generation_id, ()))
        cursor = replace(cursor, zipped=_zip(parts, cursor.zipped, export, packed))
        lines.append(cells_of(packed, export.pack))
        packed_ids.append(pk)
        if time.monotonic() > until:
            break
    note_downloads(packed_ids)
    return replace(cursor, table=cursor.table + _append(_path(job, cursor, "csv"), lines))


def _stem(export: Export, picture: Picture, n: int, taken: set[int]) -> str:
    values = values_of(picture, n, among=len(export.ids), made_at=_local(picture.created_at))
    stem = distinct(stem_of(export.template, values), n, taken)
    taken.add(key_of(stem))
    return stem


def _zip(parts: Parts, zipped: Reached, export: Export, packed: Packed) -> Reached:
    entries = {packed.file: packed.content.data}
    if packed.content.packet:
        entries[f"{packed.stem}.xmp"] = packed.content.packet
    if export.pack == Pack.INTERNAL:
        entries[f"{packed.stem}.json"] = sidecar(packed)
    for name, data in entries.items():
        zipped = zip_files.add(parts, zipped, name, data, _local(packed.picture.created_at))
    return zipped


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment, timezone.get_default_timezone())


def _append(path: Path, lines: Sequence[Sequence[str]]) -> int:
    _head, *rows = tables.csv_pieces((), lines)
    data = "".join(rows).encode()
    with path.open("ab") as file:
        file.write(data)
    return len(data)


def _finish(job: BackgroundJob, export: Export, cursor: Cursor) -> Batch:
    if cursor.left_out == cursor.done:
        raise JobFailed(told("export_empty"))
    parts, now = _parts(job, cursor), _local(timezone.now())
    with _path(job, cursor, "csv").open("rb") as table:
        zipped = zip_files.add_file(parts, cursor.zipped, TABLE, table, now)
    whole = summary(export, left_out=cursor.left_out)
    zipped = zip_files.add(parts, zipped, SUMMARY, whole, now)
    size = zip_files.finish(parts, zipped)
    storage.adopt(_stored_as(cursor), parts.entries)
    _remove_parts(job)
    return _ready(export, cursor, size)


def _ready(export: Export, cursor: Cursor, size: int) -> Batch:
    write = partial(_save, export.pk, _stored_as(cursor), size, cursor.left_out)
    return Batch(cursor=cursor.as_dict(), total=len(export.ids), finished=True, write=write)


def _save(pk: int, name: str, size: int, left_out: int) -> None:
    Export.objects.filter(pk=pk).update(file=name, bytes=size, left_out=left_out, ready_at=Now())
