"""Costs as a spreadsheet: a background job in short batches.

The workbook stays open between the batches of one process, and each row goes to disk at once, so
that nothing grows in memory. It cannot be taken up elsewhere: after a kill the next worker begins
anew.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from omixa_studio import storage
from omixa_studio.gateway.errors import told
from omixa_studio.models import MICRO, BackgroundJob, Export
from omixa_studio.models.spans import Span
from omixa_studio.queries.ledger_rows import BEFORE_ALL, COLUMNS, ledger_page
from omixa_studio.tables import harmless

from .background import Batch, JobFailed, JobKind

KIND = "cost_sheet"
# What a sheet of the format holds, its head among them.
ROWS_OF_A_SHEET = 1_048_576
SECONDS_OF_A_BATCH = 1.0
ROWS_AT_A_TIME = 2000
LEAST_FREE_BYTES = 2**30
MONEY_COLUMNS = (7, 8, 9)
# Nothing that somebody wrote becomes a formula, a link or a number.
AS_WRITTEN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
WIDTHS = (19, 24, 28, 12, 12, 10, 9, 12, 12, 12)


@dataclass
class OpenWorkbook:
    """A workbook that is being written: its folder, how many rows it has, and where it goes on.

    `after` is the last generation of `day` in it.
    """

    token: str
    folder: Path
    span: Span
    day: date
    workbook: Any
    formats: dict[str, Any]
    after: int = BEFORE_ALL
    done: int = 0
    sheets: int = 0
    row: int = field(default=ROWS_OF_A_SHEET)
    sheet: Any = None

    @property
    def is_whole(self) -> bool:
        return self.day > self.span.last


# By the id of the job; only of this process.
_open: dict[int, OpenWorkbook] = {}


def work(job: BackgroundJob) -> Batch:
    """Write the next rows of a spreadsheet, or after the last one finish its file."""
    export = Export.objects.select_related("person").defer("review").get(job=job)
    if not export.person.sees_costs:
        raise JobFailed(told("export_no_costs"))
    cursor = job.cursor or {}
    if cursor.get("whole") and (size := storage.size(_stored_as(cursor["token"]))):
        return _ready(export, cursor, size)  # killed after it was stored
    book = _book_of(job)
    until = time.monotonic() + SECONDS_OF_A_BATCH
    while not book.is_whole:
        _write_some(book)
        if time.monotonic() > until:
            break
    handled = book.done - job.done
    after = {"token": book.token, "done": book.done, "whole": book.is_whole}
    if not book.is_whole or not cursor.get("whole"):
        # The file is finished in a batch of its own, whose cursor says under which name.
        return Batch(cursor=after, handled=handled, total=max(job.total or 0, book.done))
    return _finish(job, export, book, after)


def clear(job: BackgroundJob) -> None:
    """Delete what an unfinished spreadsheet left behind."""
    _open.pop(job.pk, None)
    _remove_folders(job)
    token = (job.cursor or {}).get("token")
    if token and not Export.objects.filter(job=job).exclude(file="").exists():
        storage.remove(_stored_as(token))


JOB = JobKind(work=work, clear=clear, stays=True)


def _book_of(job: BackgroundJob) -> OpenWorkbook:
    """Return the workbook where the last batch left it, else a new one."""
    _forget_ended()
    cursor, book = job.cursor or {}, _open.get(job.pk)
    if book and (book.token, book.done) == (cursor.get("token"), cursor.get("done")):
        return book
    _remove_folders(job)
    _open[job.pk] = _begin(job)
    return _open[job.pk]


def _begin(job: BackgroundJob) -> OpenWorkbook:
    settings.EXPORTS_DIR.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.EXPORTS_DIR).free < LEAST_FREE_BYTES:
        raise JobFailed(told("export_no_room"))
    token = token_hex(16)
    folder: Path = settings.EXPORTS_DIR / f"{job.pk}-{token}"
    folder.mkdir()
    # Only a worker that makes a spreadsheet has to load it.
    made = import_module("xlsxwriter").Workbook(
        str(folder / "costs.xlsx"), {"constant_memory": True, "tmpdir": str(folder), **AS_WRITTEN}
    )
    made.use_zip64()
    kinds = {"head": {"bold": True}, "money": {"num_format": "0.000000"}}
    kinds |= {"time": {"num_format": "yyyy-mm-dd hh:mm:ss"}}
    formats = {name: made.add_format(look) for name, look in kinds.items()}
    span = span_of(job.parameters)
    _write_review(made, formats, Export.objects.only("review").get(job=job).review or {})
    return OpenWorkbook(token, folder, span, span.first, made, formats)


def _write_review(workbook: Any, formats: dict[str, Any], review: dict[str, Any]) -> None:
    """Write the first sheet: the review as it was on screen at the click."""
    sheet = workbook.add_worksheet("Review")
    sheet.set_column(0, 0, 30)
    sheet.freeze_panes(1, 1)
    for place, label in enumerate(review.get("head", ())):
        sheet.write_string(0, place, harmless(label), formats["head"])
    for n, row in enumerate(review.get("rows", ()), 1):
        for place, (value, kind) in enumerate(zip(row, review["kinds"], strict=True)):
            if kind == "text":
                sheet.write_string(n, place, harmless(value or ""))
            elif value is not None and kind == "money":
                sheet.write_number(n, place, value * MICRO, formats["money"])
            elif value is not None:
                sheet.write_number(n, place, value)


def parameters_of(span: Span) -> dict[str, Any]:
    """Return a span as the parameters of a job."""
    days = {"first": span.first.isoformat(), "last": span.last.isoformat()}
    return days | span.narrowed


def span_of(parameters: dict[str, Any]) -> Span:
    """Return the span that a job's parameters say."""
    days = {name: date.fromisoformat(parameters[name]) for name in ("first", "last")}
    return Span(**{**parameters, **days})


