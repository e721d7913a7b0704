"""Workers that stand still or lose their lease, and people who decide meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from omixa_studio.models import Charge, Generation, Person
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import claims, settling
from tests.crash.harness import (
    Forker,
    Process,
    broken_promises,
    click,
    no_wake,
    refreshed,
    settle_everything,
)
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# No renewal and no sweep of its own when it wakes up: the row is in other hands by then.
ASLEEP: dict[str, Any] = {"lease": 60.0, "renew": 60.0, "sweep": 60.0}


def jump_the_clock(row: Generation) -> None:
    """What an hour of suspension, or a clock set forward, does to a lease."""
    Generation.objects.filter(pk=row.pk).update(lease=Now() - timedelta(hours=1))
    claims.expire()


def stopped_before_the_guard(workers: Forker, row: Generation) -> Process:
    sleeper = workers.worker("asleep", instant="before the guard", waits_there=True, **ASLEEP)
    wait_until(sleeper.reached.exists)
    sleeper.stand_still()
    assert refreshed(row).state == "running"
    return sleeper


def stopped_in_the_call(workers: Forker, sandbox: Sandbox) -> Process:
    sandbox.script("slow:2")
    sleeper = workers.worker("asleep", **ASLEEP)
    wait_until(lambda: sandbox.calls)
    sleeper.stand_still()
    return sleeper


def test_it_does_not_send_after_another_worker_took_the_row(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    row = click(ada, "Asleep before the guard", wake=no_wake)
    sleeper = stopped_before_the_guard(workers, row)
    jump_the_clock(row)
    assert refreshed(row).state == "queued"
    workers.worker("awake")
    wait_until(lambda: refreshed(row).state == "done")
    sleeper.go_on()
    wait_until(lambda: not list(sleeper.spool.glob("*.part")))
    settle_everything(workers)
    assert len(sandbox.calls) == 1
    assert broken_promises(sandbox, workers.folder, set()) == []


def test_it_does_not_send_what_a_person_cancelled_meanwhile(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    row = click(ada, "Cancelled meanwhile", wake=no_wake)
    sleeper = stopped_before_the_guard(workers, row)
    jump_the_clock(row)
    assert claims.cancel(refreshed(row))
    sleeper.go_on()
    wait_until(lambda: not list(sleeper.spool.glob("*.part")))
    assert (refreshed(row).state, len(sandbox.calls)) == ("cancelled", 0)


def test_it_books_a_late_answer_from_unknown(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    row = click(ada, "Asleep in the call", wake=no_wake)
    sleeper = stopped_in_the_call(workers, sandbox)
    jump_the_clock(row)
    assert refreshed(row).state == "unknown"
    sleeper.go_on()
    wait_until(lambda: refreshed(row).state == "done")
    settle_everything(workers)
    assert broken_promises(sandbox, workers.folder, {row.pk}) == []


@pytest.mark.parametrize("word", [0, 70_000])
def test_it_keeps_a_late_answer_and_adjusts_after_a_person_decided(
    workers: Forker, sandbox: Sandbox, ada: Person, word: int
) -> None:
    row = click(ada, "Decided too early", wake=no_wake)
    sleeper = stopped_in_the_call(workers, sandbox)
    jump_the_clock(row)
    assert settling.decide(refreshed(row), billed_micros=word, by="ada")
    sleeper.go_on()
    wait_until(lambda: refreshed(row).came_late)
    late = refreshed(row)
    assert (late.state, late.billed_micros, late.charged) == ("failed", 40_000, "yes")
    assert late.pictures.get().cost_micros == 40_000
    booked = Charge.objects.filter(generation_id=row.pk).values_list("kind", "amount_micros")
    assert dict(booked) == {
        "hold": 40_000,
        "release": -40_000,
        "capture": word,
        "adjustment": 40_000 - word,
    }
    wait_until(lambda: not list(sleeper.spool.iterdir()))
    assert len(sandbox.calls) == 1
