"""Background jobs are done in batches, each once, whoever is killed, cancels or asks for more."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from omixa_studio.gateway.errors import told
from omixa_studio.models import BackgroundJob, JobState, Person, WorkerSeen
from omixa_studio.services import background
from omixa_studio.services.background import Batch, JobFailed, JobKind
from omixa_studio.worker import Worker, chores
from tests.factories import make_person

pytestmark = pytest.mark.django_db

SIX = {"to": 6}


def count_up(job: BackgroundJob) -> Batch:
    """Count two on; every batch leaves a row, so that one done twice would be seen."""
    counted = (job.cursor or 0) + 2

    def write() -> dict[str, int]:
        Person.objects.create(username=f"{job.pk}-{counted}")
        return {"counted": counted}

    last = counted >= job.parameters["to"]
    return Batch(cursor=counted, handled=2, finished=last, write=write)


COUNTING = {"count": JobKind(work=count_up)}


def start(person: Person | None = None, **more: object) -> BackgroundJob:
    asked = {"wake": lambda: None, "total": 6, **more}
    return background.start(person or make_person(), "count", SIX, **asked)  # type: ignore[arg-type]


def turn(kinds: background.Kinds = COUNTING, **more: object) -> bool:
    return background.take_turn(kinds, "here:7", **more)  # type: ignore[arg-type]


def once() -> Callable[[], bool]:
    return lambda: False


def fresh(job: BackgroundJob) -> BackgroundJob:
    job.refresh_from_db()
    return job


def counted(job: BackgroundJob) -> int:
    return Person.objects.filter(username__startswith=f"{job.pk}-").count()


def test_it_works_in_batches_to_the_end() -> None:
    job = start()
    assert turn()
    done = fresh(job)
    assert (done.state, done.done, done.attempt, counted(job)) == ("done", 6, None, 3)
    assert done.result == {"counted": 6}
    assert done.started_at
    assert done.finished_at
    assert not turn()


@pytest.mark.parametrize("left", [timedelta(seconds=-1), timedelta(days=1)])
def test_it_goes_on_where_a_killed_worker_stopped(left: timedelta) -> None:
    job = start()
    turn(go_on=once())
    held = background._claim_next(COUNTING, "killed:9", 15)
    assert held
    assert not turn()  # its lease has not run out
    # One of a day was set by a clock that was wrong.
    BackgroundJob.objects.update(lease=timezone.now() + left)
    turn()
    assert (fresh(job).state, counted(job)) == ("done", 3)


def test_a_batch_of_a_lost_hold_leaves_nothing() -> None:
    job = start()
    mine = background._claim_next(COUNTING, "slow:9", 15)
    assert mine
    BackgroundJob.objects.update(lease=None)
    turn(go_on=once())
    assert background._do_batch(mine, COUNTING["count"], 15) is None
    assert (fresh(job).done, counted(job)) == (2, 1)


def test_it_is_cancelled_between_batches_and_cleared() -> None:
    job, cleared = start(), []

    def cancel_after(row: BackgroundJob) -> Batch:
        background.cancel(row)
        return Batch(cursor=2, handled=2)

    kind = JobKind(work=cancel_after, clear=lambda row: cleared.append(row.pk))
    turn({"count": kind})
    assert (fresh(job).state, job.done, cleared) == ("cancelled", 0, [job.pk])
    assert not background.cancel(job)


@pytest.mark.parametrize(
    ("raised", "key", "turns"),
    [(JobFailed(told("text", text="Full.")), "text", 1), (RuntimeError("bug"), "job_failed", 6)],
)
def test_it_fails_with_a_sentence(raised: Exception, key: str, turns: int) -> None:
    def fail() -> None:
        Person.objects.create(username="half")
        raise raised

    job = start()
    for _turn in range(turns):
        turn({"count": JobKind(work=lambda job: Batch(cursor=1, write=fail))})
        BackgroundJob.objects.update(lease=None)
    assert (fresh(job).state, job.error[0]["key"]) == ("failed", key)
    assert not Person.objects.filter(username="half").exists()


def test_people_take_turns_and_go_before_the_studio() -> None:
    background.ensure("count", SIX)
    background.ensure("count", SIX)
    first, second = start(), start()
    for _turn in range(6):
        turn(go_on=once())
    assert fresh(first).state == fresh(second).state == JobState.DONE
    studios = BackgroundJob.objects.get(person=None)
    assert studios.done == 0
    turn()
    background.ensure("count", SIX)
    assert fresh(studios).state == JobState.DONE
    assert BackgroundJob.objects.count() == 3


def test_a_person_has_a_bounded_number_of_them() -> None:
    person = make_person()
    for _job in range(background.MOST_OPEN):
        start(person)
    with pytest.raises(background.TooManyJobs):
        start(person)
    start()


def test_one_is_undone_once() -> None:
    person = make_person()
    job = start(person)
    undo = start(person, undo_of=job)
    with pytest.raises(background.AlreadyUndone):
        start(person, undo_of=job)
    background.cancel(undo)
    start(person, undo_of=job)


def test_pages_are_told_whether_there_is_one_to_show() -> None:
    job = start()
    background.close(job)
    assert Person.objects.filter(has_jobs=True).exists()
    turn()
    background.close(fresh(job))
    assert not Person.objects.filter(has_jobs=True).exists()


def test_ended_ones_are_deleted_after_some_days_and_those_of_nobody_cancelled() -> None:
    job, cleared = start(), []
    kinds = {"count": JobKind(work=count_up, clear=lambda row: cleared.append(row.pk))}
    turn(kinds)
    off = start(make_person(is_active=False))
    background.tidy(kinds)
    assert (fresh(job).state, fresh(off).state) == ("done", "cancelled")
    background.tidy(kinds, days=0)
    assert not BackgroundJob.objects.exists()
    assert job.pk in cleared


def test_the_worker_works_on_them_until_it_stops(worker: Worker) -> None:
    job = start()
    worker.woken.set()
    worker.stopping.set()
    chores.work_in_background(worker)
    assert fresh(job).state == "queued"


STAYING = {"count": JobKind(work=count_up, stays=True)}


def see(worker: str, *, seconds_ago: float = 0) -> None:
    at = timezone.now() - timedelta(seconds=seconds_ago)
    WorkerSeen.objects.update_or_create(worker=worker, target="sandbox", defaults={"seen_at": at})


def test_what_stays_with_a_worker_is_left_to_it_while_it_lives() -> None:
    see("here:7")
    see("there:8")
    job = start()
    assert turn(STAYING, seconds=0.0)
    assert not background.take_turn(STAYING, "there:8")
    assert background.take_turn(COUNTING, "there:8", seconds=0.0)
    assert not turn(STAYING)
    see("there:8", seconds_ago=600)
    assert turn(STAYING)
    assert (fresh(job).state, fresh(job).worker) == (JobState.DONE, "here:7")


def test_what_stays_is_free_when_its_worker_leaves_or_vanishes() -> None:
    see("here:7")
    job = start()
    assert turn(STAYING, go_on=once())
    assert background.take_turn(STAYING, "there:8", seconds=0.0)
    see("there:8")
    past = timezone.now() - timedelta(seconds=1)
    BackgroundJob.objects.filter(pk=job.pk).update(attempt=uuid4(), lease=past)
    assert turn(STAYING)
    assert counted(job) == 3
