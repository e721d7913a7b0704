"""Reads about limits: what counts, what is left, when it starts anew."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from omixa_studio.models import Charge, Limit, Person


@dataclass(frozen=True)
class Room:
    """The tightest limit of a person this month, in micro-dollars; None is no limit."""

    limit_micros: int | None
    spent_micros: int
    left_micros: int | None
    of_studio: bool


def current_month(at: datetime | None = None) -> str:
    """Return a moment's month in the studio's time zone, such as "2026-11"."""
    return timezone.localtime(at, timezone.get_default_timezone()).strftime("%Y-%m")


def next_month_starts(month: str) -> datetime:
    """Return when the limits of a month start anew."""
    year, number = (int(part) for part in month.split("-"))
    return datetime(year + number // 12, number % 12 + 1, 1, tzinfo=timezone.get_default_timezone())


def limits_of(person_id: int) -> QuerySet[Limit]:
    """The limit rows that apply to a person, the studio's included, in locking order."""
    return Limit.objects.filter(Q(person_id=person_id) | Q(person_id=None)).order_by("pk")


def counted(target: str, month: str, person_id: int | None = None) -> int:
    """Return micro-dollars held and billed in a month, by one person or by all."""
    rows = Charge.objects.filter(target=target, month=month)
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    return rows.aggregate(sum=Sum("amount_micros"))["sum"] or 0


def room(target: str, person: Person, month: str) -> Room:
    """Return the limit with the least left; without one, what the person spent."""
    rooms = [
        _room_under(limit, target, month)
        for limit in limits_of(person.pk)
        if limit.amount_micros is not None
    ]
    if not rooms:
        return Room(None, counted(target, month, person.pk), None, of_studio=False)
    return min(rooms, key=lambda found: found.left_micros or 0)


def _room_under(limit: Limit, target: str, month: str) -> Room:
    spent = counted(target, month, limit.person_id)
    amount = limit.amount_micros or 0
    return Room(amount, spent, max(amount - spent, 0), of_studio=limit.person_id is None)
