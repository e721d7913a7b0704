"""Durations of past calls by model."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from omixa_studio.models import Generation, State

from .prepared import Prepared

LAST_CALLS = 50
# Number of calls of a model that are searched for calls of one size.
CALLS_TO_LOOK_THROUGH = 200
ENOUGH = 3
# One read of the last calls of all models serves the whole model picker.
LAST_CALLS_OF_ALL = 400


def recent_seconds(target: str) -> Mapping[str, Sequence[float]]:
    """Return the seconds of the last calls of each model, by slug, in one statement."""
    told: defaultdict[str, list[float]] = defaultdict(list)
    for model, took in _LATEST.rows(None, target):
        if took is not None and len(told[model]) < LAST_CALLS:
            told[model].append(took)
    return told


def _latest(_nobody: None, target: str) -> QuerySet[Generation, Any]:
    # In the order of an index: ordered by id, SQLite would sort the whole history for every page.
    rows = Generation.objects.filter(target=target, state=State.DONE).order_by("-created_at")
    return rows.values_list("model", "seconds")[:LAST_CALLS_OF_ALL]


_LATEST = Prepared(_latest)


def usual_durations(
    target: str, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[float]]:
    """Return the seconds of the last calls by model and size, one statement per model.

    If there are too few calls of a size, all calls of its model are used.
    """
    found: dict[tuple[str, str], list[float]] = {}
    pairs = set(wanted)
    for model in {model for model, _ in pairs}:
        rows = _last_done(target, model).filter(seconds__isnull=False)
        read = rows.values_list("options", "seconds")[:CALLS_TO_LOOK_THROUGH]
        calls = [(options, took) for options, took in read if took is not None]
        for size in {size for other, size in pairs if other == model}:
            same = [took for options, took in calls if size_of(options) == size]
            took = same if len(same) >= ENOUGH else [took for _, took in calls]
            found[model, size] = took[:LAST_CALLS]
    return found


def size_of(options: Mapping[str, object]) -> str:
    """Return what a call's duration depends on most: its size, and its quality if it has one."""
    return " ".join(str(options[name]) for name in ("size", "quality") if options.get(name))


def _last_done(target: str, model: str) -> QuerySet[Generation]:
    rows = Generation.objects.filter(target=target, model=model, state=State.DONE)
    return rows.order_by("-id")
