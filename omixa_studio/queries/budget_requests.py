"""Read requests for money: whose they are, who answers them, which limits stand in the way."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils.timezone import get_default_timezone, localtime

from omixa_studio.models import (
    BalanceKey,
    BudgetRequest,
    Limit,
    Person,
    RequestState,
    Role,
    StudioSettings,
)
from omixa_studio.models.periods import next_start

from . import budget
from .budget import Room
from .prepared import Prepared
from .studio_settings import studio_settings

MOST_SHOWN = 50
# While it is so, the person may withdraw it and its images are kept.
OPEN_REQUESTS = (RequestState.WAITING, RequestState.GRANTED)
TOLD = (RequestState.STOPPED, RequestState.DECLINED, RequestState.EXPIRED)


def approvers() -> QuerySet[Person]:
    """Return the people who answer requests for money: admins, and managers if it is so set."""
    roles = [Role.ADMIN, *([Role.MANAGER] if studio_settings().managers_approve else [])]
    return Person.objects.filter(role__in=roles, is_active=True).order_by("pk")


def spans_periods(request: BudgetRequest, until: datetime) -> bool:
    """Return whether an amount until a moment is for several periods of the request's limit."""
    asked_on = localtime(request.created_at, get_default_timezone()).date()
    return until > next_start(request.period, asked_on)


def answers_requests(person: Person) -> bool:
    """Return whether a person may answer requests of others; no statement for most."""
    if person.role == Role.MANAGER:
        return studio_settings().managers_approve
    return person.is_admin


def waiting_requests(target: str) -> QuerySet[BudgetRequest]:
    """Return the requests of people with an account that wait for an answer, unordered."""
    rows = BudgetRequest.objects.filter(target=target, state=RequestState.WAITING)
    return rows.filter(person__is_active=True)


def waiting_for(target: str, person: Person) -> QuerySet[BudgetRequest]:
    """Return the requests that wait for a person's answer, unordered.

    Managers answer only if it is so set, and not their own.
    """
    rows = waiting_requests(target)
    if person.is_admin:
        return rows
    may = Q(Exists(StudioSettings.objects.filter(managers_approve=True)))
    return rows.filter(may).exclude(person=person) if person.sees_costs else rows.none()


def first_waiting(target: str, person: Person) -> list[BudgetRequest]:
    """Return the requests that wait longest for a person's answer, oldest first."""
    rows = waiting_for(target, person).select_related("person")
    return list(rows.order_by("id")[:MOST_SHOWN])


def answered_requests(target: str) -> list[BudgetRequest]:
    """Return the latest requests that wait no longer, of everybody, newest first."""
    rows = BudgetRequest.objects.filter(target=target).exclude(state=RequestState.WAITING)
    return list(rows.select_related("person").order_by("-id")[:MOST_SHOWN])


def requests_of(person: Person, target: str) -> list[BudgetRequest]:
    """Return a person's latest requests, newest first."""
    rows = BudgetRequest.objects.filter(person=person, target=target)
    return list(rows.select_related("person").order_by("-id")[:MOST_SHOWN])


def on_board(person: Person, target: str) -> list[BudgetRequest]:
    """Return a person's requests that the studio shows: open ones, and answers not put away."""
    return _ON_BOARD.rows(person, target)


def _on_board(person: Person, target: str) -> QuerySet[BudgetRequest]:
    rows = BudgetRequest.objects.filter(person=person, target=target, kept__isnull=False)
    shown = rows.filter(Q(state__in=OPEN_REQUESTS) | Q(state__in=TOLD, closed=False))
    return shown.select_related("person").order_by("-id")[:MOST_SHOWN]


_ON_BOARD = Prepared(_on_board)


def limits_of(requests: Iterable[BudgetRequest]) -> dict[int, int]:
    """Return the limits that refused, as they are now without raises, in micro-dollars.

    By the ids of the requests; without those whose limit is gone. One statement.
    """
    places = {one.pk: (one.scope, one.subject, one.period) for one in requests}
    wanted = set(places.values())
    limits = Limit.objects.filter(hard=True, subject__in={subject for _s, subject, _p in wanted})
    found = {
        (scope, subject, period): micros
        for scope, subject, period, micros in limits.values_list(
            "scope", "subject", "period", "amount_micros"
        )
    }
    return {pk: found[place] for pk, place in places.items() if place in found}


def waiting_with(image: Any) -> QuerySet[BudgetRequest]:
    """Return the open requests that send an image, given by its id or as an expression."""
    return BudgetRequest.objects.filter(images=image, state__in=OPEN_REQUESTS)


def granted_requests(target: str) -> QuerySet[BudgetRequest]:
    """Return the requests that were granted and are not sent yet, oldest first."""
    rows = BudgetRequest.objects.filter(target=target, state=RequestState.GRANTED)
    return rows.filter(kept__isnull=False).order_by("id")


def outdated_requests(target: str, now: datetime) -> QuerySet[BudgetRequest]:
    """Return the requests that nobody answered until their moment came."""
    return waiting_requests(target).filter(until__lte=now).order_by("id")


def rooms_in_the_way(moves: Mapping[BalanceKey, int]) -> list[tuple[Room, int]]:
    """Return the hard limits that have too little room, each with the micro-dollars missing."""
    needed = {key[1:]: micros for key, micros in moves.items()}
    found = [room for room in budget.rooms(list(moves)) if room.hard]
    short = [(room, room.missing_for(needed[room.key])) for room in found]
    return [(room, missing) for room, missing in short if missing > 0]
