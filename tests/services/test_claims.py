"""Who works on a generation: every step is decided by one conditional update."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from omixa_studio.models import Charge, Generation, Pause, State
from omixa_studio.services import claims, ledger, pauses
from tests.factories import make_generation, make_person

pytestmark = pytest.mark.django_db


def claim(worker: str = "w1") -> Generation | None:
    return claims.claim_next("sandbox", worker)


def over() -> datetime:
    """When a lease ended that has run out; SQLite counts in milliseconds."""
    return timezone.now() - timedelta(seconds=1)


def test_it_takes_the_oldest_row_first() -> None:
    person = make_person()
    first, second = (make_generation(person, state="queued") for _ in range(2))
    assert [claim(), claim(), claim()] == [first, second, None]


def test_it_lets_one_request_pass_a_hundred_of_somebody_else() -> None:
    busy, quiet = make_person(), make_person()
    for _ in range(100):
        make_generation(busy, state="queued")
    only = make_generation(quiet, state="queued")
    assert claim() != only
    assert claim() == only


def test_it_draws_an_attempt_and_a_file_token_at_each_claim() -> None:
    make_generation(make_person(), state="queued", file_token="")
    first = claim()
    assert first is not None
    claims.hand_back(first)
    second = claim()
    assert second is not None
    assert first.attempt != second.attempt
    assert "" != first.file_token != second.file_token


def test_it_leaves_rows_of_another_target_alone() -> None:
    make_generation(make_person(), state="queued", target="www.omixa.cloud")
    assert claim() is None


def test_it_leaves_rows_alone_while_a_pause_holds() -> None:
    row = make_generation(make_person(), state="queued")
    pause = Pause.objects.create(target="sandbox", reason="balance")
    assert claim() is None
    Pause.objects.filter(pk=pause.pk).update(until=timezone.now() - timedelta(seconds=1))
    assert claim() == row


def test_it_waits_until_a_row_is_due() -> None:
    make_generation(make_person(), state="queued", not_before=timezone.now() + timedelta(minutes=1))
    assert claim() is None


def test_it_passes_the_send_guard_once() -> None:
    row = make_generation(make_person(), state="running")
    assert claims.pass_send_guard(row)
    assert not claims.pass_send_guard(row)


def test_it_refuses_the_send_guard_to_an_old_attempt() -> None:
    row = make_generation(make_person(), state="queued")
    old = claim()
    assert old is not None
    claims.hand_back(old)
    assert claim("w2") == row
    assert not claims.pass_send_guard(old)


def test_it_refuses_the_send_guard_after_the_lease() -> None:
    row = make_generation(make_person(), state="running", lease=over())
    assert not claims.pass_send_guard(row)


def test_it_queues_an_unsent_row_again_when_its_lease_ran_out() -> None:
    row = make_generation(make_person(), state="running", lease=over())
    assert claims.expire() == 1
    row.refresh_from_db()
    assert (row.state, row.attempt, row.lost_claims) == ("queued", None, 1)


def test_it_gives_up_after_three_lost_claims_and_releases_the_hold() -> None:
    row = make_generation(make_person(), state="running", lease=over(), lost_claims=3)
    ledger.hold(row)
    claims.expire()
    row.refresh_from_db()
    assert (row.state, row.charged) == ("failed", "no")
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == 0


def test_it_never_queues_a_sent_row_again() -> None:
    row = make_generation(make_person(), state="running", lease=over(), sent_at=timezone.now())
    ledger.hold(row)
    claims.expire()
    row.refresh_from_db()
    assert (row.state, row.charged) == ("unknown", "unknown")
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == row.held_micros


def test_it_leaves_a_renewed_lease_alone() -> None:
    row = make_generation(make_person(), state="running", lease=over())
    claims.renew([row])
    assert claims.expire() == 0


@pytest.mark.parametrize("state", [state for state in State if state != State.RUNNING])
def test_it_touches_no_row_that_runs_no_more(state: State) -> None:
    """A worker that stood still still names the attempt of a row that others have settled."""
    row = make_generation(make_person(), state="running")
    Generation.objects.filter(pk=row.pk).update(state=state)
    before = Generation.objects.filter(pk=row.pk).values().get()
    assert claims.renew([row]) == 0
    assert not claims.pass_send_guard(row)
    assert not claims.hand_back(row)
    claims.abandon(row)
    assert claims.expire() == 0
    assert Generation.objects.filter(pk=row.pk).values().get() == before


def test_it_renews_all_in_hand_and_no_other() -> None:
    mine, _, lost = (make_generation(make_person(), state="running") for _ in range(3))
    Generation.objects.filter(pk=lost.pk).update(attempt=uuid4())
    assert claims.renew([mine, lost], lease_seconds=100) == 1
    renewed = Generation.objects.filter(lease__gt=Now() + timedelta(seconds=90))
    assert list(renewed) == [mine]


def test_it_abandons_an_unsent_row_to_the_queue_and_a_sent_one_to_people() -> None:
    unsent = make_generation(make_person(), state="running")
    sent = make_generation(make_person(), state="running", sent_at=timezone.now())
    claims.abandon(unsent)
    claims.abandon(sent)
    unsent.refresh_from_db()
    sent.refresh_from_db()
    assert (unsent.state, sent.state) == ("queued", "unknown")


def test_it_cancels_a_queued_row_once_and_releases_its_hold() -> None:
    row = make_generation(make_person(), state="queued")
    ledger.hold(row)
    assert claims.cancel(row)
    assert not claims.cancel(row)
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == 0


def test_it_does_not_cancel_a_running_row() -> None:
    assert not claims.cancel(make_generation(make_person(), state="running"))


def test_it_tells_the_time_by_the_database() -> None:
    row = make_generation(make_person(), state="running")
    claims.renew([row], lease_seconds=100)
    later = Now() + timedelta(seconds=90)
    assert Generation.objects.filter(pk=row.pk, lease__gt=later).exists()


def test_it_queues_an_unsent_row_of_another_gateway_again() -> None:
    """A worker started by mistake with another address must not end what others lost."""
    lost: dict[str, Any] = {"state": "running", "target": "old.example", "lease": over()}
    unsent = make_generation(make_person(), **lost)
    sent = make_generation(make_person(), **lost, sent_at=timezone.now())
    assert claims.expire() == 2
    unsent.refresh_from_db()
    sent.refresh_from_db()
    assert (unsent.state, unsent.target, sent.state) == ("queued", "old.example", "unknown")


def test_it_takes_a_lease_that_reaches_too_far_ahead_for_lost() -> None:
    """Written under a clock one hour ahead that was set back since."""
    person, ahead = make_person(), timezone.now() + timedelta(hours=1)
    sent = make_generation(person, state="running", lease=ahead, sent_at=ahead)
    unsent = make_generation(person, state="running", lease=ahead)
    hopeless = make_generation(person, state="running", lease=ahead, lost_claims=3)
    ledger.hold(hopeless)
    assert claims.expire() == 3
    for row, state in ((sent, "unknown"), (unsent, "queued"), (hopeless, "failed")):
        row.refresh_from_db()
        assert row.state == state


def test_it_leaves_a_lease_that_somebody_can_have_given() -> None:
    longest = timezone.now() + timedelta(seconds=claims.LONGEST_LEASE_SECONDS - 1)
    make_generation(make_person(), state="running", lease=longest)
    assert claims.expire() == 0


def test_it_waits_for_no_moment_further_ahead_than_any_wait() -> None:
    ahead = timezone.now() + timedelta(seconds=3600 + 60)
    row = make_generation(make_person(), state="queued", not_before=ahead)
    Pause.objects.create(target="sandbox", reason="rate", until=ahead)
    assert claim() == row
    pauses.end_outdated("sandbox", "key")
    assert not Pause.objects.exists()
