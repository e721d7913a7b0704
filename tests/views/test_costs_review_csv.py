"""The review as CSV: what is on screen, on all its pages, without prompts."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.test import Client

from omixa_studio.models import Person
from omixa_studio.services import ledger
from tests.factories import hold, make_generation, make_person

pytestmark = pytest.mark.django_db
OCTOBER = "from=2026-10-01&to=2026-10-31"
CLICKED = datetime(2026, 10, 5, 12, tzinfo=UTC)


@pytest.fixture
def manager(client: Client) -> Person:
    person = make_person("mara", role="manager")
    client.force_login(person)
    return person


def buy(person: Person, billed: int = 40_000, model: str = "imagen") -> None:
    made = make_generation(
        person, created_at=CLICKED, month="2026-10", model=model, prompt="a secret lighthouse"
    )
    made.refresh_from_db()
    hold(made)
    ledger.capture(made, billed, "", pictures=1)


def table(client: Client, query: str) -> list[list[str]]:
    answer = client.get(f"/costs/review.csv?{OCTOBER}&{query}")
    assert answer.status_code == 200
    text = answer.getvalue().decode("utf-8-sig")
    assert "lighthouse" not in text
    return list(csv.reader(io.StringIO(text, newline="")))


def test_it_has_the_rows_of_all_pages(client: Client, manager: Person) -> None:
    for n in range(30):
        buy(make_person(f"person{n}"), 1_000 * (n + 1))
    head, *rows = table(client, "by=person&page=2")
    assert head[:3] == ["Person", "Pictures", "Practice"]
    assert len(rows) == 30
    assert rows[0][:3] == ["person29", "1", "0.030000"]


def test_two_groupings_are_rows_and_columns(client: Client, manager: Person) -> None:
    buy(manager, 40_000, "one")
    buy(manager, 2_500, "two")
    buy(make_person("jon"), 1, "two")
    head, *rows = table(client, "by=person&then=model")
    assert head == ["Person", "All", "one", "two"]
    assert rows == [
        ["mara", "0.042500", "0.040000", "0.002500"],
        ["jon", "0.000001", "", "0.000001"],
    ]


def test_no_name_becomes_a_formula(client: Client, manager: Person) -> None:
    buy(make_person("jon", first_name="=1+1"), model="@model")
    head, *rows = table(client, "by=model&then=person")
    assert (head[2], rows[0][0]) == ("'=1+1", "'@model")


def test_days_that_make_no_sense_are_refused(client: Client, manager: Person) -> None:
    assert client.get("/costs/review.csv?from=x").status_code == 422
