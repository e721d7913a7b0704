"""Reads about what waits for other targets than ours, and about who works for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Sum

from omixa_studio.models import Generation, State, WorkerSeen

from .brakes import Waiting


@dataclass(frozen=True)
class Elsewhere:
    """What waits for another target; `seen_at` is when a worker of it was last there, if ever."""

    target: str
    waiting: Waiting
    seen_at: datetime | None


def last_seen(targets: Iterable[str]) -> dict[str, datetime]:
    """When a worker of each of some targets was last there; left out where none ever was."""
    rows = WorkerSeen.objects.filter(target__in=set(targets)).order_by()
    return dict(rows.values_list("target").annotate(Max("seen_at")))


def waiting_elsewhere(target: str) -> list[Elsewhere]:
    """What waits for every target but this one, by name."""
    rows = Generation.objects.filter(state=State.QUEUED).exclude(target=target)
    sums = rows.order_by("target").values_list("target").annotate(Count("pk"), Sum("held_micros"))
    found = {name: Waiting(count, held) for name, count, held in sums}
    seen = last_seen(found) if found else {}
    return [Elsewhere(name, waiting, seen.get(name)) for name, waiting in found.items()]
