"""A claim at a limit on which thousands wait: few statements, small ones, nothing loaded twice."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from omixa_studio.models import BalanceKey, Charge, Generation, Period, Person, Scope, State
from omixa_studio.models.generations import Charged
from omixa_studio.models.limits import counts_in, keys_of
from omixa_studio.queries.balance_check import differences
from omixa_studio.services import claims, settling
from tests.factories import make_charge, make_generation, make_limit, make_person

from .test_cancelling_many import many

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_values_in_a_statement")]
ROWS, HELD = 2_400, 40_000


def claim() -> Generation | None:
    return claims.claim_next("sandbox", "w1")


def by_state() -> dict[str, int]:
    states = Generation.objects.order_by().values_list("state").annotate(Count("pk"))
    return dict(states)


def one_under_way_past_the_limit(person: Person) -> Generation:
    """Of many that wait one is under way, another was billed all that the limit has."""
    many(person, ROWS)
    first, second = claim(), claim()
    assert first
    assert second
    outcome = settling.Settlement(state=State.FAILED, charged=Charged.YES, billed_micros=10**6)
    assert settling.settle(first, outcome, settled_by="test")
    make_limit(person.pk, 10**6)
    return second


def test_it_lets_all_wait_without_reading_them() -> None:
    one_under_way_past_the_limit(make_person())
    # A second for each thousand.
    soon = timezone.now() + timedelta(seconds=2.9)
    with CaptureQueriesContext(connection) as asked:
        assert claim() is None
    assert by_state() == {"failed": 1, "running": 1, "queued": ROWS - 2}
    assert not Generation.objects.filter(state="queued", not_before__lt=soon).exists()
    assert len(asked) < 60
    assert '"body"' not in " ".join(query["sql"] for query in asked)
    with CaptureQueriesContext(connection) as asked:
        assert claim() is None
    assert len(asked) < 4  # they are all looked at later, not one after the other


def test_it_cancels_all_when_none_is_under_way() -> None:
    person = make_person()
    many(person, ROWS)
    make_limit(person.pk, 0)
    with CaptureQueriesContext(connection) as asked:
        assert claim() is None
    assert by_state() == {"cancelled": ROWS}
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == 0
    assert differences() == {}
    assert len(asked) < 120


def test_it_reads_no_more_than_it_may_have_to_cancel() -> None:
    person = make_person()
    many(person, ROWS)
    make_limit(person.pk, (ROWS - 3) * HELD)
    with CaptureQueriesContext(connection) as asked:
        assert claim()
    assert by_state() == {"cancelled": 3, "queued": ROWS - 4, "running": 1}
    newest = Generation.objects.order_by("-pk").values_list("state", flat=True)[:4]
    assert list(newest) == ["cancelled"] * 3 + ["queued"]
    assert len(asked) < 60


@pytest.mark.parametrize(
    ("kind", "starts_on", "others"),
    [
        ((Scope.PERSON, Period.MONTH), "2026-11-01", "2026-12-01"),
        ((Scope.STUDIO, Period.DAY), "2026-11-26", "2026-11-27"),
        ((Scope.MODEL, Period.WEEK), "2026-11-23", "2026-11-30"),
    ],
)
def test_a_statement_finds_what_counts_in_a_balance(
    kind: tuple[Scope, Period], starts_on: str, others: str
) -> None:
    person, other = make_person(), make_person()
    days = ["2026-10-31", "2026-11-22", "2026-11-26", "2026-11-29", others]
    for day in days:
        for whose in (person, other):
            row = make_generation(whose, target="sandbox")
            make_charge(row, day=date.fromisoformat(day), month=day[:7], model=f"of {whose.pk}")
    mine = Charge(
        target="sandbox",
        person_id=person.pk,
        model=f"of {person.pk}",
        month="2026-11",
        day=date(2026, 11, 26),
    )
    [key] = [one for one in keys_of(mine) if (one.scope, one.period) == kind]
    assert key.starts_on == date.fromisoformat(starts_on)
    found = set(Charge.objects.filter(counts_in(key)))
    assert found == {one for one in Charge.objects.all() if key in keys_of(one)}
    assert found
    assert not Charge.objects.filter(counts_in(BalanceKey("other", *key[1:]))).exists()
