"""Reads about runs."""

from dataclasses import dataclass

from django.db.models import QuerySet, Sum

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


def picked_in(run: Run) -> QuerySet[Picture]:
    """The winners of a run."""
    marked = Picture.objects.filter(generation__group=run.pk, picked=True, trashed_at=None)
    return marked.select_related("generation").order_by("generation_id", "index")


def progress_of(run: Run, rows: list[Generation]) -> Progress:
    """Count what the rows of a run are, and what its ledger says."""
    states = [row.state for row in rows]
    booked = Charge.objects.filter(generation_id__in=[row.pk for row in rows])
    return Progress(
        rows=len(rows),
        done=states.count(State.DONE),
        open=states.count(State.QUEUED) + states.count(State.RUNNING),
        queued=states.count(State.QUEUED),
        spent_micros=booked.aggregate(sum=Sum("amount_micros"))["sum"] or 0,
    )
