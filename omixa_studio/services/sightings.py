"""Workers record that they are alive, so that nobody cancels the queue of a live worker.

A worker started with another key or address, or without a key by mistake, must not cancel requests
queued for the gateway of the other workers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Now

from omixa_studio.gateway.address import SANDBOX
from omixa_studio.gateway.errors import told
from omixa_studio.models import Generation, WorkerSeen
from omixa_studio.queries.elsewhere import waiting_elsewhere

from .endings import cancel_waiting, waiting_in_batches

SECONDS_BETWEEN_SIGHTS = 30.0
# Longer than a restart, an update with migrations, or noticing that the key is missing; short
# enough that requests nobody will ever send do not stay queued for a day.
SECONDS_UNTIL_GONE = 600.0
DAYS_TO_REMEMBER = 30


@dataclass
class Silence:
    """The last sighting of a target's workers, and the seconds watched without a new one."""

    seen_at: datetime | None
    looked: float
    seconds: float = 0.0


def be_seen(worker: str, target: str) -> None:
    """Record that a worker is alive."""
    if not WorkerSeen.objects.filter(worker=worker, target=target).update(seen_at=Now()):
        WorkerSeen.objects.get_or_create(worker=worker, target=target)


def forget_old() -> None:
    """Delete sightings of workers gone for long: each start uses a new name."""
    old = Now() - timedelta(days=DAYS_TO_REMEMBER)
    WorkerSeen.objects.filter(seen_at__lt=old).delete()


def cancel_for_the_gone(
    target: str,
    silences: dict[str, Silence],
    *,
    clock: Callable[[], float],
    until_gone: float = SECONDS_UNTIL_GONE,
    longest_look: float = SECONDS_BETWEEN_SIGHTS,
) -> int:
    """Cancel requests queued for other targets whose workers are gone; return their number.

    Called repeatedly with the same `silences`. Only new sightings count, not their times, and one
    look counts for at most `longest_look` seconds: neither a clock change nor a suspended machine
    makes others look gone. The sandbox cancels nothing: the studio may have been started without
    its key by mistake.
    """
    if target == SANDBOX:
        return 0
    others = waiting_elsewhere(target)
    now, before = clock(), dict(silences)
    silences.clear()
    for other in others:
        silence = before.get(other.target)
        if silence is None or silence.seen_at != other.seen_at:
            silences[other.target] = Silence(other.seen_at, now)
            continue
        silence.seconds += min(now - silence.looked, longest_look)
        silence.looked = now
        silences[other.target] = silence
    gone = [name for name, silence in silences.items() if silence.seconds >= until_gone]
    return sum(cancel_all_of(name) for name in gone)


def cancel_all_of(target: str) -> int:
    """Cancel all requests queued for a target without workers; return their number."""
    reason = told("target_gone", target=target)
    rows = Generation.objects.filter(target=target)
    return sum(len(cancel_waiting(batch, reason)) for batch in waiting_in_batches(rows))
