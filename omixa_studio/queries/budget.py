"""Read limits: what counts against them, what is left, when they reset. Never sums rows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from omixa_studio.models import (
    Balance,
    BalanceKey,
    Charge,
    Period,
    Person,
    ProjectMember,
    Scope,
    dollars,
)
from omixa_studio.models.ledger import today
from omixa_studio.models.limits import keys_of
from omixa_studio.models.periods import next_start

from .balances import LimitOn, limits_on


@dataclass(frozen=True)
class Room:
    """One limit in one period, and the balance that counts against it, in micro-dollars.

    `limit_micros` includes `raised_micros`, the raises that are valid now.
    """

    limit_id: int
    scope: str
    subject: str
    period: str
    hard: bool
    limit_micros: int
    counted_micros: int
    raised_micros: int
    starts_on: date
    resets_at: datetime

    @property
    def left_micros(self) -> int:
        return max(self.limit_micros - self.counted_micros, 0)

    @property
    def of_studio(self) -> bool:
        return self.scope == Scope.STUDIO

    @property
    def key(self) -> tuple[str, str, str, date]:
        """Return what tells its balance from the others of one target."""
        return self.scope, self.subject, self.period, self.starts_on

    def fits(self, micros: int) -> bool:
        """Return whether so many more micro-dollars fit; with 0, whether the limit is kept now."""
        return self.missing_for(micros) == 0

    def missing_for(self, micros: int) -> int:
        """Return by how much the limit would have to be raised for so many more micro-dollars."""
        return max(self.counted_micros + micros - self.limit_micros, 0)


def current_month(at: datetime | None = None) -> str:
    """Return a moment's month in the studio's time zone, such as "2026-11"."""
    return timezone.localtime(at, timezone.get_default_timezone()).strftime("%Y-%m")


def next_month_starts(month: str) -> datetime:
    """Return when the limits of a month reset."""
    return next_start(Period.MONTH, date.fromisoformat(f"{month}-01"))


def keys_now(
    target: str, person: Person, *, model: str = "", project_id: int = 0, token_id: int = 0
) -> tuple[BalanceKey, ...]:
    """Return the balances in which a request of a person would count now.

    Without a model, a project or a token those of any request: its own are checked when it is
    made. A project that is not the person's counts as none, so that nobody reads what others spend.
    """
    day = today()
    is_theirs = project_id and (person.sees_costs or _is_in(person, project_id))
    return keys_of(
        Charge(
            target=target,
            month=f"{day:%Y-%m}",
            day=day,
            person_id=person.pk,
            role=person.role,
            model=model,
            project_id=project_id if is_theirs else 0,
            token_id=token_id,
        )
    )


def _is_in(person: Person, project_id: int) -> bool:
    return ProjectMember.objects.filter(person=person, project=project_id).exists()


def rooms(keys: Collection[BalanceKey]) -> list[Room]:
    """Return every limit that applies to these balances, each with what counts against it."""
    return [_room(one) for one in limits_on(keys)]


def tightest(found: Iterable[Room]) -> Room | None:
    """Return the hard limit with the least left, None without one."""
    return min(
        (room for room in found if room.hard), key=lambda room: room.left_micros, default=None
    )


def refusal_facts(room: Room, needed_micros: int) -> dict[str, object]:
    """Return what a refusal tells programs: dollars as text, when it resets, whom to ask."""
    names: dict[str, object] = {
        "scope": room.scope,
        "subject": room.subject,
        "period": room.period,
        "resets_at": room.resets_at.isoformat(),
        "ask_url": f"{settings.STUDIO_URL}{reverse('budget_requests')}",
    }
    amounts = {
        "limit": room.limit_micros,
        "left": room.left_micros,
        "needed": needed_micros,
    }
    return names | {name: f"{dollars(micros):.6f}" for name, micros in amounts.items()}


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


def _room(one: LimitOn) -> Room:
    key = one.key
    return Room(
        limit_id=one.pk,
        scope=key.scope,
        subject=key.subject,
        period=key.period,
        hard=one.hard,
        limit_micros=one.amount_micros + one.raised_micros,
        counted_micros=one.counted_micros,
        raised_micros=one.raised_micros,
        starts_on=key.starts_on,
        resets_at=next_start(key.period, key.starts_on),
    )
