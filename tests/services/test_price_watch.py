"""A choice that costs more than its own median is told to admins once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Notice, Person, PriceDay
from omixa_studio.models.ledger import today
from omixa_studio.services import price_watch
from omixa_studio.services.price_watch import watch
from tests.factories import make_charge, make_generation, make_person

pytestmark = pytest.mark.django_db


def bought(days_ago: int, micros: int = 40_000, count: int = 10, **options: Any) -> None:
    row = make_generation(make_person(), model="gpt-image-1.5", options=options)
    day = today() - timedelta(days=days_ago)
    make_charge(row, amount_micros=micros * count, pictures=count, day=day)


def look() -> list[PriceDay]:
    return watch("sandbox", load_catalogue(None))


@pytest.fixture
def admin(client: Client) -> Person:
    person = make_person("ada", role="admin")
    client.force_login(person)
    return person


@pytest.fixture
def usual() -> None:
    """A dollar and more on six earlier days, at $0.04 a picture."""
    for days_ago in range(1, 7):
        bought(days_ago, quality="high")


@pytest.mark.usefixtures("usual")
def test_it_tells_admins_once_a_day(admin: Person, client: Client) -> None:
    bought(0, 60_000, quality="high")
    [risen] = look()
    assert (risen.each_micros, risen.usual_micros) == (60_000, 40_000)
    bought(0, 70_000, quality="high")
    assert look() == []
    assert Notice.objects.get(kind="price_rose").person == admin
    said = client.get("/notices/").content.decode()
    assert "GPT Image 1.5 (high) costs $0.060 a picture today, usually $0.040." in said
    for address in ("/models/", "/costs/"):
        assert "usually $0.040" in client.get(address).content.decode()


@pytest.mark.usefixtures("usual", "admin")
@pytest.mark.parametrize(
    ("days_ago", "micros", "options"),
    [
        (0, 43_000, {"quality": "high"}),  # less than a tenth more
        (0, 60_000, {"quality": "low"}),  # another choice has no history
        (1, 90_000, {"quality": "high"}),  # yesterday's price is history by now
    ],
)
def test_it_is_silent_otherwise(days_ago: int, micros: int, options: dict[str, Any]) -> None:
    bought(days_ago, micros, **options)
    assert look() == []
    assert not Notice.objects.exists()


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize(("days", "count"), [(4, 10), (6, 1)])
def test_it_is_silent_without_enough_days_or_dollars(days: int, count: int) -> None:
    for days_ago in range(1, days + 1):
        bought(days_ago, count=count, quality="high")
    bought(0, 90_000, quality="high")
    assert look() == []


@pytest.mark.usefixtures("admin")
def test_today_is_not_in_its_own_median_and_old_days_are_forgotten() -> None:
    for days_ago in (*range(1, 4), *range(31, 40)):
        bought(days_ago, quality="high")
    bought(0, 90_000, quality="high")
    assert look() == []


@pytest.mark.usefixtures("usual", "admin")
def test_it_reads_each_bill_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_watch, "ROWS_AT_A_TIME", 2)
    look()
    look()
    assert sorted(PriceDay.objects.values_list("pictures", "billed_micros")) == [(10, 400_000)] * 6
