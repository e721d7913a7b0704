"""Find out why requests wait although it is their turn."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q, Sum

from omixa_studio.models import (
    ENVIRONMENT,
    Brake,
    Charge,
    Generation,
    Kind,
    Limit,
    Pause,
    Run,
    State,
)
from omixa_studio.models.limits import BalanceKey, keys_of

from .brakes import brakes_of, stops
from .budget import rooms
from .pauses import names_of_keys, pause_of, paused_by_admins, pauses_by_key


class Cause(StrEnum):
    """The reasons that hold a request up, the strongest last."""

    CAP = "cap"
    LIMIT = "limit"
    RUN_PAUSED = "run"
    KEY = "key"
    PAUSE = "pause"
    BRAKE = "brake"


@dataclass(frozen=True)
class Holdup:
    """Why a request waits, with the admin's brake or the pause of the queue if that is why.

    `key` is the name of the gateway's key that is paused, if others are not.
    """

    cause: Cause
    brake: Brake | None = None
    pause: Pause | None = None
    key: str = ""

    @property
    def stamp(self) -> str:
        """Return the reason as a short string, to detect changes."""
        stopped = self.brake or self.pause
        return f"{self.cause}{stopped.pk if stopped else ''}"


def holdups_of(target: str, rows: Sequence[Generation]) -> dict[int, Holdup]:
    """Return why queued rows wait, by id, where there is a reason; no query if none is queued."""
    queued = [row for row in rows if row.state == State.QUEUED and row.target == target]
    if not queued:
        return {}
    runs = {run.pk: run for run in _odd_runs({row.group for row in queued})}
    brakes, pauses = brakes_of(target), pauses_by_key(target)
    keys = {row.gateway_key_id for row in queued}
    by_admins, names = paused_by_admins(keys), names_of_keys(keys)
    # Only rows that a claim has already postponed: others may be cancelled before they wait.
    looked_at = [row for row in queued if row.not_before]
    at_limit = _at_a_limit(looked_at)
    capped = [run for run in runs.values() if run.cap_micros is not None]
    rooms_left = {run.pk: room_under_cap(run) for run in capped}
    found: dict[int, Holdup] = {}
    for row in queued:
        run = runs.get(row.group)
        brake = next((brake for brake in brakes if stops(brake, row)), None)
        if brake:
            found[row.pk] = Holdup(Cause.BRAKE, brake)
        elif pause := pause_of(row, pauses):
            name = names.get(pause.gateway_key or ENVIRONMENT, "")
            found[row.pk] = Holdup(Cause.PAUSE, pause=pause, key=name)
        elif row.gateway_key_id in by_admins:
            found[row.pk] = Holdup(Cause.KEY, key=names[row.gateway_key_id])
        elif run and run.paused:
            found[row.pk] = Holdup(Cause.RUN_PAUSED)
        elif row.pk in at_limit:
            found[row.pk] = Holdup(Cause.LIMIT)
        elif row.not_before and row.held_micros > rooms_left.get(row.group, row.held_micros):
            found[row.pk] = Holdup(Cause.CAP)
    return found


def room_under_cap(run: Run) -> int:
    """Return the micro-dollars a run may still spend under its cap; negative if exceeded."""
    taken = Generation.objects.filter(group=run.pk).exclude(state=State.QUEUED)
    booked = Charge.objects.filter(generation_id__in=taken.values("pk"))
    spent: int = booked.aggregate(sum=Sum("amount_micros"))["sum"] or 0
    return (run.cap_micros or 0) - spent


def _odd_runs(groups: set[uuid.UUID]) -> list[Run]:
    odd = Q(paused=True) | Q(cap_micros__isnull=False)
    return list(Run.objects.filter(odd, pk__in=groups))


def _at_a_limit(queued: Sequence[Generation]) -> set[int]:
    """Return the ids of rows at an exceeded hard limit, which running requests may use up."""
    if not queued or not Limit.objects.filter(hard=True).exists():
        return set()
    counting: defaultdict[tuple[BalanceKey, ...], set[int]] = defaultdict(set)
    pks = [row.pk for row in queued]
    for hold in Charge.objects.filter(generation_id__in=pks, kind=Kind.HOLD):
        counting[tuple(keys_of(hold))].add(hold.generation_id)
    passed = [keys for keys in counting if any(r.hard and not r.fits(0) for r in rooms(keys))]
    return set().union(*(counting[keys] for keys in passed))
