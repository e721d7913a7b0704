"""Reads about limits: what counts, what is left, when it starts anew. Never a sum."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, DateField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from omixa_studio.models import Balance, BalanceKey, Charge, Limit, Period, Scope
from omixa_studio.models.ledger import today
from omixa_studio.models.limits import keys_of
from omixa_studio.models.periods import next_start


@dataclass(frozen=True)
class Room:
    """One limit in one period, and what counts against it, in micro-dollars."""

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
        """Whether so much more has room; nothing more has while it is not overdrawn."""
        return self.counted_micros + micros <= self.limit_micros


def current_month(at: datetime | None = None) -> str:
    """Return a moment's month in the studio's time zone, such as "2026-11"."""
    return timezone.localtime(at, timezone.get_default_timezone()).strftime("%Y-%m")


def next_month_starts(month: str) -> datetime:
    """Return when the limits of a month start anew."""
    return next_start(Period.MONTH, date.fromisoformat(f"{month}-01"))


def keys_now(target: str, *, person_id: int, model: str = "") -> list[BalanceKey]:
    """The balances in which a request of this moment would count."""
    day = today()
    return keys_of(
        Charge(target=target, month=f"{day:%Y-%m}", day=day, person_id=person_id, model=model)
    )


def balances(keys: Iterable[BalanceKey]) -> QuerySet[Balance]:
    """The rows of some balances, as far as they are there."""
    return Balance.objects.filter(_any(key._asdict() for key in keys))


def rooms(keys: Collection[BalanceKey]) -> list[Room]:
    """Every limit that applies where these balances count, with its balance: one statement.

    The keys are those of one target and one day.
    """
    if not keys:
        return []
    starts = {key.period: key.starts_on for key in keys}
    whens = [When(period=period, then=Value(day)) for period, day in starts.items()]
    balance = Balance.objects.filter(
        target=next(iter(keys)).target,
        scope=OuterRef("scope"),
        subject=OuterRef("subject"),
        period=OuterRef("period"),
        starts_on=OuterRef("starts_on"),
    )
    limits = (
        Limit.objects.filter(
            _any({"scope": k.scope, "subject": k.subject, "period": k.period} for k in keys)
        )
        .annotate(starts_on=Case(*whens, output_field=DateField()))
        .annotate(counted_micros=Subquery(balance.values("counted_micros")))
        .order_by("pk")
    )
    return [
        Room(
            scope=limit.scope,
            subject=limit.subject,
            period=limit.period,
            hard=limit.hard,
            limit_micros=limit.amount_micros,
            counted_micros=limit.counted_micros or 0,
            resets_at=next_start(limit.period, limit.starts_on),
        )
        for limit in limits
    ]


def tightest(found: Iterable[Room]) -> Room | None:
    """The hard limit with the least left, None without one."""
    return min(
        (room for room in found if room.hard), key=lambda room: room.left_micros, default=None
    )


def counted(target: str, month: str, person_id: int | None = None) -> int:
    """Return micro-dollars held and billed in a month, by one person or by all."""
    scope, subject = (Scope.STUDIO, "") if person_id is None else (Scope.PERSON, str(person_id))
    found = of_month(target, month, scope).filter(subject=subject)
    return found.values_list("counted_micros", flat=True).first() or 0


def of_month(target: str, month: str, scope: Scope) -> QuerySet[Balance]:
    """The balances of all subjects of a scope in a month, in no order."""
    return Balance.objects.filter(
        target=target,
        scope=scope,
        period=Period.MONTH,
        starts_on=date.fromisoformat(f"{month}-01"),
    )


def _any(columns: Iterable[dict[str, object]]) -> Q:
    found = Q()
    for one in columns:
        found |= Q(**one)
    return found
