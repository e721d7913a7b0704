"""Import a bill from a file: keep it, choose its columns, read it in the background, compare it."""

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now

from omixa_studio import storage
from omixa_studio.gateway.errors import told
from omixa_studio.gateway.records import UsageEntry
from omixa_studio.models import (
    ActKind,
    BackgroundJob,
    BillCover,
    BillEntry,
    BillFile,
    BillSource,
    Person,
)
from omixa_studio.queries import bills

from . import audit, background, bill_asking, bill_jobs, bill_table
from .audit import Actor
from .background import Batch, JobFailed, JobKind
from .bill_table import HowToRead, NoBill

KIND = "bill_import"
ROWS_AT_A_TIME = 2_000
# How files of Excel begin, new and old ones, and a PDF.
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")
MOST_FAULTS = 20
SHOWN_ROWS = 8


@dataclass
class Reading:
    """A file being read: where it is, and which rows it had so far, as short hashes."""

    file: IO[Any]
    rows: Iterator[list[str]]
    at: int = 0
    seen: Counter[int] = field(default_factory=Counter)


# Files that are being read, by the id of their job; one that is not here is read from its start.
READING: dict[int, Reading] = {}


def keep(target: str, name: str, data: bytes, *, by: Actor) -> tuple[BillFile, bool]:
    """Keep a file, and return it and whether it is new. Raises NoBill if it is no table."""
    digest = hashlib.sha256(data).hexdigest()
    known = BillFile.objects.filter(target=target, sha256=digest).first()
    if known:
        return known, False
    if data.startswith(SPREADSHEETS):
        raise NoBill("unreadable")
    how = bill_table.guess(data[: bill_table.SNIFFED_BYTES])
    if how.encoding != "utf-16" and b"\0" in data[: bill_table.SNIFFED_BYTES]:
        raise NoBill("no_text")
    rows, key = _counted(data, how)
    stored = storage.new_name("bills", ".csv")
    storage.put(stored, data)
    try:
        with transaction.atomic():
            row = BillFile.objects.create(
                target=target,
                name=name[:120],
                sha256=digest,
                stored=stored,
                bytes=len(data),
                columns_key=key,
                rows=rows,
                by_name=by.shown,
            )
    except IntegrityError:  # sent twice at the same time
        storage.remove(stored)
        return BillFile.objects.get(target=target, sha256=digest), False
    return row, True


def suggestion(file: BillFile) -> HowToRead:
    """Return how a file was read, or is likely to be: as the last one with the same columns."""
    if file.mapping:
        return bill_table.mapped(file.mapping)
    alike = BillFile.objects.filter(
        target=file.target, columns_key=file.columns_key, mapping__isnull=False
    )
    last = alike.order_by("-pk").first()
    if last and last.mapping:
        return bill_table.mapped(last.mapping)
    with closing(storage.open_file(file.stored)) as opened:
        return bill_table.guess(opened.read(bill_table.SNIFFED_BYTES))


def first_rows(file: BillFile, how: HowToRead) -> list[list[str]]:
    """Return the header and the first rows. Raises NoBill."""
    found = []
    with closing(storage.open_file(file.stored)) as opened:
        for row in bill_table.rows_of(opened, how):
            found.append(row)
            if len(found) > SHOWN_ROWS:
                break
    return found


def start(
    file: BillFile, how: HowToRead, *, person: Person, by: Actor, wake: Callable[[], None]
) -> None:
    """Remember how the file is read, and read it in the background. Raises TooManyJobs."""
    with transaction.atomic():
        BillFile.objects.filter(pk=file.pk).update(
            mapping=how.as_json(), entries=0, known=0, skipped=0, faults=[], imported_at=None
        )
        background.start(person, KIND, {"file": file.pk}, wake=wake)
        audit.write(ActKind.BILL_IMPORTED, by=by, thing=file.name)


def work(job: BackgroundJob) -> Batch:
    """Read the next rows of a file, or compare its next day."""
    at: Mapping[str, Any] = job.cursor or {"step": "read", "row": 1}
    if at["step"] == "compare":
        return bill_jobs.compare_next(job, dict(at))
    file = BillFile.objects.filter(pk=job.parameters["file"]).first()
    if file is None or not file.mapping:
        raise JobFailed(told("odd_bill"))
    try:
        return _read_on(job, file, at["row"])
    except NoBill:
        raise JobFailed(told("odd_bill")) from None


def clear(job: BackgroundJob) -> None:
    """Close the file of a job that ended."""
    bill_jobs.forget(job)
    if reading := READING.pop(job.pk, None):
        reading.file.close()


JOB = JobKind(work=work, clear=clear)


def _read_on(job: BackgroundJob, file: BillFile, row: int) -> Batch:
    how = bill_table.mapped(file.mapping or {})
    reading = READING.get(job.pk)
    if reading is None or reading.at != row:
        clear(job)
        reading = READING[job.pk] = _opened(file, how, row)
    entries, faults, skipped = _next_rows(reading, file, how)
    ended = reading.at - row < ROWS_AT_A_TIME
    if ended:
        clear(job)

    def write() -> None:
        known = _known(entries)
        bill_asking.save_entries(entries)
        kept = (file.faults + faults)[:MOST_FAULTS]
        BillFile.objects.filter(pk=file.pk).update(
            entries=F("entries") + len(entries) - known,
            known=F("known") + known,
            skipped=F("skipped") + skipped,
            faults=kept,
            **({"imported_at": Now()} if ended else {}),
        )

    handled = reading.at - row
    if not ended:
        cursor = {"step": "read", "row": reading.at}
        return Batch(cursor=cursor, handled=handled, total=file.rows, write=write)
    return _ended(job, file, entries, handled, write)


