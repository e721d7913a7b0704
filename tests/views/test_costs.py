"""The costs page: whose eyes, which days, and figures that come from the ledger alone."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio.models import Charge, Generation, Person, Picture, dollars
from omixa_studio.models.spans import Span
from omixa_studio.queries import budget
from omixa_studio.queries.cost_sums import cost_sums
from omixa_studio.services import ledger
from tests.factories import hold, make_generation, make_limit, make_person
from tests.pages import folded

pytestmark = pytest.mark.django_db
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))
IMAGEN = "imagen-4.0-generate-001"
UPSCALE = "stability-upscale-creative"


@pytest.fixture
def manager(client: Client) -> Person:
    person = make_person("mara", role="manager")
    client.force_login(person)
    return person


def click(
    person: Person,
    day: str = "2026-11-05",
    *,
    billed: int | None = 40_000,
    pictures: int = 1,
    **fields: Any,
) -> Generation:
    """A generation with its ledger, settled unless `billed` is None."""
    at = datetime.fromisoformat(f"{day}T12:00:00+00:00") if len(day) == 10 else day
    made = make_generation(person, created_at=at, month=day[:7], held_micros=50_000, **fields)
    made.refresh_from_db()
    hold(made)
    if billed is not None:
        ledger.capture(made, billed, "", pictures=pictures)
    return made


def november(client: Client, query: str = "") -> str:
    response = client.get(f"/costs/?from=2026-11-01&to=2026-11-30{query}")
    assert response.status_code == 200
    return response.content.decode()


def figure(html: str, label: str) -> str:
    found = re.search(rf'<p class="figure">{label} <strong>(.*?)</strong>', folded(html))
    assert found, label
    return found[1]


def table(html: str) -> list[list[str]]:
    """The cells of the table by model or person, the last row being all."""
    section = html[html.index('class="groups"') :]
    rows = re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)[1:]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def test_it_sums_the_month_by_model(client: Client, manager: Person) -> None:
    click(manager, pictures=2)
    click(manager, "2026-11-30", billed=600_000, model=UPSCALE)
    click(manager, "2026-10-31", billed=5_000_000)
    click(manager, "2026-12-01", billed=5_000_000)
    html = november(client)
    assert figure(html, "Practice") == "$0.64"
    assert figure(html, "Per picture") == '<span title="$0.213333">$0.21</span>'
    assert table(html) == [
        ["Stability Creative Upscale", "1", "$0.600", "$0.600", "–", "–", "–"],
        ["Imagen 4", "2", "$0.040", "$0.020", "–", "–", "–"],
        ["All", "3", "$0.640", "$0.213", "–", "–", "–"],
    ]


def test_it_sums_by_person(client: Client, manager: Person) -> None:
    jon = make_person("jon", first_name="Jon", last_name="Berg")
    click(manager)
    click(jon, billed=100_000)
    rows = table(november(client, "&by=person"))
    assert [(row[0], row[2]) for row in rows] == [
        ("Jon Berg", "$0.100"),
        ("mara", "$0.040"),
        ("All", "$0.140"),
    ]


def test_it_narrows_to_a_person_and_a_model(client: Client, manager: Person) -> None:
    jon = make_person("jon")
    click(jon)
    click(jon, model=UPSCALE, billed=600_000)
    click(manager, billed=7_000)
    html = november(client, f"&person={jon.pk}&model={IMAGEN}")
    assert figure(html, "Practice") == "$0.04"
    assert "Person: <bdi>jon</bdi>" in html
    assert "Model: <bdi>Imagen 4</bdi>" in html


def test_it_tells_holds_failures_and_unknown_outcomes_apart(
    client: Client, manager: Person
) -> None:
    click(manager, billed=None, state="running")
    click(manager, billed=None, state="unknown", charged="unknown")
    click(manager, billed=None, state="failed", charged="unknown")
    click(manager, billed=0, pictures=0, state="failed")
    html = november(client)
    assert figure(html, "Reserved, not final yet") == "$0.15"
    assert "1 open, 2 need review" in html
    assert "2 of unknown cost, $0.100 reserved, not among the billed" in html
    assert table(html)[0] == ["Imagen 4", "0", "$0.000", "–", "$0.150", "2", "2"]


def test_it_shows_the_same_places_all_over_a_table(client: Client, manager: Person) -> None:
    click(manager)
    click(manager, billed=1_234_560, model=UPSCALE)
    html = november(client)
    assert [row[2] for row in table(html)] == ["$1.235", "$0.040", "$1.275"]
    assert '<span title="$1.23456">$1.235</span></a>' in html


def test_it_counts_adjustments_as_billed(client: Client, manager: Person) -> None:
    made = click(manager, billed=0, pictures=0)
    ledger.adjust(made, 39_000, text="0.039", reason="late", pictures=1)
    assert figure(november(client), "Practice") == '<span title="$0.039">$0.04</span>'


def test_it_leaves_other_targets_out(client: Client, manager: Person) -> None:
    click(manager, target="www.omixa.cloud", billed=900_000)
    click(manager, target="www.omixa.cloud", state="failed", billed=0)
    html = november(client)
    assert figure(html, "Practice") == "$0.00"
    assert "Nothing was generated on these days" in html


def test_it_says_what_is_left_of_the_studios_limit(client: Client, manager: Person) -> None:
    make_limit(None, 10_000_000)
    month = budget.current_month()
    click(manager, f"{month}-01", billed=2_500_000)
    html = client.get("/costs/").content.decode()
    assert figure(html, "Left this month") == "$7.50"
    assert "of the studio's $10.00" in html


def test_it_keeps_every_figure_when_pictures_and_people_go(client: Client, manager: Person) -> None:
    jon = make_person("jon", first_name="Jon", last_name="Berg")
    click(jon, pictures=2)
    click(jon, billed=0, pictures=0, state="failed")
    before = {query: table(november(client, query)) for query in ("", "&by=person")}
    Picture.objects.all().delete()
    jon.delete()
    assert {query: table(november(client, query)) for query in before} == before
    assert ["Jon Berg", "2", "$0.040", "$0.020", "–", "1", "–"] in before["&by=person"]


def test_it_counts_days_in_the_studios_time_zone(
    client: Client, manager: Person, settings: Settings
) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    made = make_generation(
        manager, created_at=datetime(2026, 11, 30, 11, 30, tzinfo=UTC), month="2026-12"
    )
    made.refresh_from_db()
    hold(made)
    ledger.capture(made, 40_000, "")
    assert set(Charge.objects.values_list("day", flat=True)) == {date(2026, 12, 1)}
    assert figure(november(client), "Practice") == "$0.00"


def test_it_books_a_late_settlement_on_the_day_of_the_click(
    client: Client, manager: Person
) -> None:
    made = click(manager, "2026-10-31", billed=None, state="running")
    ledger.capture(made, 40_000, "")
    assert figure(november(client), "Practice") == "$0.00"
    october = client.get("/costs/?from=2026-10-01&to=2026-10-31").content.decode()
    assert figure(october, "Practice") == "$0.04"
    assert budget.counted("sandbox", "2026-10") == 40_000


def test_it_never_loses_a_micro_dollar(manager: Person) -> None:
    made = [click(manager, f"2026-11-{n % 28 + 1:02}", billed=39_000 + n) for n in range(60)]
    [total] = cost_sums("sandbox", NOVEMBER).values()
    assert total.billed == sum(39_000 + n for n in range(60))
    assert total.requests == total.pictures == len(made)
    assert str(dollars(total.billed)) == "2.341770"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=yesterday", "Write days like 2026-11-30."),
        ("from=2026-11-31", "Write days like 2026-11-30."),
        ("from=01/11/2026", "Write days like 2026-11-30."),
        ("from=2026-11-02&to=2026-11-01", "The first day must not be after the last one."),
        ("from=2020-01-01&to=2026-01-01", "Choose three years at most."),
        ("from=0001-01-01&to=0001-01-02", "Choose days after the year 2000."),
        ("from=9999-12-01&to=9999-12-31", "Choose days before the year 3000."),
        ("person=somebody", "Enter a whole number."),
        ("person=-1", "greater than or equal to 0"),
        ("by=moon", "Select a valid choice"),
    ],
)
@pytest.mark.parametrize("path", ["/costs/", "/costs/export.csv"])
def test_it_refuses_odd_days_with_a_sentence(
    client: Client, manager: Person, path: str, query: str, sentence: str
) -> None:
    response = client.get(f"{path}?{query}")
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_it_takes_one_end_of_a_span_alone(client: Client, manager: Person) -> None:
    assert "1 November – 5 November 2026" in client.get("/costs/?to=2026-11-05").content.decode()
    first = client.get("/costs/?from=2020-01-01")
    assert first.status_code == 422


def test_it_leads_to_the_months_beside(client: Client, manager: Person) -> None:
    html = client.get("/costs/?from=2026-01-01&to=2026-01-31").content.decode()
    assert "?from=2025-12-01&amp;to=2025-12-31" in html
    assert "?from=2026-02-01&amp;to=2026-02-28" in html


def test_it_compares_with_the_same_days_before() -> None:
    half = Span(date(2026, 11, 1), date(2026, 11, 15))
    assert half.before == Span(date(2026, 10, 1), date(2026, 10, 15))
    assert NOVEMBER.before == Span(date(2026, 10, 1), date(2026, 10, 31))
    march = Span(date(2027, 3, 1), date(2027, 3, 30))
    assert march.before == Span(date(2027, 2, 1), date(2027, 2, 28))
    week = Span(date(2026, 11, 9), date(2026, 11, 15))
    assert week.before == Span(date(2026, 11, 2), date(2026, 11, 8))


def test_it_asks_the_database_as_often_for_many_rows(
    client: Client, manager: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(12):
        click(make_person(), f"2026-11-{n + 1:02}", model=(IMAGEN, UPSCALE)[n % 2])
    with django_assert_max_num_queries(18):
        november(client, "&by=person")
