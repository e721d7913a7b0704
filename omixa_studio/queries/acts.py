"""Read the audit log, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone

from omixa_studio.models import Act

from .people import found_people

MOST_PEOPLE = 200
COLUMNS = ("time", "act", "who", "whom", "thing", "before", "after", "address")


@dataclass(frozen=True)
class SoughtActs:
    """Filters on the log: by person or words, kind, days, and older than the act `before`.

    None and "" do not filter. `words` finds people; their acts are those by or about them.
    """

    person_id: int | None = None
    words: str = ""
    kind: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None


def acts(sought: SoughtActs) -> QuerySet[Act]:
    """Return the matching acts, newest first.

    Of some days they are read in the order of their times: by ids, which grow with time, both
    databases would read all that is newer than the days.
    """
    by_time = bool(sought.first or sought.last)
    rows = Act.objects.order_by("-created_at", "-id") if by_time else Act.objects.order_by("-id")
    if sought.person_id is not None:
        rows = rows.filter(Q(who_id=sought.person_id) | Q(whom_id=sought.person_id))
    if sought.words:
        rows = rows.filter(_of_those_found(sought.words))
    if sought.kind:
        rows = rows.filter(kind=sought.kind)
    if sought.first:
        rows = rows.filter(created_at__gte=_midnight(sought.first))
    if sought.last:
        rows = rows.filter(created_at__lt=_midnight(sought.last + timedelta(days=1)))
    if sought.before is None:
        return rows
    return rows.filter(_before(sought.before) if by_time else Q(pk__lt=sought.before))


def _before(pk: int) -> Q:
    """Return the condition for acts that are older than one, by time and then by id.

    Its time is a subquery, since SQLite compares times as text: see gallery_pages._moment.
    """
    act = Act.objects.filter(pk=pk)
    if not act.exists():
        return Q(pk__lt=pk)
    at = Subquery(act.values("created_at"))
    return Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(pk__lt=pk))


def _of_those_found(words: str) -> Q:
    """Return the condition for acts by or about people found by a search, in any spelling.

    A few people are looked up by id through the indexes, since the log is longer than the list of
    people.
    """
    people = found_people(words).values_list("pk", flat=True)
    few = list(people[: MOST_PEOPLE + 1])
    whose = few if len(few) <= MOST_PEOPLE else people
    return Q(who_id__in=whose) | Q(whom_id__in=whose)


def act_rows(sought: SoughtActs) -> Iterator[tuple[str, ...]]:
    """Yield acts as text in the order of COLUMNS, without loading all into memory."""
    for act in acts(sought).iterator(chunk_size=2000):
        at = timezone.localtime(act.created_at, timezone.get_default_timezone())
        yield (
            at.isoformat(timespec="seconds"),
            act.kind,
            act.who_name,
            act.whom_name,
            act.thing,
            act.before,
            act.after,
            act.address,
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
