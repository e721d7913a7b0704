"""Background jobs: start, claim, work in batches, cancel, close, delete.

A batch reads, computes and handles files outside of any transaction. What it writes to the database
it hands over as a function, which runs in one transaction with the cursor after the batch, on the
condition that this attempt still holds the job. So that is done once or not at all, whoever is
killed or cancels; all else has to bear being done twice.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Now

from omixa_studio.gateway.errors import Told, told
from omixa_studio.models import OPEN_JOBS, BackgroundJob, JobState, Person, WorkerSeen
from omixa_studio.queries.secret_marks import SECONDS_SEEN

from .submission import wake_quietly

log = logging.getLogger(__name__)

LEASE_SECONDS = 15.0
LONGEST_LEASE_SECONDS = 120.0
SECONDS_OF_A_TURN = 2.0
# Between batches others may write: SQLite has one lock, which paid calls need, too.
LEAST_REST_SECONDS = 0.02
SECONDS_BETWEEN_TRIES = 5.0
MOST_FAILURES = 5
MOST_OPEN = 10
NOT_AGAIN = (*OPEN_JOBS, JobState.DONE)
DAYS_TO_KEEP = 7


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One batch: the cursor after it, the number of items it handled.

    `total` and `result` replace those of the job, None keeps them. `write` makes its short writes
    and may return the result instead.
    """

    cursor: Any
    handled: int = 0
    total: int | None = None
    result: Mapping[str, Any] | None = None
    finished: bool = False
    write: Callable[[], Mapping[str, Any] | None] | None = None


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """How a kind of job works: `work` prepares the next short batch after the job's cursor.

    It raises JobFailed if the job cannot succeed; any other error is retried a few times. `clear`
    removes what an ended job leaves outside the database; it is called when the job fails or is
    cancelled, and before its row is deleted, so perhaps more than once. A kind that `stays` keeps
    between its turns what only the worker has that did the last one.
    """

    work: Callable[[BackgroundJob], Batch]
    clear: Callable[[BackgroundJob], None] | None = None
    stays: bool = False


Kinds = Mapping[str, JobKind]


class TooManyJobs(Exception):
    """The person has as many open jobs as are allowed."""


class AlreadyUndone(Exception):
    """The job that is to be undone is being undone, or was."""


class JobFailed(Exception):
    """The job cannot succeed; `told` says why, for people."""

    def __init__(self, reason: Told) -> None:
        super().__init__(reason["key"])
        self.told = reason


@dataclass
class Hand:
    """The job that a worker has in hand, for the thread that renews its lease."""

    job: BackgroundJob | None = field(default=None)


def start(
    person: Person,
    kind: str,
    parameters: Mapping[str, Any],
    *,
    wake: Callable[[], None],
    total: int | None = None,
    undo_of: BackgroundJob | None = None,
) -> BackgroundJob:
    """Queue a job of a person. Raises TooManyJobs, and AlreadyUndone for a second undo."""
    with undoing(person, undo_of):
        open_ones = BackgroundJob.objects.filter(person=person, state__in=OPEN_JOBS)
        if open_ones.count() >= MOST_OPEN:
            raise TooManyJobs
        job = BackgroundJob.objects.create(
            person=person, kind=kind, parameters=dict(parameters), total=total, undo_of=undo_of
        )
        Person.objects.filter(pk=person.pk).update(has_jobs=True)
        transaction.on_commit(lambda: wake_quietly(wake), robust=True)
    return job


@contextmanager
def undoing(person: Person, job: BackgroundJob | None) -> Iterator[None]:
    """Open a transaction in turn with others of a person, in which a job may be undone.

    Raises AlreadyUndone if it is undone, or being undone.
    """
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        if job and job.undos.filter(state__in=NOT_AGAIN).exists():
            raise AlreadyUndone
        yield


def ensure(kind: str, parameters: Mapping[str, Any] | None = None) -> None:
    """Queue a job of the studio itself unless one of its kind is open or done."""
    known = BackgroundJob.objects.filter(person=None, kind=kind, state__in=NOT_AGAIN)
    if known.exists():
        return
    try:
        with transaction.atomic():
            BackgroundJob.objects.create(kind=kind, parameters=dict(parameters or {}))
    except IntegrityError:
        log.debug("Another worker has just queued %s.", kind)


