"""Balances say what the ledger says, whatever happens, and are all that is asked."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    Balance,
    Charge,
    Generation,
    Limit,
    Period,
    Person,
    Scope,
    State,
)
from omixa_studio.models.generations import Charged
from omixa_studio.models.periods import first_day, next_start
from omixa_studio.presenters.shell import shell_of
from omixa_studio.queries import budget
from omixa_studio.queries.balance_check import differences
from omixa_studio.services import claims, ledger, settling
from omixa_studio.services.budget import BudgetRefused, make_room, set_limit
from omixa_studio.services.submission import Choice, submit
from omixa_studio.worker import Worker, chores
from tests.factories import make_charge, make_generation, make_limit, make_person

pytestmark = pytest.mark.django_db


def test_it_moves_with_every_kind_of_row() -> None:
    person = make_person()
    row = make_generation(person, state="unknown")
    ledger.hold(row)
    month = budget.current_month()
    assert budget.counted("sandbox", month, person.pk) == 40_000
    ledger.capture(row, 39_000, "0.039")
    ledger.adjust(row, -1_000, text="0.038", reason="late")
    assert budget.counted("sandbox", month, person.pk) == 38_000
    assert budget.counted("sandbox", month) == 38_000
    assert differences() == {}


def test_it_keeps_row_and_balance_together_where_one_fails() -> None:
    row = make_generation(make_person())
    ledger.hold(row)
    with pytest.raises(DatabaseError), transaction.atomic():
        ledger.hold(row)
    assert differences() == {}


def test_it_tells_every_way_in_which_they_can_differ() -> None:
    person, other = make_person(), make_person()
    for one in (person, other):
        make_charge(make_generation(one))
    Balance.objects.filter(subject=str(person.pk)).update(counted_micros=40_001)
    Balance.objects.filter(subject=str(other.pk)).delete()
    Balance.objects.create(
        target="nowhere",
        scope="studio",
        period="month",
        starts_on=date(2020, 1, 1),
        counted_micros=7,
    )
    assert {(key.target, key.subject): above for key, above in differences().items()} == {
        ("sandbox", str(person.pk)): 1,
        ("sandbox", str(other.pk)): -40_000,
        ("nowhere", ""): 7,
    }


def test_it_is_said_loudly_by_the_worker(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    chores.compare_balances(worker)
    assert caplog.records == []
    make_charge(make_generation(make_person()))
    Balance.objects.filter(scope="studio", period="month").update(counted_micros=1)
    chores.compare_balances(worker)
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert "39999" in record.getMessage()


@pytest.mark.parametrize("seed", range(3))
def test_it_follows_the_ledger_through_all_that_can_happen(seed: int) -> None:
    """Random steps on few rows; after each, balances, ledger and rows agree."""
    luck = random.Random(seed)
    people = [make_person() for _ in range(3)]
    make_limit(people[0].pk, 300_000)
    steps: list[Callable[[], object]] = [
        lambda: _ask(luck.choice(people), luck.randint(1, 4)),
        lambda: _ask(luck.choice(people), 1),
        lambda: claims.claim_next("sandbox", "w1"),
        lambda: _end(luck, luck.choice(["yes", "no", "unknown"])),
        lambda: _decide(luck),
        lambda: _come_late(luck),
        lambda: [claims.cancel(row) for row in _rows(state=State.QUEUED)[:1]],
    ]
    for _ in range(120):
        luck.choice(steps)()
        assert differences() == {}
    held = Generation.objects.exclude(charged__in=("yes", "no"))
    expected = sum(row.held_micros for row in held)
    expected += sum(row.billed_micros or 0 for row in _rows(charged="yes"))
    assert budget.counted("sandbox", budget.current_month()) == expected > 0


def _ask(person: Person, count: int) -> None:
    catalogue = load_catalogue(None)
    model = catalogue.find("imagen-4.0-generate-001")
    assert model is not None
    choice = Choice(model=model, values={"prompt": "A harbour", "n": count})
    try:
        submit(person, choice, catalogue=catalogue, wake=lambda: None)
    except BudgetRefused:
        return


def _rows(**which: Any) -> list[Generation]:
    return list(Generation.objects.filter(**which).select_related("person").order_by("pk"))


def _outcome(luck: random.Random, charged: str) -> settling.Settlement:
    bill = luck.randrange(1, 200_000) if charged == "yes" else None
    state = {"yes": State.DONE, "no": State.FAILED, "unknown": State.UNKNOWN}[charged]
    return settling.Settlement(state=state, charged=Charged(charged), billed_micros=bill)


def _end(luck: random.Random, charged: str) -> None:
    for row in _rows(state=State.RUNNING)[:1]:
        assert settling.settle(row, _outcome(luck, charged), settled_by="worker:w1")


def _decide(luck: random.Random) -> None:
    for row in _rows(state=State.UNKNOWN, settled_by=None)[:1]:
        settling.decide(row, billed_micros=luck.choice([0, 39_000]), by="ada")


def _come_late(luck: random.Random) -> None:
    for row in _rows(settled_by__startswith="person:")[-1:]:
        settling.settle_late(row, replace(_outcome(luck, "yes"), seconds=1.0))


def test_it_checks_every_limit_and_tells_the_tightest() -> None:
    person = make_person()
    make_limit(person.pk, 90_000)
    make_limit(None, 70_000)
    set_limit(Scope.PERSON, person.pk, 1, hard=False)
    _ask(person, 1)
    keys = budget.keys_now("sandbox", person)
    found = {(room.scope, room.hard): room.left_micros for room in budget.rooms(keys)}
    assert found == {("person", True): 50_000, ("person", False): 0, ("studio", True): 30_000}
    tightest = budget.tightest(budget.rooms(keys))
    assert tightest is not None
    assert (tightest.scope, tightest.hard, tightest.left_micros) == ("studio", True, 30_000)
    assert budget.tightest(room for room in budget.rooms(keys) if not room.hard) is None
    with pytest.raises(BudgetRefused) as refused, transaction.atomic():
        ledger.hold(make_generation(person))
    room = refused.value.room
    assert (room.scope, room.subject, room.period, room.limit_micros, room.left_micros) == (
        "studio",
        "",
        "month",
        70_000,
        30_000,
    )
    assert room.resets_at == budget.next_month_starts(budget.current_month())


def test_it_can_be_asked_for_what_is_held_already() -> None:
    """As a claim will: nothing more is needed, but a dearer bill may have used the room."""
    person = make_person()
    make_limit(person.pk, 40_000)
    first = make_generation(person, state="running")
    ledger.hold(first)
    nothing_more = dict.fromkeys(budget.keys_now("sandbox", person), 0)
    make_room(nothing_more)
    ledger.capture(first, 250_000, "0.25")
    with pytest.raises(BudgetRefused), transaction.atomic():
        make_room(nothing_more)


def test_it_stacks_limits_of_several_scopes_and_periods() -> None:
    person = make_person()
    set_limit(Scope.MODEL, "imagen-4.0-generate-001", 60_000, period=Period.DAY)
    set_limit(Scope.PERSON, person.pk, 90_000, period=Period.WEEK)
    ledger.hold(make_generation(person))
    with pytest.raises(BudgetRefused) as refused, transaction.atomic():
        ledger.hold(make_generation(person))
    assert (refused.value.room.scope, refused.value.room.left_micros) == ("model", 20_000)
    ledger.hold(make_generation(person, model="another"))
    with pytest.raises(BudgetRefused) as refused, transaction.atomic():
        ledger.hold(make_generation(person, model="another"))
    assert refused.value.room.period == "week"
    assert differences() == {}


def test_it_begins_weeks_on_monday_and_years_after_december() -> None:
    assert first_day("week", date(2026, 11, 29)) == date(2026, 11, 23)
    assert next_start("week", date(2026, 11, 29)).date() == date(2026, 11, 30)
    assert next_start("day", date(2026, 12, 31)).date() == date(2027, 1, 1)
    for day in (date(2026, 12, 1), date(2026, 12, 31)):
        assert next_start("month", day).date() == date(2027, 1, 1)


def test_it_asks_for_no_row_of_the_ledger_while_a_person_waits() -> None:
    person = make_person(role="admin")
    make_limit(person.pk, 1_000_000)
    make_limit(None, 1_000_000)
    for ask in (lambda: shell_of(person), lambda: _ask(person, 1)):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            ask()
        table = Charge._meta.db_table
        assert not [q["sql"] for q in asked if table in q["sql"] and "INSERT" not in q["sql"]]
        money = [q["sql"] for q in asked if Limit._meta.db_table in q["sql"]]
        assert len(money) == 1
