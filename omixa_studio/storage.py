"""Durable files: pictures, renditions and input images, in a folder or in a bucket.

Django's own file storage neither syncs nor renames, so a power cut could lose the only
copy of a paid picture after its spool file is gone. `put` returns when the bytes are safe.
"""

import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from functools import cache
from mmap import mmap
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage

# Files are written here and then renamed, so partial files exist nowhere else.
PARTS = ".parts"
SECONDS_TO_WRITE = 3600.0
# With less free space nothing is bought: an answer might not fit.
LEAST_FREE_BYTES = 512 * 2**20


class StorageAwayError(OSError):
    """The bucket does not answer as it should; what it holds may well be there."""


class Mapped(File):  # type: ignore[type-arg] # it takes none at run time
    """A memory-mapped file to be stored, always from its beginning."""

    def __init__(self, data: mmap) -> None:
        data.seek(0)
        super().__init__(cast(IO[Any], data), name="answer")
        self.mapped = data
        self.size = len(data)


class FolderStorage(FileSystemStorage):
    """A folder in which a file is either complete and durable or does not exist."""

    def _save(self, name: str, content: Any) -> str:
        data = content.mapped if isinstance(content, Mapped) else content.read()
        write_durably(Path(self.path(name)), data, aside=Path(self.path(PARTS)))
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        # Worker and sweep may settle one generation at the same time: same names, same bytes.
        return name


def put(name: str, data: bytes | mmap) -> None:
    """Store the bytes under the name; on return they survive a power cut. Raises OSError."""
    with _only_os_errors():
        # A mapped file is read from its pages; ContentFile would copy it into memory first.
        backend().save(name, ContentFile(data) if isinstance(data, bytes) else Mapped(data))


def adopt(name: str, path: Path) -> None:
    """Store a finished local file under the name, without reading it whole, and remove it there.

    On return it survives a power cut. Raises OSError.
    """
    store = backend()
    with _only_os_errors():
        if isinstance(store, FolderStorage):
            _move_durably(path, Path(store.path(name)))
            return
        with path.open("rb") as file:
            store.save(name, File(file))
    path.unlink(missing_ok=True)


def size(name: str) -> int | None:
    """Return the size of a stored file in bytes, None if there is none. Raises OSError."""
    with contextlib.suppress(FileNotFoundError), _only_os_errors():
        store = backend()
        # It may be erased between the two.
        return store.size(name) if store.exists(name) else None
    return None


def get(name: str) -> bytes:
    """Return the stored bytes. Raises FileNotFoundError, or OSError when it cannot be read."""
    with _only_os_errors(), backend().open(name) as file:
        return bytes(file.read())


def open_file(name: str) -> IO[Any]:
    """Open a stored file for reading. Raises FileNotFoundError, or OSError."""
    with _only_os_errors():
        opened = backend().open(name)
        # A bucket sends it at the first look, where no caller expects its driver's errors.
        opened.seek(0)
        return opened


def stream(name: str) -> tuple[IO[bytes], int]:
    """Open a stored file for reading once, from its beginning; return it and its size in bytes.

    None of it is held in memory; a bucket is asked once. Raises FileNotFoundError, or OSError.
    """
    store = backend()
    with _only_os_errors():
        if isinstance(store, FolderStorage):
            local = store.open(name)
            return local, local.size
        key = store._normalize_name(name)  # type: ignore[attr-defined]
        try:
            found = store.bucket.Object(key).get()  # type: ignore[attr-defined]
        except store.connection.meta.client.exceptions.NoSuchKey:  # type: ignore[attr-defined]
            raise FileNotFoundError(name) from None
        return cast(IO[bytes], found["Body"]), int(found["ContentLength"])


def open_at(name: str, start: int) -> IO[bytes]:
    """Open a stored file for reading from an offset, without holding the rest in memory.

    Raises FileNotFoundError, or OSError.
    """
    store = backend()
    with _only_os_errors():
        if isinstance(store, FolderStorage):
            local: IO[bytes] = store.open(name)
            local.seek(start)
            return local
        # The storage's own file would be read whole into memory.
        key = store._normalize_name(name)  # type: ignore[attr-defined]
        found = store.bucket.Object(key).get(Range=f"bytes={start}-")  # type: ignore[attr-defined]
        return cast(IO[bytes], found["Body"])


