"""Read runs."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from omixa_studio.models import (
    OPEN_STATES,
    Charge,
    Generation,
    Person,
    Picture,
    Run,
    State,
)

from .generations import with_pictures

SUMMED = {
    "calls": Count("id"),
    "first": Min("id"),
    "booked_on": Min("target"),
    "one_model": Min("model"),
    "other_model": Max("model"),
    "pictures": Sum("count"),
    "billed": Sum("billed_micros"),
    "held": Sum("held_micros"),
}


@dataclass(frozen=True)
class Progress:
    """The progress of a run: rows by state, micro-dollars spent and held."""

    rows: int
    done: int
    open: int
    queued: int
    spent_micros: int


@dataclass(frozen=True, kw_only=True)
class RunSums:
    """The sums over the rows of a run.

    The lowest id, the model if all rows have the same, the pictures requested, the micro-dollars
    billed, and those held by open rows.
    """

    run: Run
    progress: Progress
    first: int
    target: str
    model: str
    pictures: int
    billed_micros: int
    held_micros: int


def runs_of(person: Person) -> QuerySet[Run]:
    """Return a person's own runs, newest first."""
    return Run.objects.filter(person=person).order_by("-created_at")


def rows_of(run: Run) -> list[Generation]:
    """Return the generations of a run in the order in which they were requested."""
    return with_pictures(Generation.objects.filter(group=run.pk).order_by("id"))


def winners_in(run: Run) -> QuerySet[Picture]:
    """Return the winners of a run."""
    winners = Picture.objects.filter(generation__group=run.pk, winner=True, trashed_at=None)
    return winners.select_related("generation").order_by("generation_id", "index")


def progress_of(run: Run, rows: list[Generation]) -> Progress:
    """Return the progress of a run: its rows by state, and the sum of its ledger rows."""
    booked = Charge.objects.filter(generation_id__in=[row.pk for row in rows])
    spent = booked.aggregate(sum=Sum("amount_micros"))["sum"] or 0
    return _progress(Counter(row.state for row in rows), spent)


def sums_of_groups(groups: Sequence[uuid.UUID]) -> list[RunSums]:
    """Return the runs among some groups of generations, each with the sums over its rows."""
    known = {run.pk: run for run in Run.objects.filter(pk__in=groups)}
    if not known:
        return []
    found: dict[uuid.UUID, list[dict[str, Any]]] = {pk: [] for pk in known}
    rows = Generation.objects.filter(group__in=known).order_by().values("group", "state")
    for part in rows.annotate(**SUMMED):
        found[part["group"]].append({**part})
    return [_sums(run, found[pk]) for pk, run in known.items()]


def _sums(run: Run, parts: Sequence[dict[str, Any]]) -> RunSums:
    """Add up the rows of a run, which are given per state."""
    states = Counter({part["state"]: part["calls"] for part in parts})
    models = {part[name] for part in parts for name in ("one_model", "other_model")}
    return RunSums(
        run=run,
        progress=_progress(states, 0),
        first=min((part["first"] for part in parts), default=0),
        target=parts[0]["booked_on"] if parts else "",
        model=models.pop() if len(models) == 1 else "",
        pictures=sum(part["pictures"] for part in parts),
        billed_micros=sum(part["billed"] or 0 for part in parts),
        held_micros=sum(part["held"] for part in parts if part["state"] in OPEN_STATES),
    )


def _progress(states: Counter[str], spent_micros: int) -> Progress:
    return Progress(
        rows=states.total(),
        done=states[State.DONE],
        open=states[State.QUEUED] + states[State.RUNNING],
        queued=states[State.QUEUED],
        spent_micros=spent_micros,
    )
