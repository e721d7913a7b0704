"""Read the queues of other targets, and when their workers were last seen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from omixa_studio.models import Generation, State, WorkerSeen

from .brakes import Waiting
from .prepared import Prepared


@dataclass(frozen=True)
class Elsewhere:
    """The queue of another target; `seen_at` is when a worker of it was last seen, if ever."""

    target: str
    waiting: Waiting
    seen_at: datetime | None


def last_seen(targets: Iterable[str]) -> dict[str, datetime]:
    """Return when a worker of each target was last seen; targets without any are left out."""
    rows = WorkerSeen.objects.filter(target__in=set(targets)).order_by()
    return dict(rows.values_list("target").annotate(Max("seen_at")))


def waiting_elsewhere(target: str) -> list[Elsewhere]:
    """Return the queues of all other targets, by name."""
    found = {name: Waiting(count, held) for name, count, held in _QUEUED.rows(None, target)}
    seen = last_seen(found) if found else {}
    return [Elsewhere(name, waiting, seen.get(name)) for name, waiting in found.items()]


def _queued(_nobody: None, target: str) -> QuerySet[Generation, Any]:
    rows = Generation.objects.filter(state=State.QUEUED).exclude(target=target).order_by("target")
    return rows.values_list("target").annotate(Count("pk"), Sum("held_micros"))


_QUEUED = Prepared(_queued)
