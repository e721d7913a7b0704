"""Real threads on one limit, one click, one row: on SQLite here, on PostgreSQL as well."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction
from django.db.models import Count, Sum
from django.db.models.functions import Now

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Charge, Generation, Kind, Picture, RunKind, State
from omixa_studio.models.generations import Charged
from omixa_studio.queries.balance_check import differences
from omixa_studio.queries.budget import counted, current_month
from omixa_studio.services import budget, claims, ledger, settling, withholding
from omixa_studio.services.endings import lock_in_order
from omixa_studio.services.keeping import Kept
from omixa_studio.services.runs import cancel_run, submit_run
from omixa_studio.services.submission import Choice, submit
from tests.factories import make_generation, make_limit, make_person
from tests.servers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
ROOM = 37


@pytest.fixture(autouse=True)
def _balances_say_what_the_ledger_says() -> Iterator[None]:
    yield
    assert differences() == {}


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Run `work(0…count-1)` at the same time; a fault of one is a fault of the test."""
    start, faults = threading.Barrier(count), []

    def run(number: int) -> None:
        try:
            start.wait()
            work(number)
        except Exception as fault:  # noqa: BLE001 - handed to the test below
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def choice() -> Choice:
    model = load_catalogue(None).find("imagen-4.0-generate-001")
    assert model is not None
    return Choice(model=model, values={"prompt": "A harbour"})


@pytest.mark.parametrize("of_studio", [True, False])
def test_it_lets_exactly_as_many_of_a_hundred_holds_pass_as_fit(of_studio: bool) -> None:
    people = [make_person() for _ in range(5 if of_studio else 1)]
    make_limit(None if of_studio else people[0].pk, ROOM * 40_000 + 39_999)
    refused: list[int] = []

    def ask(number: int) -> None:
        person = people[number % len(people)]
        try:
            submit(person, choice(), catalogue=load_catalogue(None), wake=lambda: None)
        except budget.BudgetRefused:
            refused.append(number)

    in_threads(100, ask)
    assert Charge.objects.filter(kind=Kind.HOLD).count() == ROOM
    assert Generation.objects.count() == ROOM
    assert len(refused) == 100 - ROOM


def test_it_counts_a_hundred_holds_while_a_limit_is_only_being_set() -> None:
    """Without a limit there is no row of one to lock: the balances are what is locked."""
    people = [make_person() for _ in range(3)]
    seen: list[int] = []

    def ask(number: int) -> None:
        if number == 50:
            make_limit(None, 1_000_000)
            return
        try:
            submit(people[number % 3], choice(), catalogue=load_catalogue(None), wake=lambda: None)
        except budget.BudgetRefused as refused:
            seen.append(refused.room.counted_micros)

    in_threads(100, ask)
    held = 40_000 * Generation.objects.count()
    assert counted("sandbox", current_month()) == held
    # Whoever was refused saw every hold before: never less than there was room for.
    assert all(1_000_000 - 40_000 < there <= held for there in seen)


def test_it_lets_nobody_wait_for_each_other_for_ever() -> None:
    """Clicks, runs, cancels, claims at a cap and bills, of the same people, all at once."""
    people = [make_person() for _ in range(2)]
    make_limit(None, 100_000_000)
    catalogue, model = load_catalogue(None), choice().model
    five = [Choice(model=model, values={"prompt": f"Harbour {n}"}) for n in range(5)]
    luck = [random.Random(number) for number in range(12)]

    def work(number: int) -> None:
        for _ in range(12):
            person = luck[number].choice(people)
            if number % 4 == 0:
                submit(person, choice(), catalogue=catalogue, wake=lambda: None)
            elif number % 4 == 1:
                run = submit_run(
                    person,
                    five,
                    kind=RunKind.LIST,
                    catalogue=catalogue,
                    wake=lambda: None,
                    cap_micros=80_000,
                )
                if luck[number].random() < 0.5:
                    cancel_run(run)
            elif number % 4 == 2:
                for row in Generation.objects.filter(state=State.QUEUED).order_by("-pk")[:3]:
                    claims.cancel(row)
            elif (claimed := claims.claim_next("sandbox", f"w{number}")) is not None:
                settling.settle(claimed, outcome_of(claimed), settled_by=f"worker:{number}")

    in_threads(12, work)
    assert Charge.objects.filter(kind=Kind.HOLD).count() == Generation.objects.count() > 0


def test_it_cancels_what_a_cap_forbids_while_a_person_cancels_it_too() -> None:
    """The claim holds balances that the person waits for, and must not wait for their rows."""
    thirty = [choice()] * 30
    run = submit_run(
        make_person(),
        thirty,
        kind=RunKind.LIST,
        catalogue=load_catalogue(None),
        wake=lambda: None,
        confirmed=True,
        cap_micros=40_000,
    )
    first = claims.claim_next("sandbox", "w1")
    assert first is not None
    assert settling.settle(first, outcome_of(first), settled_by="worker:w1")
    rest = list(Generation.objects.filter(group=run.pk, state=State.QUEUED).order_by("-pk"))

    def cancel(number: int) -> None:
        if number == 0:
            assert claims.claim_next("sandbox", "w1") is None
            return
        for row in rest[number - 1 :: 3]:
            claims.cancel(row)

    in_threads(4, cancel)
    states = Generation.objects.order_by().values_list("state").annotate(Count("id"))
    assert dict(states) == {"done": 1, "cancelled": 29}


