"""Compare all that the studio keeps with each other: rows with files, sums with the ledger.

It changes nothing, may run while people work, and holds nothing in memory that grows with the
studio: the names of all files lie in a temporary table on the disk.
"""

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import Error as AnyDatabaseError
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from omixa_studio import gallery_counts, kept_counts, prompt_index, storage
from omixa_studio.models import (
    Charge,
    Generation,
    IndexedPrompt,
    Picture,
)
from omixa_studio.queries import balance_check, cost_check
from omixa_studio.queries.stored_files import (
    COLUMNS,
    StoredFile,
    export_names,
    has_row,
    stored_files,
    tokens_in_the_making,
)

BLOCK = 2**20
# A file comes before its row; so long may that take.
SECONDS_TO_BECOME_A_ROW = 3600.0


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, as a sentence."""

    sentence: str


@dataclass(frozen=True)
class Checked:
    """A part that was compared, and how many things there were."""

    what: str
    number: int


Told = Iterator[Finding | Checked]


def verify(*, read_files: bool = True) -> Told:
    """Yield what was checked and what is wrong; with `read_files` each original is read whole."""
    yield from _check_database()
    yield from _check_sums()
    yield from _check_search()
    with _names() as names:
        yield from _check_rows(names, read_files)
        yield from _check_files(names)


def _check_database() -> Told:
    """Ask SQLite whether its file is whole, and either database for references to nothing."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(5)")
            for (said,) in cursor.fetchall():
                if said != "ok":
                    yield Finding(f"The database file is damaged: {said}")
    try:
        connection.check_constraints()
    except AnyDatabaseError as error:
        yield Finding(f"A row refers to one that is gone: {' '.join(str(error).split())}")
    yield Checked("tables", len(connection.introspection.django_table_names(only_existing=True)))


def _check_sums() -> Told:
    for key, above in balance_check.differences().items():
        yield Finding(f"A balance exceeds its ledger by {above} micro-dollars: {key}.")
    for (target, kind), more in cost_check.wrong_totals().items():
        yield Finding(f"Totals of costs {kind!r} of {target} exceed the ledger by {more}.")
    for wrong in gallery_counts.differences():
        yield Finding(f"A count of a gallery is not what its pictures say: {wrong}.")
    for wrong in kept_counts.differences():
        yield Finding(f"A count of kept pictures is not what they say: {wrong}.")
    yield Checked("rows of the ledger", Charge.objects.count())


def _check_search() -> Told:
    try:
        prompt_index.check()
    except AnyDatabaseError as error:
        yield Finding(f"The index of prompts is damaged: {error}")
    pictures = Picture.objects.filter(generation=OuterRef("pk"))
    right = IndexedPrompt.objects.filter(
        generation_id=OuterRef("pk"), text=OuterRef("prompt_search")
    )
    wanted = Generation.objects.filter(Exists(pictures), ~Q(prompt_search=""))
    if lacking := wanted.exclude(Exists(right)).count():
        yield Finding(f"{lacking} prompts are not in the index, or differently.")
    own = Picture.objects.filter(generation=OuterRef("generation_id"))
    if more := IndexedPrompt.objects.exclude(Exists(own)).count():
        yield Finding(f"{more} prompts in the index have no picture any more.")
    yield Checked("prompts", IndexedPrompt.objects.annotate(n=F("pk")).count())


def _check_rows(names: sqlite3.Connection, read_files: bool) -> Told:
    """Look for the file of every row, and note its name."""
    number = 0
    seen = ""
    for file in stored_files():
        number += 1
        fault = "" if file.name == seen else _fault_of(file, read_files)
        if fault and has_row(file):
            yield Finding(f"{_about(file)}: {fault}")
        seen = file.name
        names.execute("INSERT OR IGNORE INTO name VALUES (?)", [file.name])
    for name in export_names():
        names.execute("INSERT OR IGNORE INTO name VALUES (?)", [name])
    for token in tokens_in_the_making():
        names.execute("INSERT OR IGNORE INTO token VALUES (?)", [token])
    yield Checked("rows with files", number)


def _fault_of(file: StoredFile, read_files: bool) -> str:
    """Return what is wrong with the file of a row, "" if nothing."""
    try:
        if not (read_files and file.sha256):
            size = storage.size(file.name)
            if size is None:
                return "the file is missing"
            return "" if file.bytes in (None, size) else "the file has another size"
        with storage.open_at(file.name, 0) as source:
            return "" if _digest(source) == file.sha256 else "the file has another content"
    except FileNotFoundError:
        return "the file is missing"
    except OSError as error:
        return f"the file cannot be read ({error.strerror or error})"


def _digest(source: Any) -> str:
    digest = hashlib.sha256()
    while data := source.read(BLOCK):
        digest.update(data)
    return digest.hexdigest()


def _check_files(names: sqlite3.Connection) -> Told:
    """Look for the row of every file, except those that are just being written."""
    number = 0
    for name in storage.all_names(older_than=SECONDS_TO_BECOME_A_ROW):
        number += 1
        if not (_is_in(names, "name", name) or _is_in(names, "token", _token_of(name))):
            yield Finding(f"{name}: no row names this file")
    yield Checked("files", number)


def _token_of(name: str) -> str:
    """Return what the name of a request's file begins with, as in `pictures/3f/3f9c…-0.png`."""
    return Path(name).stem.rpartition("-")[0]


def _is_in(names: sqlite3.Connection, table: str, name: str) -> bool:
    found = names.execute(f"SELECT 1 FROM {table} WHERE name = ?", [name])  # noqa: S608
    return found.fetchone() is not None


def _about(file: StoredFile) -> str:
    column = COLUMNS[file.column]
    return f"{column.model._meta.verbose_name} {file.pk}, {column.name} {file.name}".capitalize()


@contextmanager
def _names() -> Iterator[sqlite3.Connection]:
    """Give a temporary database on the disk for the names of all files."""
    with (
        tempfile.TemporaryDirectory(prefix="omixa-verify-") as folder,
        closing(sqlite3.connect(Path(folder, "names.sqlite3"), isolation_level=None)) as rows,
    ):
        rows.execute("PRAGMA journal_mode=OFF")
        rows.execute("PRAGMA synchronous=OFF")
        for table in ("name", "token"):
            rows.execute(f"CREATE TABLE {table} (name TEXT PRIMARY KEY) WITHOUT ROWID")
        yield rows
