"""Reads about runs."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum

from omixa_studio.models import Charge, Generation, Person, Picture, Run, State

from .generations import with_pictures


@dataclass(frozen=True)
class Progress:
    """How far a run is: rows by state, pictures kept, micro-dollars spent and held."""

    rows: int
    done: int
    open: int
    queued: int
    spent_micros: int


def runs_of(person: Person) -> QuerySet[Run]:
    """A person's own runs, newest first."""
    return Run.objects.filter(person=person).order_by("-created_at")


def rows_of(run: Run) -> QuerySet[Generation]:
    """The generations of a run in the order in which they were asked for."""
    return with_pictures(Generation.objects.filter(group=run.pk)).order_by("id")


def winners_in(run: Run) -> QuerySet[Picture]:
    """The winners of a run."""
    winners = Picture.objects.filter(generation__group=run.pk, winner=True, trashed_at=None)
    return winners.select_related("generation").order_by("generation_id", "index")


def progress_of(run: Run, rows: list[Generation]) -> Progress:
    """Count what the rows of a run are, and what its ledger says."""
    booked = Charge.objects.filter(generation_id__in=[row.pk for row in rows])
    spent = booked.aggregate(sum=Sum("amount_micros"))["sum"] or 0
    return _progress(Counter(row.state for row in rows), spent)


def progress_of_groups(groups: Sequence[uuid.UUID]) -> list[tuple[Run, Progress]]:
    """The runs among some groups of generations with what their rows are; money left out."""
    known = {run.pk: run for run in Run.objects.filter(pk__in=groups)}
    if not known:
        return []
    counted: dict[uuid.UUID, Counter[str]] = {pk: Counter() for pk in known}
    rows = Generation.objects.filter(group__in=known).order_by()
    for group, state, count in rows.values_list("group", "state").annotate(Count("id")):
        counted[group][state] = count
    return [(run, _progress(counted[pk], 0)) for pk, run in known.items()]


def _progress(states: Counter[str], spent_micros: int) -> Progress:
    return Progress(
        rows=states.total(),
        done=states[State.DONE],
        open=states[State.QUEUED] + states[State.RUNNING],
        queued=states[State.QUEUED],
        spent_micros=spent_micros,
    )
