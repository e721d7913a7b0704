"""Read the bill, what is compared with it, and what came of that."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Max, Min, Q, QuerySet, Sum

from omixa_studio.models import (
    BillAnswer,
    BillCover,
    BillDay,
    BillEntry,
    BillFile,
    BillMatch,
    BillNote,
    Charge,
    Generation,
    Kind,
    LostCall,
    Pause,
    State,
)
from omixa_studio.models.generations import Charged
from omixa_studio.models.pauses import Reason

from .gateway_keys import keys_on_own_bills
from .unknown import LONGEST_IN_QUEUE

SENT_STATES = (State.DONE, State.FAILED, State.UNKNOWN)
AT_A_TIME = 1_000
MATCHES_ON_A_PAGE = 50
DAYS_ON_A_PAGE = 31
ID_KEY = "id:"
# Later than so, no line of a bill is looked for among older requests.
LONGEST_UNTIL_BILLED = timedelta(days=62)
AROUND = timedelta(days=2)

# The columns of a sent request that matching needs.
CALL_COLUMNS = (
    *("pk", "request_id", "model", "sent_at", "started_at", "created_at", "seconds"),
    *("finished_at", "state", "charged"),
)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the first moment of a day in UTC and that of the next."""
    first = datetime.combine(day, time(), UTC)
    return first, first + timedelta(days=1)


def sent_calls(
    target: str, since: datetime, until: datetime, *, on_own_bills: bool = False
) -> Iterator[tuple[Any, ...]]:
    """Yield the requests of a target that were at the gateway between two moments.

    Those with a key on a bill of its own are left out, which the bill of the environment's key does
    not have; or only those are told.
    """
    rows = Generation.objects.filter(
        target=target,
        state__in=SENT_STATES,
        created_at__gte=since - LONGEST_IN_QUEUE,
        created_at__lt=until,
    ).exclude(sent_at=None, charged=Charged.NO)
    of_others = Q(gateway_key__in=keys_on_own_bills())
    rows = rows.filter(of_others) if on_own_bills else rows.exclude(of_others)
    rows = rows.filter(Q(sent_at=None) | Q(sent_at__gte=since, sent_at__lt=until))
    return rows.order_by().values_list(*CALL_COLUMNS).iterator(chunk_size=5_000)


def calls_of_ids(
    target: str, request_ids: Collection[str], *, until: datetime
) -> Iterator[tuple[Any, ...]]:
    """Yield the sent requests with some of the gateway's ids, made in the weeks before a moment.

    Ids have no index: the weeks are read by the index of states.
    """
    rows = Generation.objects.filter(
        target=target,
        state__in=SENT_STATES,
        created_at__gte=until - LONGEST_UNTIL_BILLED,
        created_at__lt=until + AROUND,
    )
    ids = sorted(request_ids)
    for at in range(0, len(ids), AT_A_TIME):
        some = rows.filter(request_id__in=ids[at : at + AT_A_TIME]).order_by()
        yield from some.values_list(*CALL_COLUMNS)


def known_requests(target: str, request_ids: Collection[str]) -> set[str]:
    """Return which of some ids of the gateway are those of requests here; reads all of them."""
    known: set[str] = set()
    ids = sorted(request_ids)
    for at in range(0, len(ids), AT_A_TIME):
        rows = Generation.objects.filter(target=target, request_id__in=ids[at : at + AT_A_TIME])
        known.update(rows.order_by().values_list("request_id", flat=True))
    return known


def billed_here(generation_ids: Sequence[int]) -> dict[int, int]:
    """Return what the ledger has of some requests, in micro-dollars: bills and adjustments."""
    found: dict[int, int] = {}
    for at in range(0, len(generation_ids), AT_A_TIME):
        rows = Charge.objects.filter(
            generation_id__in=generation_ids[at : at + AT_A_TIME],
            kind__in=(Kind.CAPTURE, Kind.ADJUSTMENT),
        )
        found |= dict(rows.order_by().values_list("generation_id").annotate(Sum("amount_micros")))
    return found


def booked_entries(entry_ids: Collection[int]) -> dict[int, int]:
    """Return what was booked for lines of the bill without a request, by the id of the line."""
    booked = billed_here([-pk for pk in entry_ids])
    return {-pk: amount for pk, amount in booked.items()}


def booked_elsewhere(target: str, source: str, entry_ids: Collection[int]) -> dict[int, int]:
    """Return what was booked for lines of other sources that are the same as some of this one.

    The log and a file tell of the same bill: what one of them had booked, the other must not book
    again. By the ids of these lines, in micro-dollars.
    """
    if not entry_ids or not Charge.objects.filter(generation_id__lt=0).exists():
        return {}
    lines = [one for some in _in_parts(sorted(entry_ids)) for one in _entries(pk__in=some)]
    others = {one.pk: one for one in _like(target, source, lines)}
    booked = booked_entries(others)
    free = [others[pk] for pk in sorted(booked)]
    found: dict[int, int] = {}
    for is_same in (_has_same_id, _says_the_same):
        for line in lines:
            twin = next((one for one in free if is_same(line, one)), None)
            if line.pk not in found and twin is not None:
                found[line.pk] = booked[twin.pk]
                free.remove(twin)
    return found


