"""Compare a day of the bill with the requests of that day, and write down what came of it."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from omixa_studio.models import (
    DIFFERENCES,
    BillDay,
    BillEntry,
    BillMatch,
    BillNote,
    BillSource,
    MatchKind,
    Proof,
)
from omixa_studio.models.generations import Charged, State
from omixa_studio.queries import bills

from .bill_pairs import BillLine, SentCall, SideBySide, kind_of, pair

# Around a day: neighbours of its last and first minutes, and times told in another zone.
AROUND_LINES = timedelta(hours=2)
AROUND_CALLS = timedelta(hours=14)
NO_DAY = datetime.max.replace(tzinfo=UTC)
# Others wait meanwhile on SQLite: about 50 ms for so many rows.
ROWS_AT_A_TIME = 1_000


@dataclass
class Compared:
    """A day compared, to be written: its row and its matches, both unsaved, and how far that is."""

    day: BillDay
    matches: Sequence[BillMatch]
    part: int = 0
    is_cleared: bool = False
    written: int = 0


def compare_day(target: str, source: str, day: date) -> Compared:
    """Compare a day; reads only. The result is written by `save`."""
    first, after = bills.day_bounds(day)
    calls = _calls(target, first - AROUND_CALLS, after + AROUND_CALLS)
    # A file may be the bill of any account.
    others = _calls_of_others(target, first, after) if source == BillSource.FILE else []
    calls += others
    lines = _lines(target, source, first, after, calls)
    calls += _calls_told_late(target, calls, [one for one in lines if _is_in(one, first, after)])
    covered = bills.covers(target, source, first, after)
    matches, of_day = [], BillDay(target=target, source=source, day=day)
    found = [(at, one) for one in pair(calls, lines) if first <= (at := _moment_of(one)) < after]
    for at, one in _of_accounts_told(found, {call.pk for call in others}):
        _count(of_day, one)
        kind = kind_of(one, covered=any(since <= at < until for since, until in covered))
        if kind is not None:
            matches.append(_match(one, kind, at))
    _settle_lines_booked(target, source, matches)
    _take_notes(target, matches)
    matches.sort(
        key=lambda one: (not one.is_open, one.kind not in DIFFERENCES, one.at, one.entry_id)
    )
    whole = any(since <= first and after <= until for since, until in covered)
    _sum_up(of_day, matches, whole=whole, lines=[one for one in lines if _is_in(one, first, after)])
    return Compared(of_day, matches)


def save(compared: Compared) -> None:
    """Write a compared day whole."""
    while not save_part(compared):
        continue


def save_part(compared: Compared) -> bool:
    """Write the next part of a compared day in the caller's transaction; return whether it is done.

    A usual day is one part. In between the row has no digest, so that a day which was left half
    written is written anew.
    """
    fresh = compared.day
    BillDay.objects.get_or_create(target=fresh.target, source=fresh.source, day=fresh.day)
    row = BillDay.objects.select_for_update().get(
        target=fresh.target, source=fresh.source, day=fresh.day
    )
    compared.part += 1
    if row.digest != fresh.digest or compared.part > 1:
        row.digest = ""
        if not _write_some(compared, row):
            row.save(update_fields=["digest"])
            return False
    told = row.told_micros
    BillDay.objects.filter(pk=row.pk).update(
        here_micros=fresh.here_micros,
        bill_micros=fresh.bill_micros if told is None else told,
        calls_here=fresh.calls_here,
        calls_bill=fresh.calls_bill,
        counts=fresh.counts,
        open=fresh.open,
        digest=fresh.digest,
        matched_at=Now(),
    )
    return True


def parts_left(compared: Compared) -> int:
    """Return in how many more parts a compared day is written; reads only."""
    fresh = compared.day
    row = BillDay.objects.filter(target=fresh.target, source=fresh.source, day=fresh.day).first()
    if row and row.digest == fresh.digest and not compared.part:
        return 1
    old = row.matches.count() if row and not compared.is_cleared else 0
    left = len(compared.matches) - compared.written
    return old // ROWS_AT_A_TIME + max(-(-left // ROWS_AT_A_TIME), 1)


def _write_some(compared: Compared, row: BillDay) -> bool:
    """Replace the next few matches of a day; return whether all are replaced."""
    if not compared.is_cleared:
        old = list(row.matches.order_by().values_list("pk", flat=True)[:ROWS_AT_A_TIME])
        BillMatch.objects.filter(bill_day=row, pk__in=old).delete()
        compared.is_cleared = len(old) < ROWS_AT_A_TIME
        if not compared.is_cleared:
            return False
    some = compared.matches[compared.written : compared.written + ROWS_AT_A_TIME]
    for match in some:
        match.bill_day = row
    BillMatch.objects.bulk_create(some, batch_size=500)
    compared.written += len(some)
    return compared.written == len(compared.matches)


def _calls(target: str, since: datetime, until: datetime) -> list[SentCall]:
    return _read(bills.sent_calls(target, since, until))


def _calls_of_others(target: str, first: datetime, after: datetime) -> list[SentCall]:
    """Return the requests around a day that are on other bills than that of the environment."""
    since, until = first - AROUND_CALLS, after + AROUND_CALLS
    return _read(bills.sent_calls(target, since, until, on_own_bills=True))


def _of_accounts_told(
    found: Sequence[tuple[datetime, SideBySide]], others: Collection[int]
) -> Iterator[tuple[datetime, SideBySide]]:
    """Leave out requests without a line whose account this day's lines may say nothing of.

    `others` are those on other bills. What a bill of one account lacks of another was paid all the
    same: told as missing, it would be adjusted to nothing.
    """
    told = {one.call.pk in others for _at, one in found if one.call and one.line}
    for at, one in found:
        alone = one.call if one.line is None else None
        if alone is None or not (alone.pk in others or told == {True}):
            yield at, one


def _calls_told_late(
    target: str, calls: Sequence[SentCall], lines: Sequence[BillLine]
) -> list[SentCall]:
    """Return the requests of other days whose ids these lines have.

    Each is compared on its own day; without it the line would be one without a request here, and
    adjusting to it would book the request twice.
    """
    known = {call.request_id for call in calls}
    late = {line.request_id: line.at for line in lines if line.at and line.request_id}
    ids = late.keys() - known
    if not ids:
        return []
    return _read(bills.calls_of_ids(target, ids, until=max(late.values())))


def _read(found: Iterable[tuple[Any, ...]]) -> list[SentCall]:
    rows = list(found)
    billed = bills.billed_here([row[0] for row in rows])
    return [_call(row, billed.get(row[0], 0)) for row in rows]


def _call(row: tuple[Any, ...], billed: int) -> SentCall:
    pk, request_id, model, sent, started, created, seconds, finished, state, charged = row
    began = sent or started or created
    longest = timedelta(seconds=settings.CALL_SECONDS)
    took = longest if seconds is None else min(timedelta(seconds=seconds), longest)
    ended = began + took if seconds is not None or finished is None else min(finished, began + took)
    unknown = state == State.UNKNOWN or charged == Charged.UNKNOWN
    return SentCall(pk, request_id, model, began, ended, None if unknown else billed)


def _lines(
    target: str, source: str, first: datetime, after: datetime, calls: Sequence[SentCall]
) -> list[BillLine]:
    """Return the lines around a day, and those anywhere with a request id of its calls."""
    ids = [call.request_id for call in calls if call.request_id and first <= call.began < after]
    around = bills.entries_between(target, source, first - AROUND_LINES, after + AROUND_LINES)
    found = {one.pk: _line(one) for one in around.iterator(chunk_size=5_000)}
    for one in bills.entries_of_ids(target, source, ids):
        found.setdefault(one.pk, _line(one))
    return list(found.values())


def _line(entry: BillEntry) -> BillLine:
    return BillLine(
        entry.pk,
        entry.request_id,
        entry.model,
        entry.at,
        entry.amount_micros,
        entry.amount_text,
    )


def _moment_of(one: SideBySide) -> datetime:
    """Return the moment that decides the day: when the request was sent, else the line's.

    A line without a request and without a time is of no day.
    """
    if one.call:
        return one.call.began
    return (one.line.at if one.line else None) or NO_DAY


def _is_in(line: BillLine, first: datetime, after: datetime) -> bool:
    return line.at is not None and first <= line.at < after


def _count(day: BillDay, one: SideBySide) -> None:
    if one.call and one.call.micros:
        day.here_micros += one.call.micros
        day.calls_here += 1
    if one.line and (one.line.micros or one.line.text):
        day.calls_bill += 1


def _match(one: SideBySide, kind: MatchKind, at: datetime) -> BillMatch:
    call, line = one.call, one.line
    return BillMatch(
        kind=kind,
        proof=one.proof,
        entry_id=line.pk if line else 0,
        generation_id=call.pk if call else 0,
        at=at,
        model=call.model if call else (line.model if line else ""),
        here_micros=call.micros if call else None,
        bill_micros=line.micros if line else None,
    )


def _settle_lines_booked(target: str, source: str, matches: Sequence[BillMatch]) -> None:
    """Take what was booked for a line without a request into account, by any source."""
    alone = {one.entry_id: one for one in matches if one.kind == MatchKind.BILL_ONLY}
    booked = bills.booked_entries(alone)
    booked |= bills.booked_elsewhere(target, source, alone.keys() - booked.keys())
    for pk, amount in booked.items():
        alone[pk].here_micros = amount
        if amount == alone[pk].bill_micros:
            alone[pk].kind = MatchKind.EQUAL


def _take_notes(target: str, matches: Sequence[BillMatch]) -> None:
    """Give each difference the last word on it, as long as its amounts are the same."""
    differing = {
        (one.entry_id, one.generation_id): one for one in matches if one.kind in DIFFERENCES
    }
    for pair_of, note in bills.notes_of(target, differing.keys()).items():
        if holds(note, differing[pair_of]):
            differing[pair_of].note = note


def holds(note: BillNote, match: BillMatch) -> bool:
    """Return whether a note was made about these amounts."""
    said_of = (note.here_micros, note.bill_micros)
    return said_of == (match.here_micros, match.bill_micros) and note.change_micros is None


def _sum_up(
    day: BillDay, matches: Sequence[BillMatch], *, whole: bool, lines: Sequence[BillLine]
) -> None:
    booked = [one for one in matches if not one.generation_id and one.here_micros]
    day.here_micros += sum(one.here_micros or 0 for one in booked)
    clear = all(one.micros is not None or not one.text for one in lines)
    day.bill_micros = sum(one.micros or 0 for one in lines) if whole and clear else None
    day.counts = dict(Counter(str(one.kind) for one in matches))
    day.counts["near"] = sum(
        one.proof == Proof.NEAR and one.kind == MatchKind.EQUAL for one in matches
    )
    day.open = sum(one.is_open for one in matches)
    day.digest = hashlib.sha256(repr([_told(one) for one in matches]).encode()).hexdigest()


def _told(one: BillMatch) -> tuple[object, ...]:
    return (
        *(str(one.kind), str(one.proof), one.entry_id, one.generation_id, one.note_id),
        *(one.here_micros, one.bill_micros, one.model),
    )
