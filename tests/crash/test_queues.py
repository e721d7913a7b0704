"""The queue only wakes: each real server does, and without any the sweep does the work."""

from pathlib import Path
from typing import Any

import pytest

from omixa_studio.models import Person
from omixa_studio.sandbox import Sandbox
from tests import servers
from tests.crash.harness import Forker, click, no_wake, refreshed
from tests.servers import free_port, wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SERVERS = [
    "sqlite",
    pytest.param("redis", marks=pytest.mark.redis),
    pytest.param("postgres", marks=pytest.mark.postgres),
]


def is_done(workers: Forker, person: Person) -> None:
    row = click(person, "A harbour")
    wait_until(lambda: refreshed(row).state == "done", seconds=30)


@pytest.mark.parametrize("server", SERVERS)
def test_it_wakes_a_worker(
    server: str, workers: Forker, ada: Person, settings: Any, request: pytest.FixtureRequest
) -> None:
    if server != "sqlite":
        settings.QUEUE_URL = request.getfixturevalue(f"{server}_url")
    workers.worker(sweep=600)
    first = click(ada, "Whenever it listens")
    wait_until(lambda: refreshed(first).state == "done", seconds=30)
    is_done(workers, ada)  # by the wake-up alone: the next sweep comes in ten minutes


@pytest.mark.parametrize("server", ["redis", "postgres"])
def test_it_works_without_the_queues_server(
    server: str, workers: Forker, sandbox: Sandbox, ada: Person, settings: Any
) -> None:
    settings.QUEUE_URL = f"{server}://127.0.0.1:{free_port()}/0"
    row = click(ada, "Nobody is woken")
    assert refreshed(row).state == "queued"
    workers.worker()
    wait_until(lambda: refreshed(row).state == "done")
    is_done(workers, ada)


@pytest.mark.redis
def test_it_is_woken_again_by_a_queue_that_was_away(
    workers: Forker, sandbox: Sandbox, ada: Person, settings: Any, tmp_path: Path
) -> None:
    port = free_port()
    settings.QUEUE_URL = f"redis://127.0.0.1:{port}/0"
    with servers.redis_server(tmp_path, port):
        workers.worker()
        is_done(workers, ada)
    is_done(workers, ada)  # by the sweep
    with servers.redis_server(tmp_path, port):
        is_done(workers, ada)
    assert len(sandbox.calls) == 3


def test_it_works_after_the_queues_file_was_deleted(
    workers: Forker, ada: Person, tmp_path: Path
) -> None:
    workers.worker()
    is_done(workers, ada)
    for path in tmp_path.glob("queue.sqlite3*"):
        path.unlink()
    is_done(workers, ada)


def test_it_finds_rows_that_nobody_announced(workers: Forker, ada: Person) -> None:
    row = click(ada, "Not announced", wake=no_wake)
    workers.worker()
    wait_until(lambda: refreshed(row).state == "done")
