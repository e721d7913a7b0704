"""Read the brakes set by admins, and the open requests by person."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from omixa_studio.models import OPEN_STATES, Brake, Generation, Person, State

from .prepared import Prepared


@dataclass(frozen=True)
class Waiting:
    """The number of queued requests, the micro-dollars held for them, and the number running."""

    count: int = 0
    held_micros: int = 0
    running: int = 0

    def __add__(self, other: "Waiting") -> "Waiting":
        return Waiting(
            self.count + other.count,
            self.held_micros + other.held_micros,
            self.running + other.running,
        )


def brakes_of(target: str) -> list[Brake]:
    """Return all brakes of a target, the oldest first."""
    return _BRAKES.rows(None, target)


_BRAKES = Prepared(lambda _nobody, target: Brake.objects.filter(target=target).order_by("pk"))


def brakes_by_person(target: str) -> dict[int | None, Brake]:
    """Return the brakes by person id, None for everybody; brakes on runs are left out."""
    return {brake.person_id: brake for brake in brakes_of(target) if brake.run_id is None}


def brakes_for(target: str, person: Person) -> list[Brake]:
    """Return the brakes that affect one person: on everybody, then on the person."""
    whole = Brake.objects.filter(Q(person=None) | Q(person=person), target=target, run=None)
    return sorted(whole, key=lambda brake: brake.person_id or 0)


def waiting_by_person(target: str, person: Person | None = None) -> dict[int | None, Waiting]:
    """Return the open requests by person id; None stands for former members.

    Only people with open requests are included; with `person`, only that person.
    """
    return {person: Waiting(*sums) for person, *sums in _WAITING.rows(person, target)}


def _waiting(person: Person | None, target: str) -> QuerySet[Generation, Any]:
    rows = Generation.objects.filter(target=target, state__in=OPEN_STATES).order_by()
    if person is not None:
        # Of both indexes SQLite takes that of the person, who has a long history.
        everybodys = rows.values("pk")
        rows = Generation.objects.filter(person=person, pk__in=everybodys).order_by()
    queued, running = Q(state=State.QUEUED), Q(state=State.RUNNING)
    # Grouped by an expression: to group by the column, SQLite reads the whole history in its order.
    whose = rows.annotate(whose=Coalesce("person_id", "person_id")).values_list("whose")
    return whose.annotate(
        waiting=Count("pk", filter=queued),
        held=Sum("held_micros", filter=queued, default=0),
        running=Count("pk", filter=running),
    )


_WAITING = Prepared(_waiting)


def stops(brake: Brake, row: Generation) -> bool:
    """Return whether a brake keeps a generation of its target from being sent."""
    if brake.run_id:
        return brake.run_id == row.group
    return brake.person_id in (None, row.person_id)
