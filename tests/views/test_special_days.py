"""Screens on the days on which a calendar breaks: year's end, leap day, a change of clocks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from omixa_studio.forms.costs import month_end
from omixa_studio.models import Person, Picture, Scope
from omixa_studio.models.ledger import today
from omixa_studio.queries import budget
from omixa_studio.services.budget import set_limit
from tests.factories import make_charge, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Day:
    """A moment in a time zone, and what a calendar says of it."""

    at: str
    zone: str
    today: str
    week: str
    month: tuple[str, str]
    before: tuple[str, str]
    resets: str


DAYS = {
    "31 December": Day(
        at="2026-12-31T12:00:00+00:00",
        zone="UTC",
        today="2026-12-31",
        week="2026-12-25",
        month=("2026-12-01", "2026-12-31"),
        before=("2026-11-01", "2026-11-30"),
        resets="2027-01-01T00:00:00+00:00",
    ),
    "1 January where it is still December": Day(
        at="2026-12-31T22:30:00+00:00",
        zone="Europe/Riga",
        today="2027-01-01",
        week="2026-12-26",
        month=("2027-01-01", "2027-01-31"),
        before=("2026-12-01", "2026-12-31"),
        resets="2027-02-01T00:00:00+02:00",
    ),
    "29 February": Day(
        at="2028-02-29T23:59:59+00:00",
        zone="UTC",
        today="2028-02-29",
        week="2028-02-23",
        month=("2028-02-01", "2028-02-29"),
        before=("2028-01-01", "2028-01-31"),
        resets="2028-03-01T00:00:00+00:00",
    ),
    "31 March after a short month": Day(
        at="2027-03-31T12:00:00+00:00",
        zone="America/New_York",
        today="2027-03-31",
        week="2027-03-25",
        month=("2027-03-01", "2027-03-31"),
        before=("2027-02-01", "2027-02-28"),
        resets="2027-04-01T00:00:00-04:00",
    ),
    "clocks go forward": Day(
        at="2027-03-28T01:30:00+00:00",
        zone="Europe/Riga",
        today="2027-03-28",
        week="2027-03-22",
        month=("2027-03-01", "2027-03-31"),
        before=("2027-02-01", "2027-02-28"),
        resets="2027-04-01T00:00:00+03:00",
    ),
    "clocks go back": Day(
        at="2026-10-25T00:30:00+00:00",
        zone="Europe/Riga",
        today="2026-10-25",
        week="2026-10-19",
        month=("2026-10-01", "2026-10-31"),
        before=("2026-09-01", "2026-09-30"),
        resets="2026-11-01T00:00:00+02:00",
    ),
}


@pytest.fixture(params=DAYS.values(), ids=list(DAYS))
def day(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Day]:
    """Make it this day for the studio; the clock of the database goes on."""
    settings.TIME_ZONE = request.param.zone
    with time_machine.travel(datetime.fromisoformat(request.param.at), tick=False):
        yield request.param


@pytest.fixture
def admin(day: Day, client: Client) -> Person:
    """An admin who has logged in on that day."""
    person = make_person(role="admin")
    client.force_login(person)
    return person


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_it_offers_the_right_days_for_the_gallery(day: Day, admin: Person, client: Client) -> None:
    html = read(client, "/gallery/")
    offered = [unquote(one) for one in re.findall(r"\?since=[\d-]+(?:&amp;until=[\d-]+)?", html)]
    told = [
        f"?since={day.today}",
        f"?since={day.week}",
        f"?since={day.month[0]}",
        f"?since={day.before[0]}&amp;until={day.before[1]}",
    ]
    # Once in the row of filters and once in the menu of a phone.
    assert offered == told * 2


@pytest.mark.parametrize("edge", ["first", "last"])
def test_it_hangs_the_edges_of_last_month(
    day: Day, admin: Person, client: Client, edge: str
) -> None:
    zone = ZoneInfo(day.zone)
    first, last = (datetime.fromisoformat(one).replace(tzinfo=zone) for one in day.before)
    inside = first if edge == "first" else last + timedelta(hours=23, minutes=59)
    outside = inside - timedelta(minutes=1) if edge == "first" else inside + timedelta(minutes=1)
    hung, *_ = (
        make_picture(make_generation(admin), created_at=at.astimezone(UTC))
        for at in (inside, outside)
    )
    html = read(client, f"/gallery/?since={day.before[0]}&until={day.before[1]}")
    assert re.findall(r'data-picture="(\d+)"', html) == [str(hung.pk)]
    assert "Last month" in html


def test_it_shows_the_costs_of_this_month(day: Day, admin: Person, client: Client) -> None:
    for at in (day.month[0], day.month[1], day.before[1]):
        made = make_generation(admin, month=at[:7])
        make_charge(made, day=date.fromisoformat(at), month=at[:7])
    html = " ".join(read(client, "/costs/").split())
    assert "Practice <strong>$0.08</strong>" in html
    assert f"?from={day.before[0]}&amp;to={day.before[1]}" in html


def test_it_says_when_a_limit_begins_anew(day: Day, admin: Person, client: Client) -> None:
    assert str(today()) == day.today
    assert str(month_end(today())) == day.month[1]
    month = budget.current_month()
    assert month == day.today[:7]
    assert budget.next_month_starts(month) == datetime.fromisoformat(day.resets)


def test_a_full_limit_refuses_until_the_next_month(day: Day, admin: Person, client: Client) -> None:
    set_limit(Scope.PERSON, admin.pk, 0)
    asked = {"model": "imagen-4.0-generate-001", "prompt": "a fox"}
    answer = client.post("/generations/", asked)
    assert answer.status_code == 422
    begins = datetime.fromisoformat(day.resets)
    assert f"1 {begins:%B}" in answer.content.decode()


@pytest.mark.parametrize("path", ["/", "/gallery/", "/team/", "/trash/", "/costs/", "/account/"])
def test_every_screen_opens(day: Day, admin: Person, client: Client, path: str) -> None:
    picture = make_picture(make_generation(admin), trashed_at=datetime.fromisoformat(day.at))
    Picture.objects.filter(pk=picture.pk).update(created_at=datetime.fromisoformat(day.at))
    read(client, path)


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_is_followed_by_the_next(month: int) -> None:
    after = budget.next_month_starts(f"2026-{month:02}")
    year, number = (2027, 1) if month == 12 else (2026, month + 1)
    assert after == datetime(year, number, 1, tzinfo=UTC)


@pytest.mark.parametrize("month", [1, 2, 12])
def test_a_month_over_two_pages_is_summed_up_to_the_next(
    client: Client, person: Person, month: int
) -> None:
    """January of the same year is not the month after December."""
    made = make_generation(person)
    hung = make_picture(made, cost_micros=10_000)
    noon = datetime(2026, month, 28, 12, tzinfo=UTC)
    for index in range(1, 60):
        hung.pk, hung.index, hung.created_at = None, index, noon
        hung.save(force_insert=True)
    Picture.objects.filter(index=0).update(created_at=noon + timedelta(days=7))
    html = re.sub(r"<[^>]+>|\s+", " ", read(client, "/gallery/"))
    assert f"{noon:%B} 2026 59 pictures · $0.59" in " ".join(html.split())
