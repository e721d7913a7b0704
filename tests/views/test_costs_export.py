"""The export: every generation of the span, once, with sums that are those of the page."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from omixa_studio import tables
from omixa_studio.models import Generation, Person, Tag
from omixa_studio.services import ledger
from omixa_studio.services.tagging import tag_pictures
from tests.factories import hold, make_collection, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db
HEADER = "time,person,model,operation,generation,state,pictures,estimated,held,billed"
CLICKED = datetime(2026, 11, 5, 12, tzinfo=UTC)


@pytest.fixture
def manager(client: Client) -> Person:
    person = make_person("mara", role="manager")
    client.force_login(person)
    return person


def click(person: Person, *, billed: int | None = 40_000, **fields: Any) -> Generation:
    fields.setdefault("created_at", CLICKED)
    made = make_generation(person, month="2026-11", held_micros=50_000, **fields)
    made.refresh_from_db()
    hold(made)
    if billed is not None:
        ledger.capture(made, billed, "", pictures=2)
    return made


def export(client: Client, query: str = "from=2026-11-01&to=2026-11-30") -> list[dict[str, str]]:
    response = client.get(f"/costs/export.csv?{query}")
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    text = response.getvalue().decode("utf-8")
    assert text.splitlines()[0] == "\ufeff" + HEADER
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_it_writes_one_line_per_generation(client: Client, manager: Person) -> None:
    made = click(manager)
    [row] = export(client)
    time = row.pop("time")
    assert abs(datetime.fromisoformat(time) - datetime.now(UTC)) < timedelta(minutes=5)
    assert row == {
        "person": "mara",
        "model": "imagen-4.0-generate-001",
        "operation": "generate",
        "generation": str(made.pk),
        "state": "done",
        "pictures": "2",
        "estimated": "0.040000",
        "held": "0.050000",
        "billed": "0.040000",
    }


def test_it_is_narrowed_to_a_collection_and_a_tag(client: Client, manager: Person) -> None:
    inside, tagged, _other = (click(manager) for _ in range(3))
    found = make_collection(manager, make_picture(inside))
    tag_pictures(manager, [make_picture(tagged).pk], "autumn")
    november, tag = "from=2026-11-01&to=2026-11-30", Tag.objects.get()
    for query, one in ((f"collection={found.pk}", inside), (f"tag={tag.pk}", tagged)):
        rows = export(client, f"{november}&{query}")
        assert [row["generation"] for row in rows] == [str(one.pk)]


def test_it_stays_in_no_cache(client: Client, manager: Person) -> None:
    answer = client.get("/costs/export.csv?from=2026-11-01&to=2026-11-30")
    assert answer["Cache-Control"] == "private, no-store"


def test_it_leaves_empty_what_is_not_known(client: Client, manager: Person) -> None:
    click(manager, billed=None, state="unknown", charged="unknown", estimate_micros=None)
    [row] = export(client)
    assert (row["estimated"], row["held"], row["billed"]) == ("", "0.050000", "")


def test_it_writes_zero_for_what_cost_nothing(client: Client, manager: Person) -> None:
    made = click(manager, billed=None, state="cancelled")
    ledger.release(made)
    [row] = export(client)
    assert (row["state"], row["billed"], row["pictures"]) == ("cancelled", "0.000000", "0")


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-1", "@sum"])
def test_it_disarms_names_that_a_spreadsheet_would_run(
    client: Client, manager: Person, name: str
) -> None:
    click(make_person("jon", first_name=name))
    assert export(client)[0]["person"] == "'" + name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("x;=1+1", "x;'=1+1"),  # split at the semicolon in half of Europe
        ("x,@sum", "x,'@sum"),
        ('x;"=1+1', "x;\"'=1+1"),
        ("a\t=1\r\n=2", "a =1 =2"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\uff20sum", "'\uff20sum"),
        ("Anna-Maria +1", "Anna-Maria +1"),
    ],
)
def test_it_disarms_what_a_spreadsheet_elsewhere_would_run(
    client: Client, manager: Person, name: str, told: str
) -> None:
    click(make_person("jon", first_name=name))
    assert export(client)[0]["person"] == told


def test_it_writes_any_letters_as_utf_8(client: Client, manager: Person) -> None:
    click(make_person("jon", first_name='Ёлка "Ziema", ā'))
    assert export(client)[0]["person"] == 'Ёлка "Ziema", ā'


def test_it_sums_to_what_the_page_shows(client: Client, manager: Person) -> None:
    people = [manager, make_person("jon")]
    for n in range(40):
        click(people[n % 2], billed=(39_000 + n) if n % 5 else None)
    rows = export(client)
    billed = sum((Decimal(row["billed"] or 0) for row in rows), Decimal())
    html = client.get("/costs/?from=2026-11-01&to=2026-11-30").content.decode()
    assert f'title="${billed.normalize()}"' in html
    assert f"{sum(int(row['pictures']) for row in rows)} pictures" in html


def test_it_keeps_to_the_span_and_its_filters(client: Client, manager: Person) -> None:
    jon = make_person("jon")
    kept = click(jon)
    click(manager)
    click(jon, model="gpt-image-1.5")
    click(jon, created_at=CLICKED - timedelta(days=30))
    query = f"from=2026-11-05&to=2026-11-05&person={jon.pk}&model=imagen-4.0-generate-001"
    assert [row["generation"] for row in export(client, query)] == [str(kept.pk)]


def test_it_names_people_who_are_gone(client: Client, manager: Person) -> None:
    jon = make_person("jon", first_name="Jon")
    click(jon)
    jon.delete()
    assert export(client)[0]["person"] == "Jon"


def test_it_is_streamed_in_a_statement_a_day(
    client: Client, manager: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(30):
        click(manager)
    # One of them writes the log of who took the table.
    with django_assert_max_num_queries(6):
        assert len(export(client, "from=2026-11-05&to=2026-11-05")) == 30


def test_it_is_written_in_pieces(client: Client, manager: Person) -> None:
    for _ in range(tables.ROWS_OF_A_PIECE + 1):
        click(manager, billed=None)
    answer = client.get("/costs/export.csv?from=2026-11-05&to=2026-11-05")
    assert isinstance(answer, StreamingHttpResponse)
    sizes = [piece.count(b"\r\n") for piece in answer]
    assert sizes == [1, tables.ROWS_OF_A_PIECE, 1]
