"""What an admin stops and cancels: of everybody, of a person, of a run."""

from collections.abc import Iterator

import pytest
from django.db.models.functions import Now
from pytest_django import DjangoCaptureOnCommitCallbacks

from omixa_studio.models import Act, Brake, Generation, State
from omixa_studio.queries.balance_check import differences
from omixa_studio.queries.brakes import (
    Waiting,
    brakes_by_person,
    brakes_for,
    waiting_by_person,
)
from omixa_studio.queries.holdups import holdups_of
from omixa_studio.sentences import tell
from omixa_studio.services import brakes, claims, ledger, pauses, settling
from omixa_studio.services.audit import Actor
from omixa_studio.services.endings import cancel_waiting
from tests.factories import make_generation, make_person

from .test_races import in_threads, outcome_of
from .test_switching_off import ask, ask_for_five, held

MARA = Actor(1, "mara")


@pytest.fixture(autouse=True)
def _balances_say_what_the_ledger_says(db: None) -> Iterator[None]:
    yield
    assert differences() == {}


def claim() -> Generation | None:
    return claims.claim_next("sandbox", "w1")


def test_it_stops_everybody_until_it_is_let_go(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    row, woken = ask(make_person()), []
    assert brakes.stop("sandbox", by=MARA, why="Too dear")
    assert not brakes.stop("sandbox", by=MARA)
    assert claim() is None
    pauses.end_outdated("sandbox", "another key")
    assert pauses.resume("sandbox") == 0
    assert claim() is None
    with django_capture_on_commit_callbacks(execute=True):
        assert brakes.let_go("sandbox", by=MARA, wake=lambda: woken.append(1))
    assert woken == [1]
    assert not brakes.let_go("sandbox", by=MARA, wake=lambda: None)
    assert claim() == row
    acts = list(Act.objects.order_by("pk").values_list("kind", "who_name", "after"))
    assert acts == [("paused", "mara", "Too dear"), ("resumed", "mara", "")]


def test_it_stops_a_person_and_a_run_alone() -> None:
    first, second, third = make_person(), make_person(), make_person()
    ask(first)
    run = ask_for_five(second)
    free = ask(third)
    brakes.stop("sandbox", by=MARA, person=first)
    brakes.stop("sandbox", by=MARA, run=run)
    assert [claim(), claim()] == [free, None]
    brakes.let_go("sandbox", by=MARA, wake=lambda: None, run=run)
    row = claim()
    assert row is not None
    assert row.group == run.pk
    brakes.cancel("sandbox", by=MARA, run=run)
    assert claim() is None


def test_a_stop_says_nothing_of_rows_that_are_not_its_own() -> None:
    """Neither of a former member, of whom there is no id, nor of another run."""
    person = make_person()
    left, theirs, run = ask(make_person()), ask(person), ask_for_five(person)
    Generation.objects.filter(pk=left.pk).update(person=None)
    left.refresh_from_db()
    brakes.stop("sandbox", by=MARA, run=run)
    assert holdups_of("sandbox", [left, theirs]) == {}
    brakes.stop("sandbox", by=MARA, person=person)
    assert list(holdups_of("sandbox", [left, theirs])) == [theirs.pk]


def test_it_holds_what_came_back_after_the_stop() -> None:
    ask(make_person())
    row = claim()
    assert row is not None
    brakes.stop("sandbox", by=MARA)
    claims.hand_back(row)
    assert claim() is None


def test_it_cancels_what_waits_of_whom_it_names() -> None:
    person, other = make_person(), make_person()
    under_way = ask(person)
    assert claim() == under_way
    mine, run, theirs = ask(person), ask_for_five(person), ask(other)
    assert len(brakes.cancel("sandbox", by=MARA, run=run)) == 5
    assert brakes.cancel("sandbox", by=MARA, one=under_way) == []
    assert brakes.cancel("sandbox", by=MARA, person=person) == [mine]
    assert brakes.cancel("sandbox", by=MARA) == [theirs]
    mine.refresh_from_db()
    assert (mine.state, tell(mine.error)) == ("cancelled", "Cancelled by mara.")
    assert (mine.charged, mine.settled_by) == ("no", "studio")
    assert held() == under_way.held_micros
    assert settling.settle(under_way_now(), outcome_of(under_way), settled_by="worker:w1")
    acts = Act.objects.filter(kind="cancelled").order_by("pk")
    assert list(acts.values_list("whom_name", "thing", "after")) == [
        (person.username, f"run {run.pk}", "5"),
        (person.username, "sandbox", "1"),
        ("", "sandbox", "1"),
    ]


def test_the_log_says_whose_request_was_cancelled() -> None:
    row = ask(make_person("jon"))
    assert brakes.cancel("sandbox", by=MARA, one=row) == [row]
    act = Act.objects.get(kind="cancelled")
    assert (act.whom_name, act.thing, act.after) == ("jon", f"G-{row.pk}", "1")


def under_way_now() -> Generation:
    return Generation.objects.get(state=State.RUNNING)


def test_it_lets_go_at_its_own_target_alone() -> None:
    for target in ("sandbox", "www.omixa.cloud"):
        brakes.stop(target, by=MARA)
    assert brakes.let_go("sandbox", by=MARA, wake=lambda: None)
    assert Brake.objects.get().target == "www.omixa.cloud"


def test_a_stop_of_a_run_is_said_to_nobody_as_one_of_all() -> None:
    person = make_person()
    brakes.stop("sandbox", by=MARA, run=ask_for_five(person))
    assert brakes_for("sandbox", person) == []
    assert brakes_by_person("sandbox") == {}
    brakes.stop("sandbox", by=MARA, person=person, why="x" * 999)
    assert [len(brake.why) for brake in brakes_for("sandbox", person)] == [200]


def test_what_waits_for_another_target_is_not_counted_here() -> None:
    person = make_person()
    make_generation(person, state="queued", target="www.omixa.cloud", held_micros=0)
    assert waiting_by_person("sandbox") == {}
    assert waiting_by_person("www.omixa.cloud") == {person.pk: Waiting(count=1)}


def test_it_cancels_nothing_that_was_sent() -> None:
    row = ask(make_person())
    Generation.objects.filter(pk=row.pk).update(sent_at=Now())
    assert brakes.cancel("sandbox", by=MARA) == []
    assert cancel_waiting(Generation.objects.all()) == []
    row.refresh_from_db()
    assert row.state == State.QUEUED


def test_it_forgets_a_stop_with_its_person() -> None:
    person = make_person()
    brakes.stop("sandbox", by=MARA, person=person)
    person.delete()
    assert not Brake.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_either_sends_or_frees_each_row_while_all_is_cancelled() -> None:
    """Two admins cancel, two workers claim and settle, one admin stops, on a hundred rows."""
    rows = [make_generation(make_person(), state="queued") for _ in range(100)]
    for row in rows:
        ledger.hold(row)
    cancelled: list[Generation] = []
    settled: list[Generation] = []

    def work(number: int) -> None:
        if number == 4:
            brakes.stop("sandbox", by=MARA)
        elif number < 2:
            cancelled.extend(brakes.cancel("sandbox", by=MARA))
        else:
            while (row := claims.claim_next("sandbox", f"w{number}")) is not None:
                assert settling.settle(row, outcome_of(row), settled_by=f"worker:{number}")
                settled.append(row)

    in_threads(5, work)
    assert not Generation.objects.filter(state__in=("queued", "running")).exists()
    assert len(cancelled) + len(settled) == len({*cancelled, *settled}) == 100
    assert held() == 39_000 * len(settled)