def test_it_makes_one_generation_of_one_click_even_with_room_for_one_alone() -> None:
    person = make_person()
    make_limit(person.pk, 40_000)
    made: list[int | None] = []

    def ask(_number: int) -> None:
        row = submit(
            person, choice(), catalogue=load_catalogue(None), wake=lambda: None, click="c1"
        )
        made.append(row.pk)

    in_threads(20, ask)
    assert len(made) == 20
    assert set(made) == {Generation.objects.get().pk}
    assert Charge.objects.count() == 1


def test_it_gives_each_row_to_one_claim_alone() -> None:
    person = make_person()
    for _ in range(30):
        make_generation(person, state="queued")
    taken: list[Generation] = []

    def take(number: int) -> None:
        while (row := claims.claim_next("sandbox", f"w{number}")) is not None:
            taken.append(row)

    in_threads(8, take)
    assert len(taken) == 30
    assert len({row.pk for row in taken}) == len({row.attempt for row in taken}) == 30


def test_it_passes_the_send_guard_once_for_all() -> None:
    row = make_generation(make_person(), state="running")
    passed: list[bool] = []
    in_threads(20, lambda _number: passed.append(claims.pass_send_guard(row)))
    assert sorted(passed) == [False] * 19 + [True]


def test_it_books_every_answer_once_whoever_settles() -> None:
    """Worker, sweep and expiry meet on 150 rows: nothing unbooked, nothing twice."""
    person = make_person()
    rows = [
        make_generation(person, state="running", sent_at=Now(), lease=Now() + timedelta(seconds=n))
        for n in (0.0, 0.05, 60.0)
        for _ in range(50)
    ]
    for row in rows:
        ledger.hold(row)
    luck = random.Random(4)
    orders = [luck.sample(rows, len(rows)) for _ in range(4)]
    booked: list[int] = []

    def settle(number: int) -> None:
        if number == 4:
            for _ in range(30):
                claims.expire()
                time.sleep(0.01)
            return
        for row in orders[number]:
            if settling.settle(row, outcome_of(row), settled_by=f"worker:{number}"):
                booked.append(row.pk)

    in_threads(5, settle)
    assert sorted(booked) == sorted(row.pk for row in rows)
    assert set(Generation.objects.values_list("state", flat=True)) == {State.DONE}
    assert Picture.objects.count() == 150
    kinds = dict(Charge.objects.order_by().values_list("kind").annotate(Count("id")))
    assert kinds == {"hold": 150, "release": 150, "capture": 150}
    assert Charge.objects.aggregate(sum=Sum("amount_micros"))["sum"] == 150 * 39_000


def test_it_comes_to_the_bill_whether_a_person_or_the_answer_is_first() -> None:
    person = make_person()
    sent = {"state": "unknown", "charged": "unknown"}
    rows = [make_generation(person, **sent, attempt=uuid4()) for _ in range(40)]
    for row in rows:
        ledger.hold(row)
    luck = random.Random(5)
    orders = [luck.sample(rows, len(rows)) for _ in range(4)]

    def end(number: int) -> None:
        for row in orders[number]:
            outcome = outcome_of(row)
            if number < 2:
                settling.decide(row, billed_micros=number * 50_000, by="ada")
            elif not settling.settle(row, outcome, settled_by=f"worker:{number}"):
                settling.settle_late(row, outcome)

    in_threads(4, end)
    assert Picture.objects.count() == 40
    for row in rows:
        booked = Charge.objects.filter(generation_id=row.pk)
        sums = booked.aggregate(money=Sum("amount_micros"), pictures=Sum("pictures"))
        assert sums == {"money": 39_000, "pictures": 1}
    assert set(Generation.objects.values_list("billed_micros", flat=True)) == {39_000}


def outcome_of(row: Generation) -> settling.Settlement:
    picture = Picture(
        generation=row,
        person=row.person,
        model=row.model,
        index=0,
        name=f"pictures/{row.file_token}.png",
        thumb=f"thumbs/{row.file_token}.jpg",
        sha256="0" * 64,
        format="png",
        width=1,
        height=1,
        bytes=1,
    )
    kept = Kept((picture,), ())
    done = settling.succeeded(kept, billed=None, billed_text="", request_id="")
    return replace(done, charged=Charged.YES, billed_micros=39_000, billed_text="0.039")


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="one writes at a time")
def test_rows_that_have_to_wait_are_locked_in_the_order_in_which_others_are_cancelled() -> None:
    """In the order of the table, in which an update alone would lock them, both would deadlock."""
    first, second = (make_generation(make_person(), state="queued") for _ in range(2))
    Generation.objects.filter(pk=first.pk).update(prompt="Moved to the end of the table")
    begun = threading.Event()

    def cancel() -> None:
        with transaction.atomic():
            lock_in_order(Generation.objects.filter(pk=first.pk))
            begun.set()
            wait_until(somebody_waits_for_a_lock)
            lock_in_order(Generation.objects.filter(pk=second.pk))

    def put_off() -> None:
        begun.wait()
        with connection.cursor() as cursor:
            cursor.execute("SET enable_indexscan = off; SET enable_bitmapscan = off")
        withholding._wait(Generation.objects.all())

    in_threads(2, lambda number: (cancel, put_off)[number]())
    assert not Generation.objects.filter(not_before=None).exists()


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
