"""A click is booked on one day, and so in one month, however long it takes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Charge, Generation, RunKind
from omixa_studio.queries.balance_check import differences
from omixa_studio.services import claims, runs
from omixa_studio.services.submission import Choice, draft_for, submit
from tests.factories import make_person

pytestmark = pytest.mark.django_db
CATALOGUE = load_catalogue(None)


@pytest.fixture
def midnight(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each draft of a click takes a second; the month ends after the fifth."""
    with time_machine.travel(datetime(2026, 11, 30, 23, 59, 55, tzinfo=UTC), tick=False) as clock:

        def slow(*arguments: object, **named: object) -> object:
            clock.shift(timedelta(seconds=1))
            return draft_for(*arguments, **named)  # type: ignore[arg-type]

        for module in ("runs", "submission"):
            monkeypatch.setattr(f"omixa_studio.services.{module}.draft_for", slow)
        yield


def choices(count: int) -> list[Choice]:
    model = CATALOGUE.find("imagen-4.0-generate-001")
    assert model is not None
    return [Choice(model=model, values={"prompt": f"A fox {n}"}) for n in range(count)]


@pytest.mark.usefixtures("midnight")
def test_it_books_a_click_of_many_in_one_month() -> None:
    runs.submit_run(
        make_person(),
        choices(20),
        kind=RunKind.LIST,
        catalogue=CATALOGUE,
        wake=lambda: None,
        confirmed=True,
    )
    assert set(Generation.objects.values_list("month", flat=True)) == {"2026-11"}
    assert booked() == {("2026-11", date(2026, 11, 30))}


@pytest.mark.usefixtures("midnight")
def test_it_books_day_and_month_of_each_click_of_one() -> None:
    for one in choices(7):
        submit(make_person(), one, catalogue=CATALOGUE, wake=lambda: None)
    days = Charge.objects.order_by("pk").values_list("month", "day")
    assert [(month, day.day) for month, day in days] == [("2026-11", 30)] * 5 + [("2026-12", 1)] * 2
    for row in Generation.objects.all():
        claims.cancel(row)
    assert (len(booked()), differences()) == (2, {})


def booked() -> set[tuple[str, date]]:
    return set(Charge.objects.values_list("month", "day"))