def all_names(*, older_than: float = 0.0) -> Iterator[str]:
    """Yield the names of all stored files last written so many seconds ago. Raises OSError."""
    store, until = backend(), time.time() - older_than
    if isinstance(store, FolderStorage):
        yield from _names_in(Path(store.location), until)
        return
    prefix = f"{store.location}/" if store.location else ""  # type: ignore[attr-defined]
    with _only_os_errors():
        for found in store.bucket.objects.filter(Prefix=prefix):  # type: ignore[attr-defined]
            if found.last_modified.timestamp() <= until:
                yield found.key.removeprefix(prefix)


def _names_in(root: Path, until: float) -> Iterator[str]:
    for folder, inner, files in os.walk(root):
        inner[:] = sorted(name for name in inner if name != PARTS)
        for name in files:
            path = Path(folder, name)
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime <= until:
                    yield path.relative_to(root).as_posix()


def remove(name: str) -> None:
    """Delete a stored file; a missing file is no error."""
    with contextlib.suppress(FileNotFoundError), _only_os_errors():
        backend().delete(name)


def forget_parts(*, seconds: float = SECONDS_TO_WRITE) -> None:
    """Remove partial files left by a crash at least this many seconds ago."""
    store = backend()
    folder = Path(store.path(PARTS)) if isinstance(store, FolderStorage) else None
    for part in folder.glob("*") if folder else ():
        with contextlib.suppress(FileNotFoundError):
            if part.stat().st_mtime <= time.time() - seconds:
                part.unlink()


def place() -> str:
    """Return where the files are, for people: the folder, or the bucket's name."""
    if not settings.STORAGE_URL:
        return str(settings.MEDIA_ROOT)
    return f"s3://{urlsplit(settings.STORAGE_URL).hostname}"


def new_name(folder: str, suffix: str) -> str:
    """Return a random, unguessable name such as `pictures/3f/3f9c….png`."""
    token = secrets.token_hex(16)
    return f"{folder}/{token[:2]}/{token}{suffix}"


def write_durably(path: Path, data: bytes | mmap, *, aside: Path | None = None) -> None:
    """Write to a temporary file of the same file system, sync, rename, sync the folder."""
    make_folder(path.parent)
    if aside is not None:
        make_folder(aside)
    part = (aside or path.parent) / f"{path.name}.{secrets.token_hex(4)}.part"
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _move_durably(path: Path, target: Path) -> None:
    make_folder(target.parent)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    try:
        path.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The media folder is on a disk of its own.
        near = target.with_name(f"{target.name}.part")
        shutil.copyfile(path, near)
        _move_durably(near, target)
        path.unlink()
    sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Sync a folder, which makes the names in it durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@cache
def backend() -> Storage:
    """Return the storage that STORAGE_URL names; the folder of the data folder by default."""
    if not settings.STORAGE_URL:
        return FolderStorage()
    return _bucket(settings.STORAGE_URL)


def _bucket(url: str) -> Storage:
    # Imported late because boto3 costs 17 MiB and most studios keep a folder.
    from storages.backends.s3 import S3Storage

    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    bucket = S3Storage(
        bucket_name=parts.hostname,
        location=parts.path.strip("/"),
        file_overwrite=True,
        default_acl=None,
        **options,
    )
    if "endpoint_url" in options:
        bucket.client_config = bucket.client_config.merge(_without_checksums())
    return cast(Storage, bucket)


def _without_checksums() -> Any:
    """Return settings for servers other than Amazon's, many of which refuse its new checksums."""
    from botocore.config import Config

    needed = "when_required"
    return Config(request_checksum_calculation=needed, response_checksum_validation=needed)


@contextlib.contextmanager
def _only_os_errors() -> Iterator[None]:
    """Turn the errors of a bucket's driver into FileNotFoundError, or StorageAwayError."""
    try:
        yield
    except _driver_errors() as error:
        # A question without an answer's body is refused by its status alone.
        told = getattr(error, "response", {}).get("Error", {}).get("Code")
        if told in ("NoSuchKey", "404"):
            raise FileNotFoundError(str(error)) from error
        raise StorageAwayError(f"The bucket refuses: {error}") from error


def _driver_errors() -> tuple[type[Exception], ...]:
    if not settings.STORAGE_URL:
        return ()
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    return Boto3Error, BotoCoreError, ClientError
