"""After a 429 a worker makes half as many calls at a time for a while, and only then."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from omixa_studio.catalogue import load_catalogue
from omixa_studio.gateway.client import Gateway
from omixa_studio.models import Generation, Pause, Person
from omixa_studio.sandbox import Sandbox
from omixa_studio.services.submission import Choice, submit
from omixa_studio.worker import SECONDS_OF_FEWER_CALLS, Times, Worker, calls
from tests.factories import make_person
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[[int], Worker]


@pytest.fixture
def person(transactional_db: None) -> Person:
    return make_person()


@pytest.fixture
def start(person: Person, sandbox: Sandbox) -> Iterator[Start]:
    """A function that gives a worker with so many threads."""
    made: list[Worker] = []

    def started(threads: int) -> Worker:
        gateway = Gateway(sandbox.base_url, sandbox.key, call_seconds=20, answer_bytes=2**20)
        made.append(Worker(threads=threads, times=Times(), target="sandbox", gateway=gateway))
        return made[-1]

    yield started
    for worker in made:
        wait_until(partial(_is_idle, worker))
        worker.stop()


def _is_idle(worker: Worker) -> bool:
    return not worker.in_hand


def ask(person: Person, count: int) -> None:
    catalogue = load_catalogue(None)
    model = catalogue.find("imagen-4.0-generate-001")
    assert model is not None
    for number in range(count):
        choice = Choice(model=model, values={"prompt": f"Harbour {number}"})
        submit(person, choice, catalogue=catalogue, wake=lambda: None)


def meet(worker: Worker, person: Person, sandbox: Sandbox, fault: str) -> None:
    """Make one call that ends like this, and take away the pause that it leaves."""
    sandbox.script(fault, always="slow:1")
    ask(person, 1)
    worker.hand_out(wait=False)
    wait_until(lambda: not worker.in_hand)
    Pause.objects.all().delete()
    Generation.objects.all().delete()


def calls_at_a_time(worker: Worker, person: Person) -> int:
    ask(person, 6)
    worker.hand_out(wait=False)
    return len(worker.in_hand)


@pytest.mark.parametrize(("threads", "at_a_time"), [(4, 2), (5, 2), (1, 1)])
def test_it_halves_the_calls_after_a_429(
    start: Start, person: Person, sandbox: Sandbox, threads: int, at_a_time: int
) -> None:
    worker = start(threads)
    meet(worker, person, sandbox, "status:429,1")
    assert calls_at_a_time(worker, person) == at_a_time


@pytest.mark.parametrize("fault", ["", "status:503,1", "status:422"])
def test_it_halves_nothing_after_another_answer(
    start: Start, person: Person, sandbox: Sandbox, fault: str
) -> None:
    worker = start(4)
    meet(worker, person, sandbox, fault)
    assert calls_at_a_time(worker, person) == 4


def test_it_takes_up_all_calls_again_after_a_minute(
    start: Start, person: Person, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = start(4)
    meet(worker, person, sandbox, "status:429,1")
    later = calls.steady_seconds() + SECONDS_OF_FEWER_CALLS
    monkeypatch.setattr(calls, "steady_seconds", lambda: later)
    assert calls_at_a_time(worker, person) == 4
