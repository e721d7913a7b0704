"""The review of costs by two things, and the requests behind each of its figures."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from omixa_studio.models import Generation, Person, Project
from omixa_studio.services import ledger
from omixa_studio.services.tagging import tag_pictures
from tests.factories import hold, make_collection, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db
NOVEMBER = "from=2026-11-01&to=2026-11-30"
IMAGEN, UPSCALE = "imagen-4.0-generate-001", "stability-upscale-creative"


@pytest.fixture
def manager(client: Client) -> Person:
    person = make_person("mara", role="manager")
    client.force_login(person)
    return person


def click(
    person: Person, day: str = "2026-11-05", *, billed: int | None = 40_000, **fields: Any
) -> Generation:
    at = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)
    made = make_generation(person, created_at=at, month=day[:7], held_micros=50_000, **fields)
    made.refresh_from_db()
    hold(made)
    if billed is not None:
        ledger.capture(made, billed, "", pictures=1)
    return made


def cells(html: str) -> list[list[tuple[str, str]]]:
    """The text and the address of each cell of the table."""
    section = html[html.index('class="groups"') :].partition("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[_cell(cell) for cell in row] for row in found]


def _cell(html: str) -> tuple[str, str]:
    address = re.search(r'href="([^"]*)"', html)
    return re.sub(r"<[^>]+>", "", html).strip(), unescape(address[1]) if address else ""


@pytest.mark.parametrize("then", ["collection", "tag", "model", ""])
@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_days_without_costs_are_an_empty_table(client: Client, by: str, then: str) -> None:
    client.force_login(make_person(role="manager"))
    assert client.get(f"/costs/?{NOVEMBER}&by={by}&then={then}").status_code == 200
    click(make_person())
    assert client.get(f"/costs/?{NOVEMBER}&by={by}&then={then}&page=9").status_code == 200


def listed(client: Client, address: str) -> list[int]:
    response = client.get(address)
    assert response.status_code == 200
    return [int(pk) for pk in re.findall(r'data-request-id="(\d+)"', response.content.decode())]


def test_every_cell_of_two_groupings_opens_what_is_behind_it(
    client: Client, manager: Person
) -> None:
    jon, cats = make_person("jon"), Project.objects.create(name="Cats")
    mine = click(manager, project=cats, billed=70_000)
    his = click(jon, billed=20_000)
    later = click(jon, "2026-11-30", billed=5_000)
    head, first, second, total = cells(
        client.get(f"/costs/?{NOVEMBER}&by=person&then=project").content.decode()
    )
    assert [text for text, _ in head] == ["Person", "All", "Cats", "No project"]
    assert [text for text, _ in first] == ["mara", "$0.070", "$0.070", "–"]
    assert [text for text, _ in second] == ["jon", "$0.025", "–", "$0.025"]
    assert [text for text, _ in total] == ["All", "$0.095", "$0.070", "$0.025"]
    assert first[3][1] == second[2][1] == ""
    assert listed(client, first[2][1]) == [mine.pk]
    assert listed(client, second[3][1]) == [later.pk, his.pk]
    assert listed(client, total[1][1]) == [later.pk, his.pk, mine.pk]


def test_totals_of_a_narrowed_table_open_no_more_than_they_count(
    client: Client, manager: Person
) -> None:
    mine = click(manager, model=IMAGEN)
    click(make_person("jon"), model=IMAGEN)
    for groupings in ("by=person&then=model", "by=model&then=person", "by=person&then=day"):
        rows = cells(
            client.get(f"/costs/?{NOVEMBER}&person={manager.pk}&{groupings}").content.decode()
        )
        opened = [address for row in rows[1:] for _, address in row[1:]]
        assert [listed(client, address) for address in opened] == [[mine.pk]] * 4


@time_machine.travel("2026-11-30T12:00:00Z", tick=False)
def test_times_are_rows_with_the_latest_first(client: Client, manager: Person) -> None:
    client.force_login(manager)
    click(manager, "2026-10-31")
    sunday = click(manager, "2026-11-01", model=UPSCALE)
    monday = click(manager, "2026-11-02")
    rows = cells(
        client.get("/costs/?from=2026-10-01&to=2026-11-30&by=week&then=model").content.decode()
    )
    assert [row[0][0] for row in rows] == [
        "Week",
        "2 – 8 November",
        "26 October – 1 November",
        "All",
    ]
    assert listed(client, rows[1][1][1]) == [monday.pk]
    assert sunday.pk in listed(client, rows[2][1][1])
    months = cells(client.get("/costs/?from=2026-10-01&to=2026-11-30&by=month").content.decode())
    assert [row[0][0] for row in months[1:-1]] == ["November 2026", "October 2026"]


@time_machine.travel("2027-02-01T12:00:00Z", tick=False)
@pytest.mark.parametrize(
    ("by", "named"),
    [
        ("day", ["Fri 1 January", "Thu 1 January 2026"]),
        ("week", ["28 December 2026 – 3 January 2027", "29 December 2025 – 4 January 2026"]),
    ],
)
def test_days_of_two_years_have_different_names(
    client: Client, manager: Person, by: str, named: list[str]
) -> None:
    client.force_login(manager)
    click(manager, "2026-01-01")
    click(manager, "2027-01-01")
    rows = cells(client.get(f"/costs/?from=2026-01-01&to=2027-01-31&by={by}").content.decode())
    assert [row[0][0] for row in rows[1:-1]] == named


def test_figures_of_failures_and_unknown_costs_open_those(client: Client, manager: Person) -> None:
    click(manager)
    refused = click(manager, state="failed", billed=0)
    unknown = click(manager, state="done", charged="unknown", billed=None)
    running = click(manager, state="running", billed=None)
    [_, row, _total] = cells(client.get(f"/costs/?{NOVEMBER}").content.decode())
    assert [text for text, _ in row[4:]] == ["$0.100", "1", "1"]
    assert listed(client, row[4][1]) == [running.pk, unknown.pk]
    assert listed(client, row[5][1]) == [refused.pk]
    assert listed(client, row[6][1]) == [unknown.pk]
    html = client.get(row[6][1]).content.decode()
    assert "cost unknown" in html
    assert "$0.00" not in html


def test_a_manager_sees_the_cost_and_not_the_picture_of_something_private(
    client: Client, manager: Person
) -> None:
    jon = make_person("jon")
    secret, shared = click(jon, prompt="a secret plan"), click(jon, prompt="a poster")
    hidden = make_picture(secret, thumb="thumbs/1.webp")
    seen = make_picture(shared, thumb="thumbs/2.webp", shared=True)
    html = client.get(f"/costs/generations/?{NOVEMBER}").content.decode()
    assert "a secret plan" not in html
    assert "a poster" in html
    assert f"/pictures/{seen.pk}/" in html
    assert f"/pictures/{hidden.pk}/" not in html
    assert html.count("$0.040") == 2


def test_amounts_of_a_list_have_as_many_places(client: Client, manager: Person) -> None:
    for billed in (13_600, 40_000, 1_200_000):
        click(manager, billed=billed)
    html = client.get(f"/costs/generations/?{NOVEMBER}").content.decode()
    shown = re.findall(r"<strong>(\$[\d.]+)</strong>\s+Done", html)
    assert sorted(shown) == ["$0.0136", "$0.0400", "$1.2000"]


def test_names_of_private_collections_and_tags_are_not_told(
    client: Client, manager: Person
) -> None:
    jon = make_person("jon")
    picture = make_picture(
        click(jon), cost_micros=40_000, created_at=datetime(2026, 11, 5, tzinfo=UTC)
    )
    make_collection(jon, picture, name="Divorce")
    tag_pictures(jon, [picture.pk], "layoffs")
    for grouping, name in (("collection", "Divorce"), ("tag", "layoffs")):
        html = client.get(f"/costs/?{NOVEMBER}&by={grouping}").content.decode()
        assert name not in html
        [_, row] = cells(html)
        assert row[2][0] == "$0.040"
        assert len(listed(client, row[2][1])) == 1


def test_pages_of_a_list_follow_each_other(client: Client, manager: Person) -> None:
    made = [click(manager, f"2026-11-{n % 20 + 1:02}").pk for n in range(60)]
    first = client.get(f"/costs/generations/?{NOVEMBER}").content.decode()
    following = re.search(r'href="(\?[^"]*before=[^"]*)"', first)
    assert following
    both = listed(client, f"/costs/generations/?{NOVEMBER}")
    both += listed(client, f"/costs/generations/{unescape(following[1])}")
    assert sorted(both) == made
    assert len(both) == 60


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_pages_lose_nothing_where_ids_are_not_in_order_of_time(
    client: Client, manager: Person, state: str
) -> None:
    fields = {"charged": "unknown", "billed": None} if state == "unknown" else {"billed": 0}
    days = [f"2026-11-{20 - n % 20:02}" for n in range(60)]
    made = [click(manager, day, state="failed", **fields) for day in days]
    address = f"/costs/generations/?{NOVEMBER}&state={state}"
    first = client.get(address).content.decode()
    following = re.search(r'href="(\?[^"]*before=[^"]*)"', first)
    assert following
    both = listed(client, address)
    both += listed(client, f"/costs/generations/{unescape(following[1])}")
    assert both == [row.pk for row in sorted(made, key=lambda row: (row.created_at, row.pk))][::-1]


def test_many_rows_and_columns_are_paged(client: Client, manager: Person) -> None:
    for n in range(27):
        click(make_person(f"p{n:02}"), model=f"m{n % 14}", billed=10_000 + n)
    one = client.get(f"/costs/?{NOVEMBER}&by=person&then=model").content.decode()
    rows = cells(one)
    assert len(rows) == 1 + 25 + 1
    assert len(rows[0]) == 2 + 12
    other = cells(
        client.get(f"/costs/?{NOVEMBER}&by=person&then=model&page=2&beside=2").content.decode()
    )
    assert len(other) == 1 + 2 + 1
    assert len(other[0]) == 2 + 2


@pytest.mark.parametrize(
    "query",
    [
        "by=moon",
        "then=moon",
        "state=odd",
        "before=x",
        "before=2026-13-40.5",
        "project=-1",
        "page=0",
    ],
)
def test_odd_addresses_are_refused(client: Client, manager: Person, query: str) -> None:
    page = "/costs/generations/" if query[:5] in ("state", "befor") else "/costs/"
    assert client.get(f"{page}?{query}").status_code == 422


@pytest.mark.parametrize(
    ("query", "is_told"),
    [
        ("by=month&then=day", True),
        ("by=tag&then=collection", True),
        ("by=day&then=day", False),
        ("by=day&then=model", False),
    ],
)
def test_groupings_that_do_not_cross_leave_one_and_it_is_told(
    client: Client, manager: Person, query: str, is_told: bool
) -> None:
    made = make_picture(click(manager), created_at=datetime(2026, 11, 5, tzinfo=UTC))
    tag_pictures(manager, [made.pk], "posters")
    for page in ("/costs/", "/spending/"):
        answer = client.get(f"{page}?{NOVEMBER}&{query}")
        assert answer.status_code == 200
        assert ("Grouped by one thing only" in answer.content.decode()) is is_told


def test_a_member_opens_none_of_it(client: Client) -> None:
    client.force_login(make_person())
    for path in ("/costs/", "/costs/generations/", "/costs/export.csv"):
        assert client.get(path).status_code == 403
