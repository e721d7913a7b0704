"""Ask the gateway for its books and store what can be read of them, and each answer as it came."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import F

from omixa_studio.gateway.bills import DayRollup, read_entries, read_rollups
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.records import RawAnswer, UsageEntry
from omixa_studio.gateway.redaction import redact
from omixa_studio.models import BillAnswer, BillDay, BillEntry, BillFile, BillSource, micros
from omixa_studio.queries.bills import ID_KEY

REQUESTS, ROLLUPS = "requests", "rollups"
MOST_KEPT_CHARACTERS = 256 * 1024
MOST_ANSWERS = 60
ROWS_AT_A_TIME = 500

# Asks the gateway about "requests" or "rollups", with a query.
Ask = Callable[[str, str], RawAnswer]


@dataclass(frozen=True)
class Answered:
    """What came: the answer to keep, its lines or its days, and where the list goes on."""

    kept: BillAnswer
    entries: Sequence[BillEntry] = ()
    days: Sequence[DayRollup] = ()
    next_query: str = ""


def ask_for_days(ask: Ask, target: str) -> Answered:
    """Ask for the totals of days. Never raises for anything that the gateway answers."""
    return _asked(ask, target, ROLLUPS, "period_type=day")


def ask_for_entries(ask: Ask, target: str, query: str) -> Answered:
    """Ask for a page of the request log. Never raises for anything that the gateway answers."""
    return _asked(ask, target, REQUESTS, query)


def save(answered: Answered) -> None:
    """Store an answer and what was read of it, in the caller's transaction."""
    answered.kept.save(force_insert=True)
    target = answered.kept.target
    kept = BillAnswer.objects.filter(target=target).order_by("-pk").values_list("pk", flat=True)
    if oldest := kept[MOST_ANSWERS - 1 : MOST_ANSWERS].first():
        BillAnswer.objects.filter(target=target, pk__lt=oldest).delete()
    save_entries(answered.entries)
    _save_days(target, answered.days)


def save_entries(entries: Iterable[BillEntry]) -> None:
    """Insert or update lines of a bill by their keys, each once."""
    once = list({entry.key: entry for entry in entries}.values())
    BillEntry.objects.bulk_create(
        once,
        batch_size=ROWS_AT_A_TIME,
        update_conflicts=True,
        unique_fields=["target", "source", "key"],
        update_fields=["model", "operation", "status", "at", "amount_micros", "amount_text"],
    )


def entries_of(
    target: str, source: BillSource, found: Iterable[UsageEntry], *, file: BillFile | None = None
) -> list[BillEntry]:
    """Return unsaved lines. Those without an id, and a time or an amount, are left out.

    Without an id, equal lines are told apart by how many of them come before.
    """
    seen: Counter[str] = Counter()
    rows = []
    for one in found:
        if not one.id and not (one.created and one.cost_text):
            continue
        rows.append(_entry(target, source, one, _key_of(one, seen), file))
    return rows


def _key_of(one: UsageEntry, seen: Counter[str]) -> str:
    if one.id:
        return ID_KEY + one.id
    said = (str(one.created), one.model, one.operation, one.cost_text)
    digest = hashlib.sha256("\n".join(said).encode()).hexdigest()
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"


def _entry(
    target: str, source: BillSource, one: UsageEntry, key: str, file: BillFile | None
) -> BillEntry:
    return BillEntry(
        target=target,
        source=source,
        key=key,
        request_id=one.id,
        model=one.model[:120],
        operation=one.operation[:60],
        status=one.status[:60],
        at=one.created,
        amount_micros=None if one.cost is None else micros(one.cost),
        amount_text=one.cost_text[:80],
        file=file,
    )


def _asked(ask: Ask, target: str, what: str, query: str) -> Answered:
    kept = BillAnswer(target=target, what=what)
    try:
        raw = ask(what, query)
    except GatewayError as error:
        kept.error = list(error.told)
        return Answered(kept)
    body = bytes(raw.body)
    text = body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    kept.status, kept.bytes = raw.status, len(body)
    kept.body = redact(text, settings.GATEWAY_KEY)[:MOST_KEPT_CHARACTERS]
    try:
        return _read(raw, kept)
    except GatewayError as error:
        kept.error = list(error.told)
        return Answered(kept)


def _read(raw: RawAnswer, kept: BillAnswer) -> Answered:
    if kept.what == ROLLUPS:
        days = read_rollups(raw)
        kept.found = len(days)
        return Answered(kept, days=days)
    page = read_entries(raw)
    entries = entries_of(kept.target, BillSource.LOG, page.entries)
    kept.found = len(entries)
    return Answered(kept, entries=entries, next_query=page.next_query)


def _save_days(target: str, days: Sequence[DayRollup]) -> None:
    rows = [
        BillDay(
            target=target,
            source=BillSource.LOG,
            day=one.day,
            told_micros=None if one.cost is None else micros(one.cost),
        )
        for one in days
    ]
    BillDay.objects.bulk_create(
        rows,
        batch_size=ROWS_AT_A_TIME,
        update_conflicts=True,
        unique_fields=["target", "source", "day"],
        update_fields=["told_micros"],
    )
    told = BillDay.objects.filter(target=target, source=BillSource.LOG, told_micros__isnull=False)
    told.filter(day__in=[one.day for one in days]).update(bill_micros=F("told_micros"))


def span_of(answered: Answered) -> tuple[datetime, datetime] | None:
    """Return the times of the first and the last line of an answer, None if it has none."""
    times = [entry.at for entry in answered.entries if entry.at]
    return (min(times), max(times)) if times else None


def first_day(answered: Answered) -> date | None:
    """Return the first of the days of an answer that cost something."""
    return min((one.day for one in answered.days if one.cost != 0), default=None)