def _like(target: str, source: str, lines: Sequence[BillEntry]) -> Iterator[BillEntry]:
    """Yield the lines of other sources that have the ids of some lines, or are of their time."""
    for keys in _in_parts([one.key for one in lines]):
        yield from _entries(target=target, key__in=keys).exclude(source=source)
    if ats := [one.at for one in lines if one.at]:
        second = timedelta(seconds=1)
        near = _entries(target=target, at__gte=min(ats) - second, at__lt=max(ats) + second)
        yield from near.exclude(source=source)


def _entries(**which: Any) -> QuerySet[BillEntry]:
    return BillEntry.objects.filter(**which).order_by("pk")


def _in_parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(values), AT_A_TIME):
        yield values[at : at + AT_A_TIME]


def _has_same_id(one: BillEntry, other: BillEntry) -> bool:
    return bool(one.request_id) and one.request_id == other.request_id


def _says_the_same(one: BillEntry, other: BillEntry) -> bool:
    if (one.request_id and other.request_id) or not (one.at and other.at):
        return False
    same = (one.amount_micros, one.model.lower()) == (other.amount_micros, other.model.lower())
    return same and one.at.replace(microsecond=0) == other.at.replace(microsecond=0)


def entries_between(
    target: str, source: str, since: datetime, until: datetime
) -> QuerySet[BillEntry]:
    return BillEntry.objects.filter(
        target=target, source=source, at__gte=since, at__lt=until
    ).order_by("at", "pk")


def entries_of_ids(target: str, source: str, request_ids: Iterable[str]) -> Iterator[BillEntry]:
    """Yield the lines with some request ids, whatever their time."""
    keys = [ID_KEY + one for one in request_ids]
    for at in range(0, len(keys), AT_A_TIME):
        yield from BillEntry.objects.filter(
            target=target, source=source, key__in=keys[at : at + AT_A_TIME]
        )


def covers(target: str, source: str, since: datetime, until: datetime) -> list[tuple[Any, ...]]:
    """Return the stretches of known bill that touch a span, united, in order."""
    rows = BillCover.objects.filter(target=target, source=source, until__gte=since)
    united: list[tuple[Any, ...]] = []
    for first, last in (
        rows.filter(since__lte=until).order_by("since").values_list("since", "until")
    ):
        if united and first <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], last))
        else:
            united.append((first, last))
    return united


def notes_of(target: str, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], BillNote]:
    """Return the last word on each pair of a line's and a request's id."""
    found: dict[tuple[int, int], BillNote] = {}
    entries = sorted({entry for entry, _ in pairs})
    for at in range(0, len(entries), AT_A_TIME):
        some = entries[at : at + AT_A_TIME]
        rows = BillNote.objects.filter(target=target, entry_id__in=some, day=None)
        if some == [0]:
            rows = rows.filter(generation_id__in=[pk for _, pk in pairs])
        for note in rows.order_by("pk"):
            if (note.entry_id, note.generation_id) in pairs:
                found[note.entry_id, note.generation_id] = note
    return found


def bill_days(target: str, source: str, *, before: date | None = None) -> list[BillDay]:
    """Return a page of compared days, newest first, and one more if there is another page."""
    rows = BillDay.objects.filter(target=target, source=source, matched_at__isnull=False)
    rows = rows.filter(day__lt=before) if before else rows
    return list(rows.order_by("-day")[: DAYS_ON_A_PAGE + 1])


def day_notes(target: str, source: str, days: Collection[date]) -> dict[date, BillNote]:
    """Return the last word on each day's difference."""
    rows = BillNote.objects.filter(target=target, day__in=days, source=source).order_by("pk")
    return {note.day: note for note in rows if note.day}


def matches_of(day: BillDay, *, kind: str = "", after: int = 0) -> list[BillMatch]:
    """Return a page of a day's matches, and one more if there is another page."""
    rows = BillMatch.objects.filter(bill_day=day, pk__gt=after)
    rows = rows.filter(kind=kind) if kind else rows
    return list(rows.select_related("note").order_by("pk")[: MATCHES_ON_A_PAGE + 1])


def bill_answers(target: str, most: int = 6) -> list[BillAnswer]:
    """Return the last answers of the gateway, without their bodies."""
    return list(BillAnswer.objects.filter(target=target).defer("body").order_by("-pk")[:most])


def bill_files(target: str, most: int = 10) -> list[BillFile]:
    return list(BillFile.objects.filter(target=target).order_by("-pk")[:most])


def span_of_file(file: BillFile) -> tuple[datetime, datetime] | None:
    """Return the times of the first and the last line of a file, None if it has none."""
    found = BillEntry.objects.filter(file=file).aggregate(first=Min("at"), last=Max("at"))
    return (found["first"], found["last"]) if found["first"] else None


def last_asked(target: str) -> datetime | None:
    """Return when the gateway was last asked for its books."""
    row = BillAnswer.objects.filter(target=target).order_by("-pk").values_list("asked_at").first()
    return row[0] if row else None


def older_copy_since(target: str) -> datetime | None:
    """Return when it was last noticed that the database is an older copy."""
    moments = [
        Pause.objects.filter(target=target, reason=Reason.OLDER).aggregate(at=Max("since"))["at"],
        LostCall.objects.filter(target=target).aggregate(at=Max("found_at"))["at"],
    ]
    return max((at for at in moments if at is not None), default=None)
