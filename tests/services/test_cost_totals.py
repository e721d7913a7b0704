"""The totals of costs: the sums of the ledger at every moment, whatever is asked of them."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from omixa_studio.models import Charge, CostTotal, Generation
from omixa_studio.models.spans import EVER, Span
from omixa_studio.queries.cost_check import wrong_totals
from omixa_studio.queries.cost_sums import cost_sums, stretches
from omixa_studio.queries.costs import generations
from omixa_studio.queries.picture_sums import picture_sums
from omixa_studio.queries.spent import STATES
from omixa_studio.services import cost_totals
from tests.factories import make_charge, make_generation, make_person
from tests.services.test_admin_races import RACE

DIMENSIONS = ("person", "model", "operation", "project", "day", "week", "month")
WHOLE = Span(date(2024, 11, 1), date(2026, 12, 31))
SPANS = (
    WHOLE,
    Span(date(2024, 12, 20), date(2026, 3, 7)),
    Span(date(2025, 1, 1), date(2025, 12, 31)),
    EVER,
)


def starts(row: Charge) -> dict[str, Any]:
    return {
        "person": row.person_id,
        "model": row.model,
        "operation": row.operation,
        "project": row.project_id,
        "day": row.day,
        "week": row.day - timedelta(days=row.day.weekday()),
        "month": row.day.replace(day=1),
    }


def summed(span: Span, by: tuple[str, ...]) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """Sum the ledger row by row."""
    failed = set(Generation.objects.filter(state="failed").values_list("pk", flat=True))
    sums: dict[tuple[Any, ...], Counter[str]] = {}
    rows = Charge.objects.filter(target="sandbox", day__range=(span.first, span.last))
    for row in rows.filter(**span.of_ledger):
        found = sums.setdefault(tuple(starts(row)[name] for name in by), Counter())
        found["billed"] += row.amount_micros * (row.kind in ("capture", "adjustment"))
        found["open"] += row.amount_micros * (row.kind in ("hold", "raise", "release"))
        found["requests"] += row.kind == "hold"
        found["not_final"] += (row.kind == "hold") - (row.kind == "release")
        found["failed"] += row.kind == "release" and row.generation_id in failed
        found["pictures"] += row.pictures
    names = ("billed", "open", "requests", "not_final", "failed", "pictures")
    return {key: tuple(found[name] for name in names) for key, found in sums.items()}


def told(span: Span, by: tuple[str, ...], **only: Any) -> dict[tuple[Any, ...], tuple[int, ...]]:
    return {
        key: (one.billed, one.open, one.requests, one.not_final, one.failed, one.pictures)
        for key, one in cost_sums("sandbox", span, by, only=only).items()
    }


def compare() -> None:
    for span in SPANS:
        for by in [(), *((name,) for name in DIMENSIONS), *combinations(DIMENSIONS, 2)]:
            assert told(span, by) == summed(span, by), (span, by)


def compare_narrowed() -> None:
    person = Charge.objects.earliest("id").person_id
    filters: list[dict[str, Any]] = [
        {"person_id": person},
        {"model": "m1", "operation": "edit"},
        {"project_id": 0, "person_id": person},
        {"person_id": person, "model": "m1", "operation": "edit", "project_id": 2},
    ]
    for given in filters:
        span = Span(date(2024, 12, 20), date(2026, 3, 7), **given)
        for by in [(), ("person",), ("month", "project"), ("model", "operation"), ("day", "model")]:
            assert told(span, by) == summed(span, by), (given, by)


def book(first: int, last: int) -> None:
    people = [make_person() for _ in range(3)]
    chance = random.Random(first)
    for n in range(first, last):
        day = date(2024, 11, 20) + timedelta(days=chance.randrange(740))
        state = "failed" if n % 5 == 0 else "done"
        row = make_generation(
            people[n % 3],
            model=f"m{n % 4}",
            operation=("generate", "edit")[n % 2],
            state=state,
            target="sandbox" if n % 7 else "elsewhere",
        )
        same: dict[str, Any] = {"day": day, "project_id": n % 3}
        make_charge(row, "hold", amount_micros=50_000, **same)
        if n % 3:
            make_charge(row, "release", amount_micros=-50_000, **same)
            make_charge(row, amount_micros=40_000 + n, pictures=n % 4, **same)


@pytest.mark.django_db
def test_the_sums_are_the_same_before_and_after_rows_are_added() -> None:
    book(0, 40)
    compare()
    assert cost_totals.add_rows(most=70) == 70
    compare()
    compare_narrowed()
    while cost_totals.add_rows():
        continue
    compare()
    compare_narrowed()
    assert CostTotal.objects.exists()


@pytest.mark.django_db
def test_a_few_rows_wait_for_more() -> None:
    make_charge(make_generation(make_person()), "hold", pk=9_000)  # ids have gaps
    book(0, 3)
    cost_totals.catch_up()
    assert not CostTotal.objects.exists()


@pytest.mark.django_db
def test_a_total_that_is_not_the_ledgers_is_found() -> None:
    book(0, 20)
    assert wrong_totals() == {}
    cost_totals.add_rows(most=30)
    assert wrong_totals() == {}
    while cost_totals.add_rows():
        continue
    assert wrong_totals() == {}
    one = CostTotal.objects.filter(kind="mo", target="sandbox").earliest("id")
    CostTotal.objects.filter(pk=one.pk).update(billed_micros=one.billed_micros + 7)
    assert wrong_totals() == {("sandbox", "mo"): (7, 0, 0, 0)}


@pytest.mark.django_db
def test_they_can_be_narrowed_to_several() -> None:
    book(0, 30)
    cost_totals.add_rows(most=50)
    everything = summed(WHOLE, ("model", "project"))
    expected = {key: sums for key, sums in everything.items() if key[0] in ("m1", "m2")}
    assert told(WHOLE, ("model", "project"), model=["m1", "m2"]) == expected
    assert told(WHOLE, ("model", "project"), model=[]) == {}


def test_days_are_cut_into_years_months_and_days() -> None:
    for first, last in (
        (date(2024, 11, 27), date(2026, 11, 30)),
        (date(2025, 1, 1), date(2025, 12, 31)),
        (date(2026, 11, 5), date(2026, 11, 5)),
        (date(2026, 1, 31), date(2026, 3, 1)),
    ):
        days: list[date] = []
        for grain, starts_on, until in stretches(first, last, "dmy"):
            length = {"d": 1, "m": 31, "y": 366}[grain]
            ends = until + timedelta(days=length)
            ends = ends if grain == "d" else ends.replace(day=1)
            days += [starts_on + timedelta(days=n) for n in range((ends - starts_on).days)]
        wanted = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        assert sorted(days) == wanted


RACING = """
from datetime import date
from omixa_studio.models import Charge, CostTotal
from omixa_studio.models.spans import EVER, Span
from omixa_studio.queries.cost_check import wrong_totals
from omixa_studio.queries.cost_sums import cost_sums
from omixa_studio.services import cost_totals, ledger

