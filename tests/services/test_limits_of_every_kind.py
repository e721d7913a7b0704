"""Limits of every scope and period: at the click, at the claim, for what waits, as time goes by."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import NamedTuple

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    Balance,
    Charge,
    Generation,
    Limit,
    LimitRaise,
    Period,
    Person,
    Scope,
    State,
)
from omixa_studio.models.generations import Charged
from omixa_studio.models.limits import KEPT
from omixa_studio.queries import budget
from omixa_studio.queries.balance_check import differences
from omixa_studio.queries.past_limits import past_limits
from omixa_studio.services import claims, settling
from omixa_studio.services.budget import BudgetRefused, set_limit
from omixa_studio.services.submission import Choice, submit
from omixa_studio.services.tokens import make_token
from tests.factories import make_person, make_project

pytestmark = pytest.mark.django_db
CATALOGUE = load_catalogue(None)
IMAGEN = "imagen-4.0-generate-001"
LISTED = 40_000
EVERY_KIND = list(product(Scope, Period))


@pytest.fixture
def person() -> Person:
    return make_person()


class Named(NamedTuple):
    """What a request names: a project and an access token."""

    project: int | None = None
    token: int | None = None


NOTHING = Named()


def ask(person: Person, model: str = IMAGEN, named: Named = NOTHING) -> Generation:
    choice = Choice(
        model=CATALOGUE.models[model],
        values={"prompt": "A pier"},
        project_id=named.project,
        token_id=named.token,
    )
    return submit(person, choice, catalogue=CATALOGUE, wake=lambda: None)


def limit(person: Person, kind: tuple[Scope, Period], amount_micros: int) -> Named:
    """Set a limit of a kind that applies to a person's request; give what it has to name."""
    project, token = make_project(person).pk, make_token(person, "Script", ["make"], None)[0].pk
    scope, period = kind
    subjects = {
        Scope.PERSON: str(person.pk),
        Scope.ROLE: person.role,
        Scope.PROJECT: str(project),
        Scope.MODEL: IMAGEN,
        Scope.TOKEN: str(token),
        Scope.STUDIO: "",
    }
    set_limit(scope, subjects[scope], amount_micros, period=period)
    return Named(project, token)


def bill(row: Generation | None, micros: int) -> None:
    assert row is not None
    outcome = settling.Settlement(state=State.FAILED, charged=Charged.YES, billed_micros=micros)
    assert settling.settle(row, outcome, settled_by="test")


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_it_lets_through_exactly_what_fits(person: Person, kind: tuple[Scope, Period]) -> None:
    named = limit(person, kind, 2 * LISTED + 1)
    for _ in range(2):
        ask(person, named=named)
    with pytest.raises(BudgetRefused) as refused:
        ask(person, named=named)
    room = refused.value.room
    assert (room.scope, room.period, room.left_micros) == (*kind, 1)
    assert differences() == {}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_dear_bill_stops_what_waits(person: Person, kind: tuple[Scope, Period]) -> None:
    """A bill above its hold is recorded in full, flagged, and counts at once everywhere."""
    named = limit(person, kind, 3 * LISTED)
    first, *waiting = [ask(person, named=named) for _ in range(3)]
    bill(claims.claim_next("sandbox", "w1"), 250_000)
    first.refresh_from_db()
    assert first.over_hold
    counted = Balance.objects.filter(target="sandbox").values_list("counted_micros", flat=True)
    # What waits is held at what it was just billed.
    assert list(counted) == [3 * 250_000] * len(KEPT)
    [past] = past_limits("sandbox").values()
    assert past.pks == [row.pk for row in reversed(waiting)]
    assert claims.claim_next("sandbox", "w1") is None
    assert {row.state for row in Generation.objects.filter(pk__in=past.pks)} == {"cancelled"}
    assert differences() == {}


