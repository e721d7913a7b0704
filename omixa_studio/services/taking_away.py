"""Make the archive of everything that belongs to a person: a background job in short batches.

Tables are read by id, files are copied piece by piece, and the cursor is a few numbers: memory does
not grow with the number of pictures, and a killed worker goes on after the last batch. Another
machine has none of its files and begins anew.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.utils import timezone

from omixa_studio import storage, tables
from omixa_studio.dates import local
from omixa_studio.gateway.errors import told
from omixa_studio.models import BackgroundJob, Export, Person

from . import zip_files, zip_jobs
from .background import Batch, JobFailed, JobKind
from .everything_tables import TABLES, Table
from .zip_files import Reached
from .zip_jobs import parts_of, path_of

KIND = "everything"
MANIFEST, ACCOUNT = "manifest.json", "account.json"


@dataclass(frozen=True)
class ArchiveCursor:
    """Where the next batch begins: which table, after which id, and how far the files reach.

    `rows` are the lines of the table so far, `size` the bytes of its file; `finished` says of each
    table before what the manifest tells.
    """

    token: str
    table: int = 0
    after: int = 0
    rows: int = 0
    size: int = 0
    left_out: int = 0
    zipped: Reached = field(default_factory=Reached)
    finished: Sequence[Mapping[str, Any]] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**vars(self), "zipped": self.zipped.as_dict(), "finished": list(self.finished)}


def work(job: BackgroundJob) -> Batch:
    """Pack the next rows of an archive, or after the last one finish its file."""
    export = Export.objects.select_related("whose").get(job=job)
    if export.whose is None:
        raise JobFailed(told("export_empty"))
    cursor = _cursor_of(job)
    if cursor.table == len(TABLES) and (stored := storage.size(zip_jobs.stored_as(cursor.token))):
        return _ready(export, cursor, stored)  # killed after it was stored
    total = None
    if not job.cursor or not _cut(job, cursor):
        cursor = _start(job, export, cursor)
        total = sum(table.rows(export.whose).count() for table in TABLES)
    if cursor.table == len(TABLES):
        return _finish(job, export, cursor)
    zip_jobs.need_room()
    after = _pack_some(job, export.whose, cursor)
    return Batch(cursor=after.as_dict(), handled=_rows_of(after) - job.done, total=total)


JOB = JobKind(work=work, clear=zip_jobs.clear, stays=True)


def _cursor_of(job: BackgroundJob) -> ArchiveCursor:
    if not job.cursor:
        return ArchiveCursor(zip_jobs.new_token())
    return ArchiveCursor(**{**job.cursor, "zipped": Reached(**job.cursor["zipped"])})


def _rows_of(cursor: ArchiveCursor) -> int:
    before: int = sum(table["rows"] for table in cursor.finished)
    return before + cursor.rows


def _cut(job: BackgroundJob, cursor: ArchiveCursor) -> bool:
    """Bring the files back to the last batch; False if they are not here."""
    table = path_of(job, cursor.token, _suffix(cursor))
    if cursor.size and not zip_jobs.cut(table, cursor.size):
        return False
    return parts_of(job, cursor.token).cut(cursor.zipped)


def _suffix(cursor: ArchiveCursor) -> str:
    return f"{cursor.table}.csv"


def _start(job: BackgroundJob, export: Export, cursor: ArchiveCursor) -> ArchiveCursor:
    """Begin with empty files, under a new name, since another machine may have older ones."""
    zip_jobs.remove_parts(job)
    zip_jobs.need_room(export.bytes)
    token = zip_jobs.new_token() if job.cursor else cursor.token
    return ArchiveCursor(token, zipped=parts_of(job, token).start())


def _pack_some(job: BackgroundJob, person: Person, cursor: ArchiveCursor) -> ArchiveCursor:
    """Take the next rows of one table; after its last one put the table itself into the archive."""
    table = TABLES[cursor.table]
    rows = table.rows(person).filter(pk__gt=cursor.after).order_by("pk")[: zip_jobs.MOST_OF_A_BATCH]
    found = list(rows)
    until = time.monotonic() + zip_jobs.SECONDS_OF_A_BATCH
    lines = []
    for row in found:
        cursor = _with_file(job, cursor, table, row)
        cursor = replace(cursor, after=row.pk, rows=cursor.rows + 1)
        lines.append(table.cells(row))
        if time.monotonic() > until:
            break
    cursor = replace(cursor, size=cursor.size + _append(job, cursor, table, lines))
    is_last = len(lines) == len(found) < zip_jobs.MOST_OF_A_BATCH
    return _close_table(job, cursor, table) if is_last else cursor


def _with_file(job: BackgroundJob, cursor: ArchiveCursor, table: Table, row: Any) -> ArchiveCursor:
    if table.stored is None:
        return cursor
    name, parts = str(table.line(row)["file"]), parts_of(job, cursor.token)
    made = local(getattr(row, "created_at", None) or timezone.now())
    try:
        with storage.open_file(table.stored(row)) as file:
            zipped = zip_files.add_file(parts, cursor.zipped, name, file, made)
    except FileNotFoundError:
        return replace(cursor, left_out=cursor.left_out + 1)
    return replace(cursor, zipped=zipped)


def _append(
    job: BackgroundJob, cursor: ArchiveCursor, table: Table, lines: Sequence[Sequence[str]]
) -> int:
    """Write lines to the file of a table, its head first; return how many bytes."""
    head, *rows = tables.csv_pieces(table.columns, lines)
    data = "".join(rows if cursor.size else [head, *rows]).encode()
    with path_of(job, cursor.token, _suffix(cursor)).open("ab" if cursor.size else "wb") as file:
        file.write(data)
    return len(data)


def _close_table(job: BackgroundJob, cursor: ArchiveCursor, table: Table) -> ArchiveCursor:
    name = f"{table.name}.csv"
    with path_of(job, cursor.token, _suffix(cursor)).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        zipped = zip_files.add_file(
            parts_of(job, cursor.token), cursor.zipped, name, file, local(timezone.now())
        )
    about = {"file": name, "rows": cursor.rows, "columns": list(table.columns), "sha256": digest}
    return replace(
        cursor,
        table=cursor.table + 1,
        after=0,
        rows=0,
        size=0,
        zipped=zipped,
        finished=(*cursor.finished, about),
    )


def _finish(job: BackgroundJob, export: Export, cursor: ArchiveCursor) -> Batch:
    parts, zipped, now = parts_of(job, cursor.token), cursor.zipped, local(timezone.now())
    for name, said in ((ACCOUNT, _account(export.whose)), (MANIFEST, _manifest(export, cursor))):
        data = json.dumps(said, ensure_ascii=False, indent=2).encode()
        zipped = zip_files.add(parts, zipped, name, data, now)
    size = zip_jobs.store(job, cursor.token, zipped)
    return _ready(export, cursor, size)


def _account(person: Person | None) -> dict[str, object]:
    if person is None:
        return {}
    return {
        "username": person.username,
        "name": person.name,
        "email": person.email,
        "role": person.role,
        "language": person.language,
        "joined_at": local(person.date_joined).isoformat(),
    }


def _manifest(export: Export, cursor: ArchiveCursor) -> dict[str, object]:
    return {
        "what": "Everything of one person of Omixa Studio",
        "studio": settings.STUDIO_URL,
        "whose": export.whose.username if export.whose else "",
        "made_at": local(timezone.now()).isoformat(),
        "files_left_out": cursor.left_out,
        "tables": list(cursor.finished),
        "files": "Named by the column `file` of a table, with size and SHA-256 in its line.",
    }


def _ready(export: Export, cursor: ArchiveCursor, size: int) -> Batch:
    write = zip_jobs.save_export(export.pk, cursor.token, size, cursor.left_out)
    return Batch(cursor=cursor.as_dict(), finished=True, write=write)
