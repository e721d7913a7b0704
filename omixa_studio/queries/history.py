"""What past calls of a model tell: their bills and their seconds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import QuerySet

from omixa_studio.models import MICRO, Charge, Generation, Kind, State

LAST_CALLS = 50
# Among how many calls of a model those of one size are looked for.
CALLS_TO_LOOK_THROUGH = 200
ENOUGH = 3
# One look at the last calls of all models serves the whole model picker.
LAST_CALLS_OF_ALL = 400


@dataclass
class Recent:
    """The last calls of one model: seconds, and dollars per picture where billed."""

    seconds: list[float] = field(default_factory=list)
    billed: list[Decimal] = field(default_factory=list)


def recent_calls(target: str) -> dict[str, Recent]:
    """Return what the last calls of each model took and cost, in two statements."""
    # In the order of an index: by id, SQLite would sort the whole history for every page.
    rows = Generation.objects.filter(target=target, state=State.DONE).order_by("-created_at")
    calls = list(rows.values_list("id", "model", "seconds", "billed_micros")[:LAST_CALLS_OF_ALL])
    each = _per_picture({pk: bill for pk, _, _, bill in calls if bill is not None})
    told: defaultdict[str, Recent] = defaultdict(Recent)
    for pk, model, took, _ in calls:
        if took is not None and len(told[model].seconds) < LAST_CALLS:
            told[model].seconds.append(took)
        if pk in each and len(told[model].billed) < LAST_CALLS:
            told[model].billed.append(each[pk])
    return told


def _per_picture(bills: Mapping[int, int]) -> dict[int, Decimal]:
    """Divide bills (micro-dollars by generation) by what the ledger says they paid for.

    The ledger and not the gallery: deleting pictures must not make a model look dearer.
    """
    captures = Charge.objects.filter(generation_id__in=bills, kind=Kind.CAPTURE)
    paid = dict(captures.values_list("generation_id", "pictures"))
    return {pk: bill * MICRO / max(paid.get(pk, 1), 1) for pk, bill in bills.items()}


def usual_durations(
    target: str, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], list[float]]:
    """Return the seconds of the last calls by model and size, one statement per model.

    Where too few calls of a size tell something, all calls of its model do.
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
    """Return what a call's seconds depend on most: its size, and its quality where it has one."""
    return " ".join(str(options[name]) for name in ("size", "quality") if options.get(name))


def _last_done(target: str, model: str) -> QuerySet[Generation]:
    rows = Generation.objects.filter(target=target, model=model, state=State.DONE)
    return rows.order_by("-id")