MONTH = Span(date(2026, 11, 1), date(2026, 11, 30))

def charge(n):
    return Charge(
        kind="hold", amount_micros=1, target="sandbox", month="2026-11",
        day=date(2026, 11, n % 3 + 1),
        generation_id=n, person_id=n % 2, person_name="x", model="m", operation="generate",
    )

def read():
    return sum(one.open for one in cost_sums("sandbox", MONTH, ("person",)).values())

def work(n):
    for k in range(12):
        if n % 4 == 0:
            cost_totals.add_rows(most=5)
        else:
            ledger.append([charge(1000 * n + 2 * k), charge(1000 * n + 2 * k + 1)])
        before = Charge.objects.count()
        if read() < before:
            return False
    return True
assert all(together(work))
assert read() == Charge.objects.count() > 24
while cost_totals.add_rows(most=5):
    pass
assert read() == Charge.objects.count()
assert sum(CostTotal.objects.filter(kind="m").values_list("requests", flat=True)) == read()
"""


def test_nothing_is_lost_or_counted_twice_at_the_same_moment(
    surroundings: dict[str, str],
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RACE + RACING], env=surroundings, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def plan_of(ask: Callable[[], object]) -> str:
    """Return how SQLite would run the first statement of a question."""
    with CaptureQueriesContext(connection) as asked:
        ask()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
        return " ".join(row[-1] for row in cursor.fetchall())


# PostgreSQL goes by statistics.
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'")


@pytest.mark.django_db
@on_sqlite
def test_it_finds_the_rows_of_one_person_by_them_whatever_else_is_asked() -> None:
    span = Span(date(2026, 1, 3), date(2026, 9, 3), person_id=5)
    only: dict[str, list[Any]] = {"project": [1, 2, 3, 4], "model": ["a", "b"]}
    plan = plan_of(lambda: cost_sums("sandbox", span, ("project", "model"), only=only))
    assert "cost_total_of_person (target=? AND kind=? AND person_id=?" in plan
    assert "cost_total_of_project" not in plan


@pytest.mark.django_db
@on_sqlite
@pytest.mark.parametrize("by", ["collection", "tag"])
def test_it_begins_with_what_is_collected_or_tagged(by: str) -> None:
    plan = plan_of(lambda: picture_sums("sandbox", WHOLE, (by,)))
    assert f"{by}_id>?" in plan.partition("SEARCH")[2].partition("SEARCH")[0]


@pytest.mark.django_db
@on_sqlite
def test_it_finds_open_requests_by_their_state() -> None:
    rows = generations("sandbox", WHOLE, few=True).filter(STATES["open"])
    plan = plan_of(lambda: list(rows.values_list("pk")))
    assert "generation_by_state (state=?" in plan
    assert "generation_by_charged (charged=?" in plan
