"""The background job that compares the bill: ask for the totals of days, for the log page by page,
then compare day by day. Started each night, after a restore, and when somebody wants it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from omixa_studio.models import (
    OPEN_JOBS,
    BackgroundJob,
    BillCover,
    BillDay,
    BillSource,
    Person,
)
from omixa_studio.queries import bills
from omixa_studio.queries.people import admins

from . import background, bill_asking, bill_matching, notices
from .background import Batch, JobKind
from .bill_asking import Answered, Ask
from .bill_matching import Compared
from .usage import SLACK

KIND = "matching"
NIGHT = time(3)
MOST_PAGES = 30
# How far back a usual night goes, and one that has reason to: the first one, or after a restore.
USUAL_DAYS, MOST_DAYS = 45, 800
DEEP = "deep"
# Days that are being written, by the id of their job.
COMPARED: dict[int, Compared] = {}


def job_of(ask: Ask) -> JobKind:
    """Return the kind of job, which asks the gateway by `ask`."""
    return JobKind(work=partial(_work, ask), clear=forget)


def forget(job: BackgroundJob) -> None:
    """Forget the day that a job was writing."""
    COMPARED.pop(job.pk, None)


def start(person: Person, *, wake: Callable[[], None]) -> BackgroundJob | None:
    """Compare now; None if that is under way. Raises background.TooManyJobs."""
    if is_under_way():
        return None
    return background.start(person, KIND, {}, wake=wake)


def start_if_due(target: str) -> bool:
    """Queue the nightly comparison, or the one after a restore; return whether it was queued.

    Practice is compared when somebody wants it: the sandbox forgets everything when it ends.
    """
    asked = bills.last_asked(target)
    restored = bills.older_copy_since(target)
    is_older = restored is not None and (asked is None or asked < restored)
    if not (is_older or (_is_night_over(asked) and not settings.SANDBOX_MODE)):
        return False
    if is_under_way():
        return False
    try:
        with transaction.atomic():
            BackgroundJob.objects.filter(kind=KIND, person=None).delete()
            parameters = {DEEP: True} if is_older else {}
            BackgroundJob.objects.create(kind=KIND, parameters=parameters)
    except IntegrityError:
        return False
    return True


def is_under_way() -> bool:
    """Return whether the gateway's log is being compared, or waits for it."""
    return BackgroundJob.objects.filter(kind=KIND, state__in=OPEN_JOBS).exists()


def _is_night_over(asked: datetime | None) -> bool:
    """Return whether the gateway was not asked since the last night's hour."""
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    hour = now.replace(hour=NIGHT.hour, minute=0, second=0, microsecond=0)
    if hour > now:
        hour -= timedelta(days=1)
    return asked is None or asked < hour


def _work(ask: Ask, job: BackgroundJob) -> Batch:
    at: dict[str, Any] = job.cursor or {"step": "days"}
    return STEPS[at["step"]](ask, job, at)


def _ask_for_days(ask: Ask, job: BackgroundJob, at: dict[str, Any]) -> Batch:
    answered = bill_asking.ask_for_days(ask, settings.GATEWAY_TARGET)
    first = bill_asking.first_day(answered)
    began = datetime.now(UTC).isoformat()
    cursor = {"step": "log", "query": "", "page": 1, "began": began, "since": None, "newest": None}
    cursor["first"] = first.isoformat() if first else None
    return Batch(cursor=cursor, handled=1, write=_saving(answered))


def _ask_for_log(ask: Ask, job: BackgroundJob, at: dict[str, Any]) -> Batch:
    answered = bill_asking.ask_for_entries(ask, settings.GATEWAY_TARGET, at["query"])
    span = bill_asking.span_of(answered)
    since = min(filter(None, (at["since"], span and span[0].isoformat())), default=None)
    newest = max(filter(None, (at.get("newest"), span and span[1].isoformat())), default=None)
    goes_on = bool(answered.next_query and answered.entries) and at["page"] < MOST_PAGES
    if goes_on and answered.next_query != at["query"]:
        cursor = {**at, "query": answered.next_query, "page": at["page"] + 1}
        cursor |= {"since": since, "newest": newest}
        return Batch(cursor=cursor, handled=1, write=_saving(answered))
    cursor = _comparing(job, at["first"], since)
    total = job.done + 1 + _days_left(cursor)
    # A log that breaks off may begin with its oldest lines: later ones are not known then.
    breaks_off = answered.kept.error or (answered.next_query and answered.entries)
    cover = (since, newest if breaks_off else at["began"]) if since and newest else None
    return Batch(cursor=cursor, handled=1, total=total, write=_saving(answered, cover))


