"""Switching an account off: nothing of it is queued or claimed afterwards, in whatever race."""

import random
import threading
from collections.abc import Iterator

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Sum

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Charge, Generation, Person, Run, RunKind, State
from omixa_studio.queries.balance_check import differences
from omixa_studio.sentences import tell
from omixa_studio.services import claims, ledger, people, settling
from omixa_studio.services.audit import STUDIO, Actor
from omixa_studio.services.runs import submit_run
from omixa_studio.services.submission import AccountOff, submit
from tests.factories import make_generation, make_person
from tests.present import present

from .test_races import choice, in_threads, outcome_of


@pytest.fixture(autouse=True)
def _balances_say_what_the_ledger_says(db: None) -> Iterator[None]:
    yield
    assert differences() == {}


def ask(person: Person) -> Generation:
    return submit(person, choice(), catalogue=load_catalogue(None), wake=lambda: None)


def ask_for_five(person: Person) -> Run:
    return submit_run(
        person, [choice()] * 5, kind=RunKind.LIST, catalogue=load_catalogue(None), wake=lambda: None
    )


def held() -> int:
    return Charge.objects.aggregate(sum=Sum("amount_micros"))["sum"] or 0


def test_it_cancels_what_waits_and_says_who_did_it() -> None:
    person, other = make_person(), make_person()
    under_way, waiting, theirs = ask(person), ask(person), ask(other)
    assert claims.claim_next("sandbox", "w1") == under_way
    assert people.deactivate(person, by=Actor(1, "mara")) == [waiting]
    waiting.refresh_from_db()
    assert (waiting.state, waiting.charged) == ("cancelled", "no")
    assert tell(waiting.error) == "Cancelled by mara. The account was switched off."
    assert held() == under_way.held_micros + theirs.held_micros


def test_it_books_what_was_under_way() -> None:
    person = make_person()
    ask(person)
    row = claims.claim_next("sandbox", "w1")
    assert row is not None
    people.deactivate(person, by=STUDIO)
    assert claims.pass_send_guard(row)
    assert settling.settle(row, outcome_of(row), settled_by="worker:w1")
    assert held() == 39_000


def test_it_sends_nothing_that_comes_back_to_the_queue_of_nobody() -> None:
    """A 429 hands a call back after its account was switched off, or deleted."""
    person, deleted = make_person(), make_person()
    ask(person), ask(deleted)
    rows = [claims.claim_next("sandbox", "w1") for _ in range(2)]
    people.deactivate(person, by=STUDIO)
    Person.objects.filter(pk=deleted.pk).delete()
    for row in rows:
        assert row is not None
        assert claims.hand_back(row)
    assert claims.claim_next("sandbox", "w1") is None
    assert claims.cancel_of_nobody("sandbox") == 2
    assert (held(), claims.cancel_of_nobody("sandbox")) == (0, 0)


def test_it_brings_nothing_back_with_the_account() -> None:
    person = make_person()
    row = ask(person)
    assert claims.claim_next("sandbox", "w1") == row
    people.deactivate(person, by=STUDIO)
    claims.hand_back(Generation.objects.get())
    login = SessionStore()
    login["_auth_user_id"] = str(person.pk)
    login.save()
    people.reactivate(person, by=STUDIO)
    row.refresh_from_db()
    assert (row.state, claims.claim_next("sandbox", "w1")) == ("cancelled", None)
    assert not SessionStore().exists(present(login.session_key))


def test_it_queues_nothing_for_who_is_off_or_gone() -> None:
    off, gone = make_person(is_active=False), make_person()
    Person.objects.filter(pk=gone.pk).delete()
    for person in (off, gone):
        with pytest.raises(AccountOff):
            ask(person)
    with pytest.raises(AccountOff):
        ask_for_five(off)
    assert not Generation.objects.exists()
    assert not Run.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_leaves_nothing_waiting_however_the_clicks_race() -> None:
    """Clicks, runs and claims of a person in five threads; amid them the account goes off."""
    luck = random.Random(8)
    for _ in range(3):
        person, now = make_person(), threading.Event()

        def work(number: int, person: Person = person, now: threading.Event = now) -> None:
            if number == 0:
                now.wait(5)
                people.deactivate(person, by=STUDIO)
                return
            for n in range(12):
                try:
                    (ask, ask_for_five)[number % 2](person)
                except AccountOff:
                    return
                if n == luck.randrange(12):
                    now.set()
                if number > 4 and (row := claims.claim_next("sandbox", f"w{number}")):
                    settling.settle(row, outcome_of(row), settled_by=f"worker:{number}")

        in_threads(6, work)
        assert not Generation.objects.filter(state__in=("queued", "running")).exists()


@pytest.mark.django_db(transaction=True)
def test_it_either_sends_or_frees_each_row() -> None:
    """Claims and the switching off meet on the same hundred rows."""
    person = make_person()
    rows = [make_generation(person, state="queued") for _ in range(100)]
    for row in rows:
        ledger.hold(row)
    cancelled: list[Generation] = []
    claimed: list[Generation] = []

    def work(number: int) -> None:
        if number == 0:
            cancelled.extend(people.deactivate(person, by=STUDIO))
            return
        while (row := claims.claim_next("sandbox", f"w{number}")) is not None:
            claimed.append(row)

    in_threads(4, work)
    assert len(cancelled) + len(claimed) == len({*cancelled, *claimed}) == 100
    assert held() == sum(row.held_micros for row in claimed)
    assert Generation.objects.filter(state=State.QUEUED).count() == 0
