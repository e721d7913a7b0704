"""What jobs that make a ZIP file share: where its parts lie, the room they need, their end.

The parts of a job lie in one folder under a token of the cursor, and are removed by the job's id:
another machine, which has none of them, begins anew under another token.
"""

import secrets
import shutil
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Now

from omixa_studio import storage
from omixa_studio.gateway.errors import told
from omixa_studio.models import BackgroundJob, Export

from . import zip_files
from .background import JobFailed
from .zip_files import Parts, Reached

SECONDS_OF_A_BATCH = 1.0
MOST_OF_A_BATCH = 250
# Paid answers need room on the same disk, and stop being claimed below half of this.
LEAST_FREE_BYTES = 2**30


def new_token() -> str:
    """Return a name for parts that none has had."""
    return secrets.token_hex(16)


def path_of(job: BackgroundJob, token: str, suffix: str) -> Path:
    """Return where a part of a job's file lies."""
    folder: Path = settings.EXPORTS_DIR
    return folder / f"{job.pk}-{token}.{suffix}"


def parts_of(job: BackgroundJob, token: str) -> Parts:
    """Return the two parts that become the ZIP file."""
    return Parts(path_of(job, token, "zip"), path_of(job, token, "directory"))


def stored_as(token: str) -> str:
    """Return the name in the storage of the file that parts become."""
    return f"exports/{token[:2]}/{token}.zip"


def cut(path: Path, size: int) -> bool:
    """Bring a table back to so many bytes; False if it is not here or has fewer."""
    if not path.is_file() or path.stat().st_size < size:
        return False
    with path.open("r+b") as file:
        file.truncate(size)
    return True


def need_room(more: int = 0) -> None:
    """Raise JobFailed where the disk has no room for so many bytes more and what others need."""
    settings.EXPORTS_DIR.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.EXPORTS_DIR).free < LEAST_FREE_BYTES + more:
        raise JobFailed(told("export_no_room"))


def store(job: BackgroundJob, token: str, zipped: Reached) -> int:
    """Finish the file of a job and move it into the storage; return its size in bytes."""
    parts = parts_of(job, token)
    size = zip_files.finish(parts, zipped)
    storage.adopt(stored_as(token), parts.entries)
    remove_parts(job)
    return size


def save_export(pk: int, token: str, size: int, left_out: int) -> partial[None]:
    """Return what writes in a batch that the file of an export is there, of so many bytes."""
    return partial(_save, pk, stored_as(token), size, left_out)


def remove_parts(job: BackgroundJob) -> None:
    """Delete whatever lies here of a job."""
    for path in settings.EXPORTS_DIR.glob(f"{job.pk}-*"):
        path.unlink(missing_ok=True)


def clear(job: BackgroundJob) -> None:
    """Delete what an unfinished file left behind."""
    remove_parts(job)
    if job.cursor and not Export.objects.filter(job=job).exclude(file="").exists():
        storage.remove(stored_as(job.cursor["token"]))


def _save(pk: int, name: str, size: int, left_out: int) -> None:
    Export.objects.filter(pk=pk).update(file=name, bytes=size, left_out=left_out, ready_at=Now())