def _ended(
    job: BackgroundJob,
    file: BillFile,
    entries: list[BillEntry],
    handled: int,
    write: Callable[[], None],
) -> Batch:
    """Return the last batch of reading, after which the days are compared."""
    times = [one.at for one in entries if one.at]
    before = bills.span_of_file(file)
    times += list(before or ())
    if not times:
        return Batch(cursor=None, handled=handled, finished=True, write=write)
    first, last = min(times).astimezone(UTC).date(), max(times).astimezone(UTC).date()
    days = (last - first).days + 1

    def write_all() -> None:
        write()
        _save_cover(file, first, last, max(times))

    total = job.done + handled + days
    cursor = bill_jobs.comparing_file(first, last)
    return Batch(cursor=cursor, handled=handled, total=total, write=write_all)


def _save_cover(file: BillFile, first: date, last: date, latest: datetime) -> None:
    """Note what the file covers: its last day is whole if it was made on a later one."""
    since, _ = bills.day_bounds(first)
    _, after = bills.day_bounds(last)
    until = after if after <= file.created_at else latest
    BillCover.objects.create(target=file.target, source=BillSource.FILE, since=since, until=until)


def _opened(file: BillFile, how: HowToRead, row: int) -> Reading:
    opened = storage.open_file(file.stored)
    reading = Reading(opened, bill_table.rows_of(opened, how))
    next(reading.rows, None)
    reading.at = 1
    while reading.at < row:
        _next_rows(reading, file, how, most=min(ROWS_AT_A_TIME, row - reading.at))
    return reading


def _next_rows(
    reading: Reading, file: BillFile, how: HowToRead, *, most: int = ROWS_AT_A_TIME
) -> tuple[list[BillEntry], list[list[Any]], int]:
    """Return the lines of the next rows, faults with the number of their row, and how many said
    nothing that counts.
    """
    found: dict[int, BillEntry] = {}
    faults: list[list[Any]] = []
    skipped = 0
    for _ in range(most):
        row = next(reading.rows, None)
        if row is None:
            break
        reading.at += 1
        read = bill_table.read_row(row, how)
        if isinstance(read, str):
            skipped += 1
            if read and len(faults) < MOST_FAULTS:
                faults.append([reading.at, read])
            continue
        if (entry := _entry(reading, file, read)) is None:
            skipped += 1
        else:
            found[reading.at] = entry
    nowhere = _of_no_day(file, found)
    faults = sorted(faults + [[number, "time"] for number in nowhere])
    rest = [entry for number, entry in found.items() if number not in nowhere]
    return rest, faults, skipped + len(nowhere)


def _of_no_day(file: BillFile, found: Mapping[int, BillEntry]) -> set[int]:
    """Return the rows without a time whose request is not here: no day would show them."""
    untimed = {number: one.request_id for number, one in found.items() if one.at is None}
    known = bills.known_requests(file.target, set(untimed.values()))
    return {number for number, request_id in untimed.items() if request_id not in known}


def _entry(reading: Reading, file: BillFile, read: UsageEntry) -> BillEntry | None:
    """Return a line; None for one with an id that the file said in the same words before."""
    said = (read.id, str(read.created), read.model, read.operation, read.cost_text)
    whole = _short_hash(*said)
    reading.seen[whole] += 1
    if read.id and reading.seen[whole] > 1:
        return None
    nth = reading.seen[whole]
    if read.id:
        by_id = _short_hash("id", read.id)
        reading.seen[by_id] += 1
        nth = reading.seen[by_id]
    entries = bill_asking.entries_of(file.target, BillSource.FILE, [read], file=file)
    entry = entries[0] if entries else None
    if entry is not None and nth > 1:
        entry.key = f"{entry.key.partition(':')[0]}:{nth}" if not read.id else f"{entry.key}#{nth}"
    return entry


def _known(entries: list[BillEntry]) -> int:
    keys = [entry.key for entry in entries]
    rows = BillEntry.objects.filter(target=settings.GATEWAY_TARGET, source=BillSource.FILE)
    some = [keys[at : at + 1_000] for at in range(0, len(keys), 1_000)]
    return sum(rows.filter(key__in=part).count() for part in some)


def _counted(data: bytes, how: HowToRead) -> tuple[int, str]:
    """Return the number of rows and a hash of the header. Raises NoBill."""
    rows = bill_table.rows_of(io.BytesIO(data), how)
    header = next(rows, [])
    if len(header) < 2:
        raise NoBill("no_columns")
    number = 0
    for _ in rows:
        number += 1
        if number > bill_table.MOST_ROWS:
            raise NoBill("too_many_rows")
    if not number:
        raise NoBill("no_rows")
    return number, hashlib.sha256("\n".join(header).encode("utf-8", "replace")).hexdigest()


def _short_hash(*texts: str) -> int:
    digest = hashlib.sha256("\n".join(texts).encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big")
