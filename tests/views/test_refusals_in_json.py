"""What a program is told of a refusal, and which limit of many it names."""

from datetime import datetime

import pytest
from django.test import Client

from omixa_studio.models import Generation, Period, Person, Scope
from omixa_studio.models.ledger import today
from omixa_studio.models.periods import next_start
from omixa_studio.services.budget import set_limit
from tests.factories import make_generation, make_person, make_project

pytestmark = pytest.mark.django_db
IMAGEN = "imagen-4.0-generate-001"
HARBOUR = {"model": IMAGEN, "prompt": "A harbour at dawn", "n": "4"}
JSON = {"Accept": "application/json"}


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person()
    client.force_login(person)
    return person


@pytest.mark.parametrize("period", list(Period))
@pytest.mark.parametrize("scope", [one for one in Scope if one != Scope.TOKEN])
def test_it_tells_programs_which_limit_refused(
    client: Client, person: Person, scope: Scope, period: Period
) -> None:
    project = make_project(person)
    subjects = {
        Scope.PERSON: str(person.pk),
        Scope.ROLE: "member",
        Scope.PROJECT: str(project.pk),
        Scope.MODEL: IMAGEN,
        Scope.STUDIO: "",
    }
    set_limit(scope, subjects[scope], 100_000, period=period)
    form = {**HARBOUR, "project": str(project.pk)}
    answer = client.post("/generations/", form, headers=JSON)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/json")
    told = answer.json()
    assert told["error"] == "budget"
    assert (told["scope"], told["subject"], told["period"]) == (scope, subjects[scope], period)
    assert (told["limit"], told["left"], told["needed"]) == ("0.100000", "0.100000", "0.160000")
    assert datetime.fromisoformat(told["resets_at"]) == next_start(period, today())
    assert told["ask_url"].startswith("http://")
    page = client.post("/generations/", form).content.decode()
    assert "only $0.100 is left" in page
    assert not Generation.objects.exists()


def test_it_names_whom_to_ask(client: Client, person: Person) -> None:
    make_person(role="admin", first_name="Ada", last_name="Obi")
    set_limit(Scope.PERSON, person.pk, 100_000)
    told = client.post("/generations/", HARBOUR, headers=JSON).json()
    assert "Ada Obi" in told["message"]


@pytest.mark.parametrize("path", ["retry", "many"])
def test_it_tells_of_every_way_in(client: Client, person: Person, path: str) -> None:
    set_limit(Scope.STUDIO, "", 1)
    old = make_generation(person, state="failed")
    where = f"/generations/{old.pk}/retry/" if path == "retry" else "/many/"
    form = {**HARBOUR, "kind": "list", "step": "start", "confirmed": "yes", "prompts": "A pier"}
    answer = client.post(where, form, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["error"] in ("budget", "choice")


def test_it_tells_of_a_wrong_choice(client: Client, person: Person) -> None:
    told = client.post("/generations/", {**HARBOUR, "size": "9K"}, headers=JSON).json()
    assert (told["error"], told["fields"]) == ("choice", ["size"])