def cancel(job: BackgroundJob) -> bool:
    """Cancel a job before its next batch; return False if it has ended."""
    return _end(BackgroundJob.objects.filter(pk=job.pk), JobState.CANCELLED)


def close(job: BackgroundJob) -> None:
    """Show an ended job no longer."""
    BackgroundJob.objects.filter(pk=job.pk).exclude(state__in=OPEN_JOBS).update(closed=True)
    if job.person_id:
        _refresh_flag(job.person_id)


def take_turn(
    kinds: Kinds,
    worker: str,
    *,
    hand: Hand | None = None,
    go_on: Callable[[], bool] = lambda: True,
    seconds: float = SECONDS_OF_A_TURN,
    lease_seconds: float = LEASE_SECONDS,
) -> bool:
    """Work on the job that is next in line for some seconds; return False if there is none.

    Jobs of people go first, and among them the one that has waited longest for its turn.
    """
    job = _claim_next(kinds, worker, lease_seconds)
    if job is None:
        return False
    hand = hand or Hand()
    hand.job = job
    try:
        until = time.monotonic() + seconds
        while _work(job, kinds[job.kind], lease_seconds):
            if not go_on() or time.monotonic() > until:
                break
        hand_back(job, leaving=not go_on())
    finally:
        hand.job = None
    return True


def renew(job: BackgroundJob, *, lease_seconds: float = LEASE_SECONDS) -> None:
    """Extend the lease of a job in hand."""
    _held(job).update(lease=_lease(lease_seconds))


def hand_back(job: BackgroundJob, *, leaving: bool = False) -> None:
    """Release a job, to be claimed again; a batch in flight is then not saved.

    A worker that is `leaving` will not come back to what it has of the job.
    """
    _held(job).update(attempt=None, lease=None, **({"worker": ""} if leaving else {}))


def tidy(kinds: Kinds, *, days: float = DAYS_TO_KEEP) -> None:
    """Delete jobs of people that ended long ago, and cancel those of deactivated accounts."""
    for job in BackgroundJob.objects.filter(state__in=OPEN_JOBS, person__is_active=False):
        cancel(job)
    for job in BackgroundJob.objects.filter(state__in=(JobState.FAILED, JobState.CANCELLED)):
        _clear(job, kinds.get(job.kind))
    ended = BackgroundJob.objects.exclude(state__in=OPEN_JOBS).exclude(person=None)
    for job in ended.filter(finished_at__lt=Now() - timedelta(days=days)):
        _clear(job, kinds.get(job.kind))
        job.delete()
        _refresh_flag(job.person_id or 0)


def _claim_next(kinds: Kinds, worker: str, lease_seconds: float) -> BackgroundJob | None:
    """Claim a job; one whose last holder vanished in a batch too often fails instead."""
    others_first = Case(When(person=None, then=Value(1)), default=Value(0))
    waiting = _free().filter(Q(person=None) | Q(person__is_active=True), kind__in=list(kinds))
    waiting = waiting.exclude(_stays_elsewhere(kinds, worker))
    line = waiting.order_by(others_first, F("worked_at").asc(nulls_first=True), "pk")
    while (job := line.first()) is not None:
        if job.failures >= MOST_FAILURES:
            _end(_free().filter(pk=job.pk), JobState.FAILED, told("job_failed"))
            continue
        attempt = uuid.uuid4()
        taken = (
            _free()
            .filter(pk=job.pk)
            .update(
                attempt=attempt,
                worker=worker,
                state=JobState.RUNNING,
                lease=_lease(lease_seconds),
                failures=F("failures") + 1,
                started_at=Coalesce("started_at", Now()),
                worked_at=Now(),
            )
        )
        if taken:
            return BackgroundJob.objects.filter(pk=job.pk, attempt=attempt).first()
    return None


