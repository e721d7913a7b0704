"""Refusals that cost nothing: tried again in time, or the queue waits for a person."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from omixa_studio.models import Charge, Generation, Pause
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import answers, claims, pauses, running
from omixa_studio.services.tools import Tools
from omixa_studio.spool import Label
from tests.factories import claimed_generation, in_old_words

pytestmark = pytest.mark.django_db


def claim() -> Generation | None:
    return claims.claim_next("sandbox", "another worker")


def let_time_pass() -> None:
    """As if every wait in the rows were over."""
    past = Now() - timedelta(seconds=1)
    Pause.objects.update(until=past)
    Generation.objects.filter(not_before__isnull=False).update(not_before=past)


@pytest.mark.parametrize("fault", ["status:429", "status:503"])
def test_it_tries_four_times_and_then_fails_free_of_charge(
    fault: str, tools: Tools, sandbox: Sandbox
) -> None:
    sandbox.script(always=fault)
    row: Generation | None = claimed_generation()
    for call in range(1, answers.MOST_TRIES + 1):
        assert row is not None
        assert row.tries == call - 1
        running.run(row, tools)
        assert claim() is None
        let_time_pass()
        row = claim()
    assert row is None
    ended = Generation.objects.get()
    assert (ended.state, ended.charged, ended.error) == ("failed", "no", answers.GIVEN_UP)
    assert len(sandbox.calls) == 4
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == 0


def test_it_succeeds_at_a_later_try_with_one_hold(tools: Tools, sandbox: Sandbox) -> None:
    sandbox.script("status:429", "status:503")
    running.run(claimed_generation(), tools)
    for _ in range(2):
        let_time_pass()
        row = claim()
        assert row is not None
        running.run(row, tools)
    assert Generation.objects.get().state == "done"
    assert sorted(Charge.objects.values_list("amount_micros", flat=True)) == [
        -40_000,
        40_000,
        40_000,
    ]


@pytest.mark.parametrize("fault", ["status:429,30", "status:503,30"])
def test_it_obeys_retry_after_for_every_worker(fault: str, tools: Tools, sandbox: Sandbox) -> None:
    sandbox.script(fault)
    waiting = claimed_generation("First")
    other = claimed_generation("Second")
    claims.hand_back(other)
    running.run(waiting, tools)
    assert claim() is None
    for seconds, holds in ((29, True), (31, False)):
        moment = Now() + timedelta(seconds=seconds)
        assert Pause.objects.filter(until__gt=moment).exists() is holds
        assert Generation.objects.filter(pk=waiting.pk, not_before__gt=moment).exists() is holds
    let_time_pass()
    assert claim() == waiting


@pytest.mark.parametrize("fault", ["status:401", "status:402"])
def test_it_pauses_for_everyone_until_a_person_resumes(
    fault: str, tools: Tools, sandbox: Sandbox
) -> None:
    sandbox.script(fault)
    met, waiting = claimed_generation("First"), claimed_generation("Second")
    claims.hand_back(waiting)
    running.run(met, tools)
    met.refresh_from_db()
    assert (met.state, met.charged) == ("failed", "no")
    let_time_pass()
    Pause.objects.update(until=None)
    pauses.end_outdated("sandbox", tools.key)
    assert claim() is None
    assert pauses.resume("sandbox") == 1
    assert claim() == waiting


@pytest.mark.parametrize("status", [401, 402, 429])
def test_it_does_not_pause_for_an_answer_of_an_earlier_worker(status: int, tools: Tools) -> None:
    row = claimed_generation()
    incoming = tools.spool.reserve(Label(row.pk, str(row.attempt)), 2**20)
    incoming.head(status, {})
    answers.finish(incoming.complete(), tools)
    row.refresh_from_db()
    assert row.state == ("queued" if status == 429 else "failed")
    assert not Pause.objects.exists()


def test_it_ends_an_open_pause_when_the_key_changes(tools: Tools, sandbox: Sandbox) -> None:
    sandbox.script("status:401")
    running.run(claimed_generation(), tools)
    pauses.end_outdated("sandbox", tools.key)
    assert Pause.objects.exists()
    pauses.end_outdated("sandbox", "omx_live_another")
    assert not Pause.objects.exists()


def test_it_never_shortens_a_pause(db: None) -> None:
    pauses.pause("sandbox", "rate", error=in_old_words("a"), seconds=60)
    pauses.pause("sandbox", "unavailable", error=in_old_words("b"), seconds=5)
    assert Pause.objects.get().reason == "rate"
    pauses.pause("sandbox", "balance", error=in_old_words("c"))
    pauses.pause("sandbox", "rate", error=in_old_words("d"), seconds=600)
    assert (Pause.objects.get().reason, Pause.objects.get().until) == ("balance", None)


def test_it_says_nothing_of_the_key_in_a_pause(db: None) -> None:
    pauses.pause("sandbox", "key", error=in_old_words("The key is refused."), key="omx_live_secret")
    assert "omx_live_secret" not in str(Pause.objects.values().get())


def test_it_waits_longer_from_try_to_try_without_retry_after(
    tools: Tools, sandbox: Sandbox
) -> None:
    for tries, least, most in ((0, 1, 3), (1, 3, 6), (2, 7, 11)):
        sandbox.script("status:503")
        row = claimed_generation()
        Generation.objects.filter(pk=row.pk).update(tries=tries)
        row.refresh_from_db()
        running.run(row, tools)
        due = Generation.objects.filter(pk=row.pk)
        assert due.filter(not_before__gt=Now() + timedelta(seconds=least)).exists()
        assert due.filter(not_before__lt=Now() + timedelta(seconds=most)).exists()
        Pause.objects.all().delete()
