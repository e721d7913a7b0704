"""Workers write down that they are alive, so that nobody cancels the queue of one that is.

A worker started with another key or address, or without a key by mistake, must not cancel
what waits for the gateway that the others work for.
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
# Longer than a restart, an update with its migrations, or noticing that the key is missing;
# short enough that what nobody will ever send does not stand there for a day.
SECONDS_UNTIL_GONE = 600.0
DAYS_TO_REMEMBER = 30


@dataclass
class Silence:
    """What was last seen of a target, and for how many seconds of looking nothing new was."""

    seen_at: datetime | None
    looked: float
    seconds: float = 0.0


def be_seen(worker: str, target: str) -> None:
    """Write down that a worker is alive."""
    if not WorkerSeen.objects.filter(worker=worker, target=target).update(seen_at=Now()):
        WorkerSeen.objects.get_or_create(worker=worker, target=target)


def forget_old() -> None:
    """Forget workers that have not been there for long: each start has a name of its own."""
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
    """Cancel what waits for other targets whose workers are gone; say how many that were.

    Called again and again with the same `silences`. Only sightings that are new count, not
    their times, and a look counts for `longest_look` seconds at most: neither a clock that was
    set nor a machine that stood still makes others look gone. Practice cancels nothing: a
    studio may have been started without its key by mistake.
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
    """Cancel all that waits for a target nobody works for any more; say how many that were."""
    reason = told("target_gone", target=target)
    rows = Generation.objects.filter(target=target)
    return sum(len(cancel_waiting(batch, reason)) for batch in waiting_in_batches(rows))
