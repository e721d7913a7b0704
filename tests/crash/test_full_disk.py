"""Disks that are full before, during and after the call; databases that refuse."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Sum

from omixa_studio.gateway.client import Gateway
from omixa_studio.models import Charge, Pause, Person
from omixa_studio.sandbox import Sandbox
from omixa_studio.sentences import tell
from omixa_studio.worker import Times, Worker
from tests.crash.harness import Forker, click, no_wake, refreshed, whole_answers
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MIB = 2**20
AMOUNT = b'"], "usage": {"billed_amount": "0.040000"}}'


def balance() -> int:
    return int(Charge.objects.aggregate(sum=Sum("amount_micros"))["sum"])


def test_it_sends_nothing_when_the_answer_has_no_room(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    row = click(ada, "No room for the answer")
    workers.worker(file_bytes=8 * MIB)
    wait_until(lambda: Pause.objects.filter(reason="disk").exists())
    wait_until(lambda: refreshed(row).state == "queued")
    assert "is full or nearly full" in tell(Pause.objects.get().error)
    assert sandbox.calls == []


def test_it_loses_no_money_when_the_disk_fills_up_in_an_answer(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    sandbox.fixed_answer = b"".join((b'{"created": 1, "data": ["', b"A" * 24 * MIB, AMOUNT))
    row = click(ada, "More than anybody reserved")
    process = workers.worker(file_bytes=20 * MIB)
    wait_until(lambda: refreshed(row).state == "unknown")
    assert balance() == row.held_micros
    assert "could not be written to disk" in tell(refreshed(row).error)
    (part,) = process.spool.iterdir()
    assert part.suffix == ".part"
    assert len(sandbox.calls) == 1


def test_it_keeps_an_answer_until_the_storage_takes_it(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    obstacle = Path(settings.MEDIA_ROOT) / "pictures"
    obstacle.parent.mkdir(parents=True, exist_ok=True)
    obstacle.write_text("a file where a folder should be")
    row = click(ada, "The storage refuses")
    process = workers.worker()
    wait_until(lambda: "could not be stored yet" in workers.log())
    assert whole_answers(process.spool) == {row.pk}
    obstacle.unlink()
    wait_until(lambda: refreshed(row).state == "done")
    wait_until(lambda: not list(process.spool.iterdir()))
    assert (balance(), len(sandbox.calls)) == (40_000, 1)


def worker_here(sandbox: Sandbox, **options: int) -> Worker:
    gateway = Gateway(sandbox.base_url, sandbox.key)
    return Worker(threads=1, times=Times(), target="sandbox", gateway=gateway, **options)


def test_it_claims_nothing_on_a_nearly_full_disk(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    row = click(ada, "Nearly full", wake=no_wake)
    worker_here(sandbox, least_free_bytes=2**62).hand_out(wait=False)
    assert (refreshed(row).state, Pause.objects.get().reason) == ("queued", "disk")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the trigger is SQLite's")
def test_it_still_has_room_after_the_database_refused_many_claims(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    row = click(ada, "After a bad minute", wake=no_wake)
    worker = worker_here(sandbox)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER away BEFORE UPDATE ON omixa_studio_generation "
            "BEGIN SELECT RAISE(ABORT, 'away'); END"
        )
        for _ in range(3):
            with pytest.raises(DatabaseError):
                worker.hand_out(wait=False)
        cursor.execute("DROP TRIGGER away")
    worker.hand_out(wait=False)
    wait_until(lambda: refreshed(row).state == "done")
    worker.stop()