def _write_some(book: OpenWorkbook) -> None:
    target: str = settings.GATEWAY_TARGET
    rows = ledger_page(target, book.span, book.day, after=book.after, most=ROWS_AT_A_TIME)
    for row in rows:
        _write(book, row)
    if len(rows) < ROWS_AT_A_TIME:
        book.day, book.after = book.day + timedelta(days=1), BEFORE_ALL
    else:
        book.after = rows[-1][COLUMNS.index("generation")]


def _write(book: OpenWorkbook, row: Sequence[Any]) -> None:
    if book.row >= ROWS_OF_A_SHEET:
        _next_sheet(book)
    sheet, n, formats = book.sheet, book.row, book.formats
    sheet.write_datetime(n, 0, row[0], formats["time"])
    for place, value in enumerate(row[1:7], 1):
        if isinstance(value, str):
            sheet.write_string(n, place, harmless(value))
        else:
            sheet.write_number(n, place, value)
    for place in MONEY_COLUMNS:
        if row[place] is not None:
            sheet.write_number(n, place, row[place] * MICRO, formats["money"])
    book.row += 1
    book.done += 1


def _next_sheet(book: OpenWorkbook) -> None:
    book.sheets += 1
    name = "Requests" if book.sheets == 1 else f"Requests {book.sheets}"
    book.sheet = book.workbook.add_worksheet(name)
    for place, width in enumerate(WIDTHS):
        book.sheet.set_column(place, place, width)
    book.sheet.freeze_panes(1, 0)
    for place, title in enumerate(COLUMNS):
        book.sheet.write_string(0, place, title, book.formats["head"])
    book.row = 1


def _finish(
    job: BackgroundJob, export: Export, book: OpenWorkbook, cursor: dict[str, Any]
) -> Batch:
    if book.sheet is None:
        _next_sheet(book)
    book.workbook.close()
    file = book.folder / "costs.xlsx"
    size = file.stat().st_size
    storage.adopt(_stored_as(book.token), file)
    _open.pop(job.pk, None)
    _remove_folders(job)
    return _ready(export, cursor, size)


def _ready(export: Export, cursor: dict[str, Any], size: int) -> Batch:
    write = partial(_save, export.pk, _stored_as(cursor["token"]), size, cursor["done"])
    return Batch(cursor=cursor, total=cursor["done"], finished=True, write=write)


def _save(pk: int, name: str, size: int, rows: int) -> None:
    Export.objects.filter(pk=pk).update(file=name, bytes=size, pictures=rows, ready_at=Now())


def _stored_as(token: str) -> str:
    return f"exports/{token[:2]}/{token}.xlsx"


def _remove_folders(job: BackgroundJob) -> None:
    for folder in settings.EXPORTS_DIR.glob(f"{job.pk}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _forget_ended() -> None:
    """Let go of workbooks whose job another process ended or cancelled."""
    for pk in list(_ended()):
        _open.pop(pk, None)


def _ended() -> Iterator[int]:
    known = BackgroundJob.objects.filter(pk__in=list(_open))
    is_open = {job.pk for job in known if job.is_open}
    return (pk for pk in list(_open) if pk not in is_open)
