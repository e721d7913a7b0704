"""Outcomes of the calls of each image model, for the page of models."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from statistics import median

from django.db.models import Count, Q, Sum

from omixa_studio.models import Charge, Generation, Kind, State

LAST_CALLS = 50


@dataclass
class History:
    """The history of one model: all calls and bills, and the median seconds of its last calls."""

    calls: int = 0
    failed: int = 0
    unknown: int = 0
    billed_micros: int = 0
    pictures: int = 0
    seconds: float | None = None

    @property
    def each_micros(self) -> int | None:
        """Return the mean bill per picture paid for, in micro-dollars."""
        return round(self.billed_micros / self.pictures) if self.pictures else None


def model_histories(target: str, slugs: Iterable[str]) -> dict[str, History]:
    """Return the histories of models by slug, including models no longer in the catalogue."""
    histories = {slug: History() for slug in slugs}
    _add_bills(target, histories)
    _add_failures(target, histories)
    _add_seconds(target, histories)
    return histories


def _add_bills(target: str, histories: dict[str, History]) -> None:
    bill = Q(kind__in=(Kind.CAPTURE, Kind.ADJUSTMENT))
    sums = Charge.objects.filter(target=target).order_by().values_list("model")
    for slug, calls, billed, pictures in sums.annotate(
        clicks=Count("pk", filter=Q(kind=Kind.HOLD)),
        bills=Sum("amount_micros", filter=bill, default=0),
        paid_for=Sum("pictures"),
    ):
        history = histories.setdefault(slug, History())
        history.calls, history.billed_micros, history.pictures = calls, billed, pictures


def _add_failures(target: str, histories: dict[str, History]) -> None:
    rows = Generation.objects.filter(target=target, state__in=(State.FAILED, State.UNKNOWN))
    for slug, state, count in rows.order_by().values_list("model", "state").annotate(Count("pk")):
        history = histories.setdefault(slug, History())
        if state == State.FAILED:
            history.failed = count
        else:
            history.unknown = count


def _add_seconds(target: str, histories: dict[str, History]) -> None:
    """Add the median seconds of the last calls; one statement reads that many rows per model."""
    done = Generation.objects.filter(target=target, seconds__isnull=False)
    last = [
        Q(pk__in=done.filter(model=slug).order_by("-id").values("pk")[:LAST_CALLS])
        for slug, history in histories.items()
        if history.calls
    ]
    if not last:
        return
    found: dict[str, list[float]] = {}
    rows = Generation.objects.filter(reduce(or_, last)).order_by()
    for slug, seconds in rows.values_list("model", "seconds"):
        if seconds is not None:
            found.setdefault(slug, []).append(seconds)
    for slug, durations in found.items():
        histories[slug].seconds = median(durations)
