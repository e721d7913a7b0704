"""SIGTERM and SIGINT alike: finish what is in flight, hand back what was not sent."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.conf import settings

from omixa_studio.models import Charge, Generation, Person
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import claims
from tests.crash.harness import Forker, click, no_wake, nothing_is_open, refreshed
from tests.servers import PROJECT, wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BOTH = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


@BOTH
def test_it_finishes_calls_in_flight_and_claims_nothing_more(
    workers: Forker, sandbox: Sandbox, ada: Person, number: int
) -> None:
    sandbox.script(always="slow:0.5")
    rows = [click(ada, f"Harbour {n}", wake=no_wake) for n in range(3)]
    process = workers.worker(threads=2)
    wait_until(lambda: len(sandbox.calls) == 2)
    process.end(number)
    assert [refreshed(row).state for row in rows] == ["done", "done", "queued"]
    assert len(sandbox.calls) == 2


@BOTH
def test_it_leaves_what_takes_too_long_unknown(
    workers: Forker, sandbox: Sandbox, ada: Person, number: int
) -> None:
    sandbox.script("hang")
    row = click(ada, "Takes too long")
    process = workers.worker(stop=0.3)
    wait_until(lambda: sandbox.calls)
    process.end(number)
    assert (refreshed(row).state, refreshed(row).charged) == ("unknown", "unknown")
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == row.held_micros


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port where a connection is neither made nor refused: its line is full."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(3):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for one in waiting:
            one.close()


def test_it_hands_back_what_was_not_sent(workers: Forker, ada: Person, busy_port: int) -> None:
    row = click(ada, "Still connecting")
    workers.url = f"http://127.0.0.1:{busy_port}/api/v1"
    process = workers.worker(stop=0.3)
    wait_until(lambda: list(process.spool.glob("*.part")))
    process.end(signal.SIGTERM)
    back = refreshed(row)
    assert (back.state, back.sent_at, back.attempt) == ("queued", None, None)


def test_it_keeps_its_leases_while_it_stops(workers: Forker, sandbox: Sandbox, ada: Person) -> None:
    sandbox.script("slow:2")
    row = click(ada, "Longer than a lease")
    process = workers.worker(lease=0.8, renew=0.2)
    wait_until(lambda: sandbox.calls)
    process.send(signal.SIGTERM)
    seen = set()
    while process.is_alive():
        claims.expire()
        seen.add(refreshed(row).state)
    assert seen <= {"running", "done"}
    assert refreshed(row).state == "done"


def test_it_ends_at_once_at_a_second_signal(workers: Forker, sandbox: Sandbox, ada: Person) -> None:
    sandbox.script("hang")
    row = click(ada, "Cut off")
    process = workers.worker(stop=60)
    wait_until(lambda: sandbox.calls)
    process.send(signal.SIGTERM)
    wait_until(lambda: not workers_claims(row))
    process.send(signal.SIGTERM)
    process.wait(seconds=5)
    assert refreshed(row).state == "running"


def workers_claims(row: Generation) -> bool:
    """Whether a newly queued row is still taken: a stopping worker takes none."""
    other = Generation.objects.get(pk=row.pk)
    other.pk, other.state, other.attempt, other.click = None, "queued", None, None
    other.save(force_insert=True)
    try:
        wait_until(lambda: refreshed(other).state != "queued", seconds=1)
    except TimeoutError:
        return False
    return True


def test_it_runs_as_a_command_with_its_times_as_arguments(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    row = click(ada, "By the command")
    told = {"STUDIO_SANDBOX_URL": sandbox.base_url, "QUEUE_URL": settings.QUEUE_URL}
    times = [f"--{name}-seconds=1" for name in ("lease", "renew", "sweep", "stop")]
    with subprocess.Popen(
        [sys.executable, "manage.py", "worker", "--threads=1", *times],
        cwd=PROJECT,
        env={**os.environ, **told},
        stderr=subprocess.PIPE,
    ) as process:
        wait_until(nothing_is_open)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert refreshed(row).state == "done"
