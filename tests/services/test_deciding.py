"""A person says what a call cost, where nobody else can: once, whoever races."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum

from omixa_studio.models import Charge, Generation, Kind, Picture, State
from omixa_studio.models.generations import Charged
from omixa_studio.services import ledger, settling
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


def held(state: str = "done", **fields: Any) -> Generation:
    """A call that ended without an amount: its hold of $0.04 is open."""
    open_cost = {"charged": "unknown", "billed_micros": None, **fields}
    generation = make_generation(make_person(), state=state, **open_cost)
    ledger.hold(generation)
    return generation


def balance(generation: Generation) -> int:
    rows = Charge.objects.filter(generation_id=generation.pk)
    return int(rows.aggregate(sum=Sum("amount_micros"))["sum"])


@pytest.mark.parametrize("state", ["done", "failed"])
def test_it_books_a_cost_and_keeps_the_state(state: str) -> None:
    generation = held(state)
    assert settling.decide_cost(generation, billed_micros=39_001, by="mara")
    generation.refresh_from_db()
    assert (generation.state, generation.charged) == (state, "yes")
    assert (generation.billed_micros, generation.decided_by) == (39_001, "mara")
    assert balance(generation) == 39_001
    kinds = Charge.objects.filter(generation_id=generation.pk).values_list("kind", flat=True)
    assert sorted(kinds) == ["capture", "hold", "release"]


def test_it_keeps_as_much_of_a_long_name_as_there_is_room_for() -> None:
    generation, name = held(), "mara" * 30
    assert settling.decide_cost(generation, billed_micros=0, by=name)
    generation.refresh_from_db()
    # SQLite would keep all of it, and only PostgreSQL refuse the row.
    assert generation.settled_by == f"person:{name}"[:80]


def test_it_gives_the_hold_back_where_nothing_was_charged() -> None:
    generation = held("failed")
    assert settling.decide_cost(generation, billed_micros=0, by="mara")
    generation.refresh_from_db()
    assert generation.charged == "no"
    assert balance(generation) == 0


def test_it_shares_a_decided_cost_among_the_pictures() -> None:
    generation = held(count=2)
    for index in range(2):
        make_picture(generation, index=index, cost_micros=None)
    settling.decide_cost(generation, billed_micros=39_001, by="mara")
    costs = Picture.objects.order_by("index").values_list("cost_micros", flat=True)
    assert list(costs) == [19_501, 19_500]
    capture = Charge.objects.get(generation_id=generation.pk, kind=Kind.CAPTURE)
    assert capture.pictures == 2


def test_it_flags_a_cost_above_the_hold() -> None:
    generation = held()
    settling.decide_cost(generation, billed_micros=50_000, by="mara")
    generation.refresh_from_db()
    assert generation.over_hold


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        ("done", {"charged": "yes", "billed_micros": 40_000}),
        ("failed", {"charged": "no"}),
        ("unknown", {}),
        ("running", {"charged": ""}),
        ("queued", {"charged": ""}),
    ],
)
def test_it_decides_only_costs_that_nobody_knows(state: str, fields: dict[str, object]) -> None:
    generation = held(state, **fields)
    before = Generation.objects.filter(pk=generation.pk).values().get()
    assert not settling.decide_cost(generation, billed_micros=1, by="mara")
    assert Generation.objects.filter(pk=generation.pk).values().get() == before
    assert balance(generation) == 40_000


def test_it_decides_once() -> None:
    generation = held()
    assert settling.decide_cost(generation, billed_micros=1, by="mara")
    assert not settling.decide_cost(generation, billed_micros=2, by="timur")
    generation.refresh_from_db()
    assert (balance(generation), generation.decided_by) == (1, "mara")


def test_it_cuts_a_long_username() -> None:
    generation = held()
    settling.decide_cost(generation, billed_micros=1, by="m" * 150)
    generation.refresh_from_db()
    assert set(generation.decided_by) == {"m"}


def test_it_adjusts_to_a_bill_that_comes_late() -> None:
    generation = held()
    make_picture(generation, cost_micros=None)
    settling.decide_cost(generation, billed_micros=10_000, by="mara")
    generation.refresh_from_db()
    again = Picture(generation=generation, index=0, name="x", model="x")
    late = settling.Settlement(
        state=State.DONE,
        charged=Charged.YES,
        billed_micros=39_000,
        billed_text="0.039",
        pictures=[again],
    )
    assert settling.settle_late(generation, late)
    assert not settling.settle_late(generation, late)
    assert balance(generation) == 39_000
    assert Picture.objects.filter(generation=generation).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["done", "unknown"])
def test_it_books_once_when_ten_decide_at_a_time(state: str) -> None:
    generation = held(state, settled_by=None if state == "unknown" else "t")
    decide = settling.decide if state == "unknown" else settling.decide_cost
    together = threading.Barrier(10)
    won = []

    def press(number: int) -> None:
        together.wait()
        won.append(decide(generation, billed_micros=number, by=f"admin{number}") and number)
        connection.close()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(1, 11)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [number for number in won if number]
    assert len(winners) == 1
    assert balance(generation) == winners[0]
