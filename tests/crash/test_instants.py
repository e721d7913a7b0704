"""A worker is killed at one exact instant; the next start finishes what can be finished."""

import signal
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from omixa_studio.models import Generation, Person
from omixa_studio.sandbox import Sandbox
from omixa_studio.spool import HEAD_BYTES
from tests.crash.harness import (
    INSTANTS,
    Forker,
    Process,
    answer_of,
    broken_promises,
    click,
    settle_everything,
    whole_answers,
)
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LONG: dict[str, Any] = {"lease": 60.0, "renew": 60.0, "sweep": 60.0}
WAITS, RECEIVES = "while it waits", "while it receives"
# What was sent and not received is unknown; everything else ends as if nothing had happened.
UNKNOWN = {
    "after the guard",
    "before the first byte",
    "between head and body",
    WAITS,
    RECEIVES,
}


def test_it_finishes_after_a_kill_at_every_instant(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    killed, received = {}, set()
    for instant in (*INSTANTS, WAITS, RECEIVES):
        killed[instant] = click(ada, f"Killed {instant}")
        process = kill_at(instant, killed[instant], workers, sandbox)
        received |= whole_answers(process.spool)
        # The workers of this test stand for machines; each gets the row that was made for it.
        set_due(killed[instant], timedelta(hours=1))
    assert len(received) == 7
    for row in killed.values():
        set_due(row, timedelta(0))
    Generation.objects.filter(state="running").update(lease=Now())
    settle_everything(workers)
    states = {what: Generation.objects.get(pk=row.pk).state for what, row in killed.items()}
    assert states == {what: "unknown" if what in UNKNOWN else "done" for what in killed}
    assert broken_promises(sandbox, workers.folder, received) == []


def kill_at(instant: str, row: Generation, workers: Forker, sandbox: Sandbox) -> Process:
    """Let a worker with a spool of its own take the row and die there."""
    if instant in INSTANTS:
        process = workers.worker(instant, instant=instant, **LONG)
        process.wait()
        return process
    usual, sandbox.fixed_answer = sandbox.fixed_answer, answer_of((700, 700))
    sandbox.script("hang" if instant == WAITS else "trickle")
    process = workers.worker(instant, **LONG)
    wait_until(lambda: any(call.prompt == row.prompt for call in sandbox.calls))
    if instant == RECEIVES:
        wait_until(lambda: body_of_part(process))
    process.end(signal.SIGKILL)
    sandbox.fixed_answer = usual
    return process


def body_of_part(process: Process) -> bytes:
    (part,) = process.spool.glob("*.part")
    return part.read_bytes()[HEAD_BYTES:].strip(b"\0")


def set_due(row: Generation, wait: timedelta) -> None:
    Generation.objects.filter(pk=row.pk).update(not_before=Now() + wait)
