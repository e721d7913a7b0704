"""Which rows have which stored files: for backups and for `verify`, never for a page."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from omixa_studio.models import (
    AnswerFile,
    BillFile,
    Export,
    Generation,
    InputImage,
    LostCall,
    Picture,
    State,
)

ROWS_AT_A_TIME = 2000


@dataclass(frozen=True)
class FileColumn:
    """A column that names stored files; `digest` and `size` are columns about them, "" if none."""

    model: type[Model]
    name: str
    digest: str = ""
    size: str = ""


# In this order for ever: lists of earlier backups are read beside those of later ones.
COLUMNS = (
    FileColumn(Picture, "name", "sha256", "bytes"),
    FileColumn(Picture, "thumb"),
    FileColumn(Picture, "preview"),
    FileColumn(AnswerFile, "name", "sha256", "bytes"),
    FileColumn(InputImage, "name", "sha256", "bytes"),
    FileColumn(BillFile, "stored", "sha256", "bytes"),
    FileColumn(LostCall, "name", "", "bytes"),
)
# Made from other files, and gone after a week.
OF_EXPORTS = FileColumn(Export, "file", "", "bytes")


@dataclass(frozen=True)
class StoredFile:
    """A file of a row: which of COLUMNS, the row's id, its name, its SHA-256 ("" if the row does
    not say), its size in bytes (None likewise)."""

    column: int
    pk: int
    name: str
    sha256: str
    bytes: int | None


def stored_files(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[StoredFile]:
    """Yield every stored file of a row, ordered by column and id; exports are left out."""
    for number, column in enumerate(COLUMNS):
        for pk, name, digest, size in _rows(column, using):
            yield StoredFile(number, pk, name, digest or "", size)


def export_names(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Yield the names of the files of exports."""
    for _pk, name, _digest, _size in _rows(OF_EXPORTS, using):
        yield name


def has_row(file: StoredFile) -> bool:
    """Return whether the row of a file is still there and still names it."""
    column = COLUMNS[file.column]
    rows = column.model._default_manager.filter(pk=file.pk, **{column.name: file.name})
    return bool(rows.exists())


def tokens_in_the_making(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[str]:
    """Yield what the file names of requests begin with whose files may come before their rows."""
    open_ones = (State.QUEUED, State.RUNNING, State.UNKNOWN)
    rows = Generation.objects.using(using).filter(state__in=open_ones)
    yield from rows.values_list("file_token", flat=True).iterator(chunk_size=ROWS_AT_A_TIME)


def _rows(column: FileColumn, using: str) -> Iterator[tuple[int, str, str, int | None]]:
    """Yield id, name, digest and size by id, in short statements, so that nothing waits long."""
    wanted = ["pk", column.name, *filter(None, (column.digest, column.size))]
    rows = column.model._default_manager.using(using).exclude(**{column.name: ""}).order_by("pk")
    last = 0
    while True:
        found = list(rows.filter(pk__gt=last).values_list(*wanted)[:ROWS_AT_A_TIME])
        for pk, name, *about in found:
            digest = about.pop(0) if column.digest else ""
            yield pk, name, digest, about[0] if column.size else None
        if len(found) < ROWS_AT_A_TIME:
            return
        last = found[-1][0]