def _comparing(job: BackgroundJob, first: str | None, since: str | None) -> dict[str, Any]:
    """Return the cursor of the first day to compare."""
    today = datetime.now(UTC).date()
    known = [date.fromisoformat(one[:10]) for one in (first, since) if one]
    deep = job.parameters.get(DEEP) or not BillDay.objects.filter(
        target=settings.GATEWAY_TARGET, source=BillSource.LOG, matched_at__isnull=False
    )
    earliest = today - timedelta(days=MOST_DAYS if deep else USUAL_DAYS)
    day = max(min(known, default=today), earliest)
    return {
        "step": "compare",
        "source": BillSource.LOG,
        "day": min(day, today).isoformat(),
        "last": today.isoformat(),
        "open": 0,
    }


def comparing_file(first: date, last: date) -> dict[str, Any]:
    """Return the cursor by which a job compares the days of an imported bill."""
    return {
        "step": "compare",
        "source": BillSource.FILE,
        "day": first.isoformat(),
        "last": last.isoformat(),
        "open": 0,
    }


def compare_next(job: BackgroundJob, at: dict[str, Any]) -> Batch:
    """Compare the day of a cursor, or write on; the last one ends the job and tells of differences.

    A long day is written in parts, and compared anew if its parts are not in memory any more.
    """
    compared = COMPARED.pop(job.pk, None)
    if compared is None or compared.part != at.get("part", 0):
        day = date.fromisoformat(at["day"])
        compared = bill_matching.compare_day(settings.GATEWAY_TARGET, at["source"], day)
    parts = bill_matching.parts_left(compared)
    if parts > 1:
        COMPARED[job.pk] = compared
        cursor = {**at, "part": compared.part + 1}
        return Batch(cursor=cursor, write=partial(_write_part, compared))
    return _last_part(job, at, compared)


def _last_part(job: BackgroundJob, at: dict[str, Any], compared: Compared) -> Batch:
    day = compared.day.day
    opened = at["open"] + compared.day.open
    finished = day >= date.fromisoformat(at["last"])
    cursor = {**at, "day": (day + timedelta(days=1)).isoformat(), "open": opened, "part": 0}
    result = {**job.result, "open": opened, "days": job.result.get("days", 0) + 1}

    def write() -> None:
        bill_matching.save(compared)
        if finished and opened and job.person_id is None:
            tell_of_differences(opened, at["source"])

    return Batch(cursor=cursor, handled=1, result=result, finished=finished, write=write)


def _write_part(compared: Compared) -> None:
    bill_matching.save_part(compared)


def tell_of_differences(number: int, source: str) -> None:
    """Tell admins once a day that the bill and the ledger differ."""
    day = timezone.localdate(timezone=timezone.get_default_timezone())
    facts = {"n": number}
    path = f"{reverse('matching')}?source={source}"
    notices.tell(admins(), "bill_differs", facts, path=path, key=f"bill {source} {day}")


def _compare(ask: Ask, job: BackgroundJob, at: dict[str, Any]) -> Batch:
    return compare_next(job, at)


STEPS = {"days": _ask_for_days, "log": _ask_for_log, "compare": _compare}


def _days_left(at: dict[str, Any]) -> int:
    return (date.fromisoformat(at["last"]) - date.fromisoformat(at["day"])).days + 1


def _saving(answered: Answered, cover: tuple[str, str] | None = None) -> Callable[[], None]:
    def write() -> None:
        bill_asking.save(answered)
        if cover:
            _save_cover(datetime.fromisoformat(cover[0]), datetime.fromisoformat(cover[1]))

    return write


def _save_cover(since: datetime, last: datetime) -> None:
    """Note from when to when the log is known; a call in flight may be in no log yet."""
    until = last - timedelta(seconds=settings.CALL_SECONDS) - SLACK
    if since < until:
        target, source = settings.GATEWAY_TARGET, BillSource.LOG
        BillCover.objects.create(target=target, source=source, since=since, until=until)
