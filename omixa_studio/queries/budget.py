"""Read limits: what counts against them, what is left, when they reset. Never sums rows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from omixa_studio.models import Balance, BalanceKey, Charge, Limit, Period, Scope
from omixa_studio.models.ledger import today
from omixa_studio.models.limits import keys_of
from omixa_studio.models.periods import next_start


@dataclass(frozen=True)
class Room:
    """One limit in one period, and the balance that counts against it, in micro-dollars."""

    scope: str
    subject: str
    period: str
    hard: bool
    limit_micros: int
    counted_micros: int
    resets_at: datetime

    @property
    def left_micros(self) -> int:
        return max(self.limit_micros - self.counted_micros, 0)

    @property
    def of_studio(self) -> bool:
        return self.scope == Scope.STUDIO

    def fits(self, micros: int) -> bool:
        """Return whether so many more micro-dollars fit; with 0, whether the limit is kept now."""
        return self.counted_micros + micros <= self.limit_micros


def current_month(at: datetime | None = None) -> str:
    """Return a moment's month in the studio's time zone, such as "2026-11"."""
    return timezone.localtime(at, timezone.get_default_timezone()).strftime("%Y-%m")


def next_month_starts(month: str) -> datetime:
    """Return when the limits of a month reset."""
    return next_start(Period.MONTH, date.fromisoformat(f"{month}-01"))


def keys_now(target: str, *, person_id: int) -> list[BalanceKey]:
    """Return the balances in which any request of a person would count now, whatever its model.

    A limit on one model is checked when a request is made, since its charge names the model.
    """
    day = today()
    return keys_of(Charge(target=target, month=f"{day:%Y-%m}", day=day, person_id=person_id))


def balances(keys: Collection[BalanceKey]) -> dict[BalanceKey, Balance]:
    """Return the existing rows of some balances of one target."""
    rows = Balance.objects.filter(
        target__in={key.target for key in keys},
        scope__in={key.scope for key in keys},
        subject__in={key.subject for key in keys},
        period__in={key.period for key in keys},
        starts_on__in={key.starts_on for key in keys},
    )
    # Filtering by columns matches a few extra rows; dropping those is cheaper than naming each key.
    return {row.key: row for row in rows if row.key in keys}


def rooms(
    keys: Collection[BalanceKey], found: Mapping[BalanceKey, Balance] | None = None
) -> list[Room]:
    """Return every limit that applies to these balances, which share one target and one day.

    `found` are the rows of the balances, if already read.
    """
    counting = {(key.scope, key.subject, key.period): key for key in keys}
    limits = Limit.objects.filter(
        scope__in={key.scope for key in keys},
        subject__in={key.subject for key in keys},
        period__in={key.period for key in keys},
    ).order_by("pk")
    applying = [one for one in limits if (one.scope, one.subject, one.period) in counting]
    if not applying:
        return []
    rows = balances(keys) if found is None else found
    return [
        _room(limit, key, rows.get(key))
        for limit in applying
        for key in (counting[limit.scope, limit.subject, limit.period],)
    ]


def tightest(found: Iterable[Room]) -> Room | None:
    """Return the hard limit with the least left, None without one."""
    return min(
        (room for room in found if room.hard), key=lambda room: room.left_micros, default=None
    )


def counted(target: str, month: str, person_id: int | None = None) -> int:
    """Return micro-dollars held and billed in a month, by one person or by everybody."""
    scope, subject = (Scope.STUDIO, "") if person_id is None else (Scope.PERSON, str(person_id))
    found = of_month(target, month, scope).filter(subject=subject)
    return found.values_list("counted_micros", flat=True).first() or 0


def of_month(target: str, month: str, *scopes: Scope) -> QuerySet[Balance]:
    """Return the balances of all subjects of some scopes in a month, unordered."""
    return Balance.objects.filter(
        target=target,
        scope__in=scopes,
        period=Period.MONTH,
        starts_on=date.fromisoformat(f"{month}-01"),
    )


def _room(limit: Limit, key: BalanceKey, balance: Balance | None) -> Room:
    return Room(
        scope=limit.scope,
        subject=limit.subject,
        period=limit.period,
        hard=limit.hard,
        limit_micros=limit.amount_micros,
        counted_micros=balance.counted_micros if balance else 0,
        resets_at=next_start(limit.period, key.starts_on),
    )