def _stays_elsewhere(kinds: Kinds, worker: str) -> Q:
    """Return which jobs wait for another worker: taken from it at each turn, they would begin
    anew at each turn and never end. One that vanished in a batch, its lease ran out, has lost them.
    """
    since = Now() - timedelta(seconds=SECONDS_SEEN)
    alive = WorkerSeen.objects.filter(seen_at__gte=since).exclude(worker=worker)
    staying = [name for name, kind in kinds.items() if kind.stays]
    return Q(kind__in=staying, lease=None, worker__in=alive.values("worker"))


def _work(job: BackgroundJob, kind: JobKind, lease_seconds: float) -> bool:
    """Do one batch; return whether this holder may do another one."""
    began = time.monotonic()
    try:
        batch = _do_batch(job, kind, lease_seconds)
    except JobFailed as failure:
        if _end(_held(job), JobState.FAILED, failure.told):
            _clear(job, kind)
        return False
    except Exception:  # whatever it is, the job is tried again, and fails after a few tries
        log.exception("A batch of background job %s failed; it will be retried.", job.pk)
        _held(job).update(attempt=None, lease=_lease(SECONDS_BETWEEN_TRIES))
        return False
    if batch is None:
        if BackgroundJob.objects.filter(pk=job.pk).exclude(state__in=OPEN_JOBS).exists():
            _clear(job, kind)
        return False
    if not batch.finished:
        time.sleep(max(LEAST_REST_SECONDS, time.monotonic() - began))
    return not batch.finished


def _do_batch(job: BackgroundJob, kind: JobKind, lease_seconds: float) -> Batch | None:
    """Do and save a batch; None if the job is no longer held, which saves nothing."""
    batch = kind.work(job)
    with transaction.atomic():
        # Locks the row, so that a cancellation comes before the writes or after them.
        if not _held(job).update(worked_at=Now()):
            return None
        result = batch.write() if batch.write else None
        _save(job, replace(batch, result=result or batch.result), lease_seconds)
    return batch


def _save(job: BackgroundJob, batch: Batch, lease_seconds: float) -> None:
    total = job.total if batch.total is None else batch.total
    result = job.result if batch.result is None else dict(batch.result)
    values: dict[str, Any] = {"cursor": batch.cursor, "total": total, "result": result}
    after: dict[str, Any] = {"lease": _lease(lease_seconds)}
    if batch.finished:
        after = {"state": JobState.DONE, "finished_at": Now(), "attempt": None, "lease": None}
    done = job.done + batch.handled
    _held(job).update(**values, **after, done=done, failures=0)
    job.cursor, job.total, job.result, job.done = batch.cursor, total, result, done


def _clear(job: BackgroundJob, kind: JobKind | None) -> None:
    if kind and kind.clear:
        try:
            kind.clear(job)
        except OSError:
            log.exception("What background job %s left could not be removed yet.", job.pk)


def _end(rows: QuerySet[BackgroundJob], state: JobState, *error: Told) -> bool:
    ended = rows.filter(state__in=OPEN_JOBS).update(
        state=state, error=list(error), finished_at=Now(), attempt=None, lease=None
    )
    return bool(ended)


def _held(job: BackgroundJob) -> QuerySet[BackgroundJob]:
    """Return the row, if this attempt still holds it."""
    return BackgroundJob.objects.filter(
        pk=job.pk, attempt=job.attempt, attempt__isnull=False, state=JobState.RUNNING
    )


def _free() -> QuerySet[BackgroundJob]:
    """Return the open jobs that nobody holds; a lease later than any can be was set by no clock."""
    longest = Now() + timedelta(seconds=LONGEST_LEASE_SECONDS)
    ran_out = Q(lease=None) | Q(lease__lt=Now()) | Q(lease__gt=longest)
    return BackgroundJob.objects.filter(ran_out, state__in=OPEN_JOBS)


def _lease(seconds: float) -> Any:
    return Now() + timedelta(seconds=seconds)


def _refresh_flag(person_id: int) -> None:
    """Note whether the person has jobs to show, in turn with `start`, which sets the same flag."""
    with transaction.atomic():
        person = Person.objects.select_for_update().filter(pk=person_id).first()
        if person is not None:
            shown = person.background_jobs.filter(closed=False).exists()
            Person.objects.filter(pk=person_id).update(has_jobs=shown)