@pytest.mark.parametrize("scope", list(Scope))
def test_a_request_without_a_known_price_is_held(person: Person, scope: Scope) -> None:
    unpriced = next(
        model.slug
        for model in CATALOGUE.enabled
        if "generate" in model.operations and model.image_price is None and not model.prices
    )
    kind = (scope, Period.DAY)
    named = limit(person, kind, 99_999)
    if scope == Scope.MODEL:
        Limit.objects.update(subject=unpriced)
    with pytest.raises(BudgetRefused) as refused:
        ask(person, unpriced, named)
    assert refused.value.needed_micros >= 100_000


def test_a_raise_counts_until_its_time(person: Person) -> None:
    set_limit(Scope.PERSON, person.pk, LISTED)
    until = timezone.now() + timedelta(hours=1)
    raised = LimitRaise.objects.create(
        limit=Limit.objects.get(), extra_micros=2 * LISTED, until=until
    )
    rows = [ask(person) for _ in range(3)]
    with pytest.raises(BudgetRefused):
        ask(person)
    assert budget.rooms(budget.keys_now("sandbox", person))[0].raised_micros == 2 * LISTED
    bill(claims.claim_next("sandbox", "w1"), LISTED)
    LimitRaise.objects.filter(pk=raised.pk).update(until=timezone.now())
    assert claims.claim_next("sandbox", "w1") is None
    rows[1].refresh_from_db()
    assert rows[1].state == "cancelled"


@pytest.mark.parametrize(
    ("period", "after"),
    [
        (Period.DAY, datetime(2026, 3, 29, 22, 0, 1, tzinfo=UTC)),
        (Period.WEEK, datetime(2026, 3, 29, 22, 0, 1, tzinfo=UTC)),
        (Period.MONTH, datetime(2026, 3, 31, 22, 0, 1, tzinfo=UTC)),
    ],
)
def test_it_resets_at_midnight_of_the_studio_when_clocks_change(
    person: Person, settings: Settings, period: Period, after: datetime
) -> None:
    """In Berlin the 29th of March 2026 has 23 hours, and is the last day of its week."""
    settings.TIME_ZONE = "Europe/Berlin"
    with time_machine.travel(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), tick=False) as clock:
        set_limit(Scope.PERSON, person.pk, LISTED, period=period)
        ask(person)
        with pytest.raises(BudgetRefused) as refused:
            ask(person)
        assert refused.value.room.resets_at == after - timedelta(seconds=1)
        clock.move_to(after - timedelta(seconds=2))
        with pytest.raises(BudgetRefused):
            ask(person)
        clock.move_to(after)
        ask(person)
    assert differences() == {}


def test_everything_of_a_click_counts_on_its_day_wherever_the_studio_moves(
    person: Person, settings: Settings
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    with time_machine.travel(datetime(2026, 11, 29, 23, 30, tzinfo=UTC), tick=False) as clock:
        ask(person)
        settings.TIME_ZONE = "America/New_York"
        clock.shift(timedelta(days=40))
        bill(claims.claim_next("sandbox", "w1"), 39_000)
    assert set(Charge.objects.values_list("day", flat=True)) == {date(2026, 11, 30)}
    counted = Balance.objects.values_list("period", "starts_on", "counted_micros").distinct()
    assert set(counted) == {
        ("day", date(2026, 11, 30), 39_000),
        ("week", date(2026, 11, 30), 39_000),
        ("month", date(2026, 11, 1), 39_000),
    }


def test_a_claim_locks_only_what_has_a_limit(person: Person) -> None:
    set_limit(Scope.STUDIO, "", 10 * LISTED, period=Period.DAY)
    set_limit(Scope.MODEL, IMAGEN, 1, hard=False)
    ask(person)
    with CaptureQueriesContext(connection) as asked:
        assert claims.claim_next("sandbox", "w1")
    locking = [
        one["sql"] for one in asked if "FOR UPDATE" in one["sql"] and "balance" in one["sql"]
    ]
    assert len(locking) == (1 if connection.features.has_select_for_update else 0)
    assert all(one.count(",") <= 1 for one in locking)
