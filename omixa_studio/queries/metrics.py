"""Figures for Prometheus, from rows that do not grow with the ledger."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Sum
from django.utils import timezone

from omixa_studio.models import (
    OPEN_JOBS,
    BackgroundJob,
    Balance,
    Generation,
    Period,
    Scope,
    State,
    WebhookDelivery,
)
from omixa_studio.models.generations import Charged
from omixa_studio.models.periods import first_day

from .backups import last_backup
from .gateway_keys import keys_of
from .pauses import current_pause, holding_pauses
from .readiness import (
    LOOKED_THROUGH,
    Readiness,
    last_requests,
    last_success,
    oldest_waiting,
    workers_seen,
)

QUANTILES = (50, 90, 99)
OPEN = (State.QUEUED, State.RUNNING, State.UNKNOWN)
MICROS_OF_A_DOLLAR = 1_000_000


@dataclass(frozen=True)
class Metric:
    """A figure of now: its name without prefix, what it means, and labels with values."""

    name: str
    meaning: str
    values: Sequence[tuple[dict[str, str], float]]


def metrics(target: str, looked: Sequence[Readiness]) -> Iterator[Metric]:
    """Yield the figures of a target; nothing in them names a person or a prompt."""
    ready = [({"part": part.name}, float(part.ok)) for part in looked]
    yield Metric("ready", "Whether a part of the studio works.", ready)
    yield from _requests(target)
    yield from _answers(target)
    yield from _money(target)
    yield from _machine(looked)
    yield from _pauses(target)
    jobs = BackgroundJob.objects.filter(state__in=OPEN_JOBS).count()
    yield _one("background_jobs", "Background jobs that are not done.", jobs)
    messages = WebhookDelivery.objects.filter(due_at__isnull=False).count()
    yield _one("webhook_messages", "Messages to webhooks that wait to be sent.", messages)
    good = last_backup()
    if good and good.finished_at:
        at = good.finished_at.timestamp()
        yield _one("last_backup_timestamp_seconds", "When a nightly backup last worked.", at)


def _pauses(target: str) -> Iterator[Metric]:
    """Tell of the pause of all requests, and of those of one key, by its id."""
    pause = current_pause(target)
    reason = pause.reason if pause else ""
    yield Metric(
        "paused", "Whether the queue is paused.", [({"reason": reason}, float(bool(pause)))]
    )
    of_keys = [one for one in holding_pauses(target) if one.gateway_key is not None]
    by_admins = keys_of(target).filter(paused_at__isnull=False).values_list("pk", flat=True)
    held = [(str(one.gateway_key), str(one.reason)) for one in of_keys]
    held += [(str(pk), "admin") for pk in by_admins]
    values = [({"key": key, "reason": why}, 1.0) for key, why in held]
    said = "Keys of the gateway whose requests wait; 0 is that of the environment."
    yield Metric("key_paused", said, values)


def _requests(target: str) -> Iterator[Metric]:
    rows = Generation.objects.filter(target=target, state__in=OPEN).order_by().values("state")
    found = {row["state"]: row for row in rows.annotate(n=Count("pk"), held=Sum("held_micros"))}
    number: list[tuple[dict[str, str], float]] = [
        ({"state": str(state)}, float(found[state]["n"] if state in found else 0)) for state in OPEN
    ]
    held = sum(row["held"] or 0 for row in found.values()) + _held_after_the_end(target)
    yield Metric("open_generations", "Requests that are not final, by state.", number)
    said = "Money held for requests that are not final, or whose cost nobody knows."
    yield _one("held_dollars", said, held / MICROS_OF_A_DOLLAR)
    waits = oldest_waiting(target) or 0.0
    yield _one("queue_oldest_seconds", "How long the oldest queued request waits.", waits)
    yield _one("workers", "Workers that were alive lately.", workers_seen(target))


def _held_after_the_end(target: str) -> int:
    """Return the micro-dollars held for requests that have ended without an amount."""
    rows = Generation.objects.filter(target=target, charged=Charged.UNKNOWN)
    ended = rows.filter(state__in=(State.DONE, State.FAILED))
    held: int = ended.aggregate(sum=Sum("held_micros"))["sum"] or 0
    return held


def _answers(target: str) -> Iterator[Metric]:
    """Tell of the last requests alone, however many there are."""
    rows = last_requests(target)
    lately = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    values = [({"state": str(state)}, float(lately.get(state, 0))) for state in State]
    yield Metric("recent_generations", f"The last {LOOKED_THROUGH} requests, by state.", values)
    done = rows.filter(state=State.DONE, seconds__isnull=False).values_list("seconds", flat=True)
    if took := sorted(float(it) for it in done if it is not None):
        parts = [
            ({"quantile": f"0.{percent}"}, took[min(len(took) * percent // 100, len(took) - 1)])
            for percent in QUANTILES
        ]
        yield Metric("answer_seconds", "How long the last answers took.", parts)
    if (at := last_success(target)) is not None:
        said = "When the gateway last made pictures."
        yield _one("last_success_timestamp_seconds", said, at.timestamp())


def _money(target: str) -> Iterator[Metric]:
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    values = []
    for period in Period:
        rows = Balance.objects.filter(target=target, scope=Scope.STUDIO, period=period)
        found = (
            rows.filter(starts_on=first_day(period, today)).values_list("counted_micros").first()
        )
        values.append(({"period": str(period)}, (found[0] if found else 0) / MICROS_OF_A_DOLLAR))
    yield Metric("counted_dollars", "Money billed and held in the period of today.", values)


def _machine(looked: Sequence[Readiness]) -> Iterator[Metric]:
    """Tell of the machine that answers."""
    files = [path for path in _in(settings.SPOOL_DIR) if path.suffix in (".answer", ".part")]
    yield _one("spool_answers", "Answers on this machine that are not booked yet.", len(files))
    free = next((part.facts.get("free_bytes") for part in looked if part.name == "disk"), None)
    if free is not None:
        yield _one("disk_free_bytes", "Free bytes on the disk of the data folder.", free)


def _in(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _one(name: str, meaning: str, value: float) -> Metric:
    return Metric(name, meaning, [({}, float(value))])
