"""Outcomes of the calls of each image model, for the page of models."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from omixa_studio.models import Generation, State
from omixa_studio.models.generations import Charged
from omixa_studio.models.spans import EVER

from .cost_sums import cost_sums
from .limited import of_models
from .prepared import Prepared

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
    _add_uncertain(target, histories)
    _add_seconds(target, histories)
    return histories


def _add_bills(target: str, histories: dict[str, History]) -> None:
    """Add what the ledger sums; it counts the failures of which the cost is known."""
    for (slug,), sums in cost_sums(target, EVER, ("model",)).items():
        history = histories.setdefault(slug, History())
        history.calls, history.pictures = sums.requests, sums.pictures
        history.billed_micros, history.failed = sums.billed, sums.failed


def _uncertain(_nobody: None, target: str) -> QuerySet[Generation, Any]:
    rows = Generation.objects.filter(target=target, charged=Charged.UNKNOWN)
    # Grouped by an expression: to group by the column, SQLite reads the whole history in its order.
    slugs = rows.order_by().annotate(slug=Coalesce("model", "model"))
    return slugs.values_list("slug", "state").annotate(count=Count("*"))


_UNCERTAIN = Prepared(_uncertain)


def _add_uncertain(target: str, histories: dict[str, History]) -> None:
    """Add the failures of which the cost is unknown, and the requests whose outcome is."""
    for slug, state, count in _UNCERTAIN.rows(None, target):
        history = histories.setdefault(slug, History())
        if state == State.FAILED:
            history.failed += count
        elif state == State.UNKNOWN:
            history.unknown = count


def _add_seconds(target: str, histories: dict[str, History]) -> None:
    """Add the median seconds of the last calls; one statement reads that many rows per model."""
    called = [slug for slug, history in histories.items() if history.calls]
    found: dict[str, list[float]] = {}
    for slug, seconds in of_models(_last_done, target, called, "model", "seconds"):
        found.setdefault(slug, []).append(seconds)
    for slug, durations in found.items():
        histories[slug].seconds = median(durations)


def _last_done(target: str, slug: str) -> QuerySet[Generation]:
    done = Generation.objects.filter(target=target, seconds__isnull=False)
    return done.filter(model=slug).order_by("-id")[:LAST_CALLS]
