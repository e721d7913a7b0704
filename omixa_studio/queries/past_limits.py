"""Find queued requests that exceed a limit which was lowered or used up by higher bills."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import QuerySet

from omixa_studio.models import Balance, BalanceKey, Generation, Limit, Period, Scope, State


@dataclass
class Past:
    """The latest queued requests that exceed a limit, and the micro-dollars held for them."""

    pks: list[int] = field(default_factory=list)
    held_micros: int = 0

    @property
    def count(self) -> int:
        return len(self.pks)


def past_limits(target: str) -> dict[str, Past]:
    """Return queued requests beyond monthly limits: by person id as text, "" for the studio."""
    queued = Generation.objects.filter(target=target, state=State.QUEUED, sent_at=None)
    waiting = set(queued.order_by().values_list("month", "person_id").distinct())
    found: dict[str, Past] = {}
    if not waiting:
        return found
    # People without queued requests need not be read, nor what they spent.
    named = {
        "scope__in": (Scope.PERSON, Scope.STUDIO),
        "subject__in": {"", *(str(person) for _month, person in waiting)},
        "period": Period.MONTH,
    }
    hard = Limit.objects.filter(hard=True, **named)
    limits = {(one.scope, one.subject): one.amount_micros for one in hard}
    days = {date.fromisoformat(f"{month}-01") for month, _person in waiting}
    for balance in Balance.objects.filter(target=target, starts_on__in=days, **named):
        limit = limits.get((balance.scope, balance.subject))
        if limit is not None and balance.counted_micros > limit:
            past = found.setdefault(balance.subject, Past())
            _add_last(past, _counting_in(balance.key, queued), balance.counted_micros - limit)
    return {subject: past for subject, past in found.items() if past.pks}


def _counting_in(key: BalanceKey, queued: QuerySet[Generation]) -> QuerySet[Generation]:
    rows = queued.filter(month=f"{key.starts_on:%Y-%m}")
    return rows.filter(person=int(key.subject)) if key.scope == Scope.PERSON else rows


def _add_last(past: Past, rows: QuerySet[Generation], excess_micros: int) -> None:
    """Add as many of the newest requests as needed to free so many micro-dollars."""
    for pk, held_micros in rows.order_by("-pk").values_list("pk", "held_micros").iterator():
        if excess_micros <= 0:
            return
        past.pks.append(pk)
        past.held_micros += held_micros
        excess_micros -= held_micros
