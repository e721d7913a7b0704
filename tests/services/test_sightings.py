"""What waits for another gateway is left alone while anybody may still work for it."""

import subprocess
import sys
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from omixa_studio.models import Charge, Generation, WorkerSeen
from omixa_studio.queries.elsewhere import waiting_elsewhere
from omixa_studio.sentences import tell
from omixa_studio.services import ledger, sightings
from omixa_studio.worker import Worker
from tests.factories import make_generation, make_person
from tests.servers import PROJECT

HERE, THERE = "www.omixa.cloud", "old.example"


class Looks:
    """A worker of HERE that looks again and again; `look` says what it cancelled."""

    def __init__(self, target: str = HERE) -> None:
        self.now = 0.0
        self.look = partial(
            sightings.cancel_for_the_gone,
            target,
            {},
            clock=lambda: self.now,
            until_gone=600,
            longest_look=30,
        )

    def for_seconds(self, seconds: float, *, each: float = 5) -> int:
        cancelled = self.look()
        for _ in range(int(seconds / each)):
            self.now += each
            cancelled += self.look()
        return cancelled


@pytest.fixture
def waiting(db: None) -> Generation:
    """A request that waits for THERE."""
    row = make_generation(make_person(), state="queued", target=THERE)
    ledger.hold(row)
    return row


def test_it_cancels_what_waits_after_ten_minutes_without_a_worker(waiting: Generation) -> None:
    looks = Looks()
    assert looks.for_seconds(595) == 0
    looks.now += 5
    assert looks.look() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.charged) == ("cancelled", "no")
    assert f"{THERE}, which is no longer in use" in tell(waiting.error)
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == 0


def test_practice_is_cancelled_so_too(db: None) -> None:
    make_generation(make_person(), state="queued", target="sandbox")
    assert Looks().for_seconds(600) == 1


def test_a_studio_without_a_key_cancels_nothing(waiting: Generation) -> None:
    assert Looks("sandbox").for_seconds(100_000, each=30) == 0


def test_a_worker_that_is_seen_keeps_its_queue(waiting: Generation) -> None:
    looks = Looks()
    for _ in range(20):
        sightings.be_seen("there:7", THERE)
        assert looks.for_seconds(595, each=17) == 0
    assert looks.for_seconds(600) == 1


def test_a_worker_that_was_there_long_ago_counts_from_now(waiting: Generation) -> None:
    """Started on Monday with a wrong address: the queue of Friday waits as long as any."""
    sightings.be_seen("there:7", THERE)
    WorkerSeen.objects.update(seen_at=timezone.now() - timedelta(days=3))
    assert Looks().for_seconds(595) == 0


def test_a_machine_that_stood_still_makes_nobody_look_gone(waiting: Generation) -> None:
    looks = Looks()
    sightings.be_seen("there:7", THERE)
    looks.for_seconds(60)
    looks.now += 7 * 3600
    assert looks.look() == 0


def test_it_leaves_its_own_queue_alone(db: None) -> None:
    make_generation(make_person(), state="queued", target=HERE)
    assert Looks().for_seconds(1200) == 0


def test_a_worker_is_one_row_however_often_it_is_seen(db: None) -> None:
    for _ in range(3):
        sightings.be_seen("here:7", HERE)
    sightings.be_seen("here:8", HERE)
    assert WorkerSeen.objects.count() == 2


def test_of_several_workers_the_one_that_was_there_last_counts(waiting: Generation) -> None:
    for worker in ("there:6", "there:7", "there:8"):
        sightings.be_seen(worker, THERE)
    ago = timezone.now() - timedelta(days=1)
    WorkerSeen.objects.exclude(worker="there:7").update(seen_at=ago)
    (elsewhere,) = waiting_elsewhere(HERE)
    assert elsewhere.seen_at == WorkerSeen.objects.get(worker="there:7").seen_at


def test_it_forgets_who_was_not_there_for_a_month(db: None) -> None:
    sightings.be_seen("there:7", THERE)
    WorkerSeen.objects.update(seen_at=timezone.now() - timedelta(days=31))
    sightings.be_seen("here:7", HERE)
    sightings.forget_old()
    assert WorkerSeen.objects.get().worker == "here:7"


def test_a_sweep_takes_nobody_elses_queue(waiting: Generation, worker: Worker) -> None:
    worker.target = HERE
    worker.sweep()
    waiting.refresh_from_db()
    assert waiting.state == "queued"


@pytest.mark.slow
def test_real_workers_leave_each_other_their_queues(surroundings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.services.other_workers"],
        cwd=PROJECT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-5000:]
