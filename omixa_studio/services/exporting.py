"""Make the ZIP file of an export: a background job in short batches.

Nothing grows in memory with the number of pictures, and a killed worker goes on after the last
batch. Another machine has none of its files and begins anew.
"""

import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils import timezone

from omixa_studio import storage, tables
from omixa_studio.dates import local
from omixa_studio.gateway.errors import told
from omixa_studio.models import BackgroundJob, Export, Pack, Picture
from omixa_studio.queries import exports

from . import zip_files, zip_jobs
from .background import Batch, JobFailed, JobKind
from .file_names import distinct, key_of, stem_of, values_of
from .kept import note_downloads
from .packing import content_of
from .sidecars import COLUMNS, Packed, cells_of, sidecar, summary
from .zip_files import Parts, Reached
from .zip_jobs import path_of

KIND = "export"
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
    if is_packed and (stored := storage.size(zip_jobs.stored_as(cursor.token))):
        return _ready(export, cursor, stored)  # killed after it was stored
    if not cursor.done or not _cut(job, cursor):
        cursor = _start(job, export, cursor)
    if cursor.done >= len(export.ids):
        return _finish(job, export, cursor)
    zip_jobs.need_room()
    after = _pack_some(job, export, cursor)
    return Batch(
        cursor=after.as_dict(),
        handled=after.done - job.done,
        total=len(export.ids),
    )


JOB = JobKind(work=work, clear=zip_jobs.clear, stays=True)


def _cursor_of(job: BackgroundJob) -> Cursor:
    if not job.cursor:
        return Cursor(zip_jobs.new_token())
    return Cursor(**{**job.cursor, "zipped": Reached(**job.cursor["zipped"])})


def _cut(job: BackgroundJob, cursor: Cursor) -> bool:
    """Bring the files back to the last batch; False if they are not here."""
    table = path_of(job, cursor.token, "csv")
    parts = zip_jobs.parts_of(job, cursor.token)
    return zip_jobs.cut(table, cursor.table) and parts.cut(cursor.zipped)


def _start(job: BackgroundJob, export: Export, cursor: Cursor) -> Cursor:
    """Begin with empty files, under a new name, since another machine may have older ones."""
    zip_jobs.remove_parts(job)
    zip_jobs.need_room(export.bytes)
    cursor = Cursor(zip_jobs.new_token() if cursor.done else cursor.token)
    zipped = zip_jobs.parts_of(job, cursor.token).start()
    [head] = tables.csv_pieces(COLUMNS[export.pack], [])
    path_of(job, cursor.token, "csv").write_bytes(head.encode())
    return Cursor(cursor.token, zipped=zipped, table=len(head.encode()))


def _pack_some(job: BackgroundJob, export: Export, cursor: Cursor) -> Cursor:
    parts = zip_jobs.parts_of(job, cursor.token)
    names = itertools.chain(zip_files.names_in(parts), (TABLE, SUMMARY))
    taken = {key_of(name.rpartition(".")[0]) for name in names}
    wanted = export.ids[cursor.done : cursor.done + zip_jobs.MOST_OF_A_BATCH]
    found = {picture.pk: picture for picture in exports.in_order(export.person, wanted)}
    inputs = exports.made_from(export.person, [one.generation_id for one in found.values()])
    until = time.monotonic() + zip_jobs.SECONDS_OF_A_BATCH
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
    return replace(cursor, table=cursor.table + _append(path_of(job, cursor.token, "csv"), lines))


def _stem(export: Export, picture: Picture, n: int, taken: set[int]) -> str:
    values = values_of(picture, n, among=len(export.ids), made_at=local(picture.created_at))
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
        zipped = zip_files.add(parts, zipped, name, data, local(packed.picture.created_at))
    return zipped


def _append(path: Path, lines: Sequence[Sequence[str]]) -> int:
    _head, *rows = tables.csv_pieces((), lines)
    data = "".join(rows).encode()
    with path.open("ab") as file:
        file.write(data)
    return len(data)


def _finish(job: BackgroundJob, export: Export, cursor: Cursor) -> Batch:
    if cursor.left_out == cursor.done:
        raise JobFailed(told("export_empty"))
    parts, now = zip_jobs.parts_of(job, cursor.token), local(timezone.now())
    with path_of(job, cursor.token, "csv").open("rb") as table:
        zipped = zip_files.add_file(parts, cursor.zipped, TABLE, table, now)
    whole = summary(export, left_out=cursor.left_out)
    zipped = zip_files.add(parts, zipped, SUMMARY, whole, now)
    size = zip_jobs.store(job, cursor.token, zipped)
    return _ready(export, cursor, size)


def _ready(export: Export, cursor: Cursor, size: int) -> Batch:
    write = zip_jobs.save_export(export.pk, cursor.token, size, cursor.left_out)
    return Batch(cursor=cursor.as_dict(), total=len(export.ids), finished=True, write=write)
