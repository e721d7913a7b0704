"""The studio's own API: its schema holds, an order is bought once, and one's own is one's own."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from openapi_spec_validator import validate
from schemathesis import openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from omixa_studio import awaiting
from omixa_studio.models import ApiOrder, Generation, Period, Person, Scope
from omixa_studio.services.budget import set_limit
from omixa_studio.services.tokens import make_token
from tests.factories import (
    make_budget_request,
    make_collection,
    make_generation,
    make_person,
    make_picture,
)
from tests.pages import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
WANTED = {"model": "imagen-4.0-generate-001", "prompt": "A harbour", "n": 2}
MADE = "/api/v1/generations"
Ask = Callable[..., Answer]


@pytest.fixture
def person() -> Person:
    return make_person("ada")


@pytest.fixture
def ask(client: Client, person: Person) -> Ask:
    text = make_token(person, "tests", ["make", "read"], None)[1]

    def ask_one(path: str, body: Any = None, *, key: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {text}", **({"Idempotency-Key": key} if key else {})}
        method, sent = ("GET", "") if body is None else ("POST", json.dumps(body))
        return client.generic(method, path, sent, "application/json", headers=headers)

    return ask_one


def test_answers_are_as_the_schema_says(ask: Ask, person: Person) -> None:
    schema = ask("/api/v1/openapi.json").json()
    validate(schema)
    made = make_picture(make_generation(person)).generation
    make_generation(person, state="failed", error="The gateway is away.", error_kind="ours")
    for path, body, name in (
        ("/api/v1/me", None, "Me"),
        ("/api/v1/models", None, "Models"),
        ("/api/v1/estimate", WANTED, "Estimate"),
        (MADE, WANTED, "Made"),
        (MADE, None, "Generations"),
        (f"{MADE}/{made.pk}", None, "Generation"),
        (f"{MADE}/99999999", None, "Error"),
    ):
        answer = ask(path, body, key="first")
        shape = {"$ref": f"#/components/schemas/{name}", "components": schema["components"]}
        Draft202012Validator(shape, format_checker=FormatChecker()).validate(answer.json())


def test_the_schema_knows_what_a_model_takes(ask: Ask) -> None:
    schema = ask("/api/v1/openapi.json").json()
    shape = {"$ref": "#/components/schemas/Wanted", "components": schema["components"]}
    wanted = Draft202012Validator(shape)
    assert wanted.is_valid(WANTED)
    for wrong in ({"n": 0}, {"aspect_ratio": "7:1"}, {"flavour": "salt"}, {"model": "none"}):
        assert not wanted.is_valid(WANTED | wrong)
        assert ask("/api/v1/estimate", WANTED | wrong).status_code == 400


def test_an_estimate_buys_nothing_and_says_whether_it_fits(ask: Ask, person: Person) -> None:
    free = ask("/api/v1/estimate", WANTED).json()
    assert (free["estimate"], free["fits"]) == ("0.080000", True)
    set_limit(Scope.PERSON, person.pk, 79_999, period=Period.MONTH)
    tight = ask("/api/v1/estimate", WANTED).json()
    assert (tight["fits"], tight["limits"][0]["left"]) == (False, "0.079999")
    assert not Generation.objects.exists()


def test_a_key_buys_once(ask: Ask) -> None:
    first, again = ask(MADE, WANTED, key="harbour"), ask(MADE, WANTED, key="harbour")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert Generation.objects.count() == ApiOrder.objects.count() == 1
    other = ask(MADE, WANTED | {"n": 1}, key="harbour")
    assert (other.status_code, other["x-should-retry"]) == (409, "false")
    ask(MADE, WANTED, key="another")
    assert Generation.objects.count() == 2


@pytest.mark.parametrize(
    ("key", "more", "param"),
    [
        ("", {}, "Idempotency-Key"),
        ("x" * 256, {}, "Idempotency-Key"),
        ("a", {"stream": True}, "response_format"),
        ("a", {"size": "huge"}, "size"),
    ],
)
def test_what_cannot_be_honoured_buys_nothing(
    ask: Ask, key: str, more: dict[str, Any], param: str
) -> None:
    answer = ask(MADE, WANTED | more, key=key)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert not Generation.objects.exists()


def test_a_limit_stops_an_order(ask: Ask, person: Person) -> None:
    set_limit(Scope.PERSON, person.pk, 79_999, period=Period.MONTH)
    answer = ask(MADE, WANTED, key="a")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "budget")
    assert not Generation.objects.exists()


def test_a_queued_request_is_cancelled_once(ask: Ask) -> None:
    [made] = ask(MADE, WANTED, key="a").json()["generations"]
    where = f"{MADE}/{made['id']}"
    assert ask(f"{where}/cancel", {}).json()["state"] == "cancelled"
    assert ask(f"{where}/cancel", {}).json()["state"] == "cancelled"
    # Who follows an order by its key does not buy it again.
    again = ask(MADE, WANTED, key="a").json()["generations"]
    assert [(one["id"], one["state"]) for one in again] == [(made["id"], "cancelled")]
    assert ask(f"{where}?wait=60").json()["state"] == "cancelled"
    Generation.objects.filter(pk=made["id"]).update(state="done")
    assert ask(f"{where}/cancel", {}).status_code == 409


def test_another_persons_request_is_not_there(ask: Ask) -> None:
    other = make_generation(make_person(), state="queued")
    make_picture(make_generation(other.person), shared=True)
    assert ask(f"{MADE}/{other.pk}").status_code == 404
    assert ask(f"{MADE}/{other.pk}/cancel", {}).status_code == 404
    assert ask(MADE).json() == {"generations": [], "before": None}
    other.refresh_from_db()
    assert other.state == "queued"


def test_pages_have_each_request_once(ask: Ask, person: Person) -> None:
    made = [make_generation(person).pk for _number in range(3)]
    first = ask(f"{MADE}?limit=2").json()
    rest = ask(f"{MADE}?limit=2&before={first['before']}").json()
    shown = [one["id"] for page in (first, rest) for one in page["generations"]]
    assert (shown, rest["before"]) == (made[::-1], None)
    assert ask(f"{MADE}?open=1").json()["generations"] == []
    for wrong in ("limit=0", "limit=x", "limit=101", "state=done"):
        assert ask(f"{MADE}?{wrong}").status_code == 400


# Real connections, since a WSGI server closes them after each request.
@pytest.mark.django_db(transaction=True)
def test_any_body_and_query_gets_an_answer_of_the_schema(person: Person) -> None:
    text = make_token(person, "fuzz", ["make", "read", "costs"], None)[1]
    known = furnish(person)
    headers = {"Authorization": f"Bearer {text}", "Host": "localhost"}
    headers["Accept-Encoding"] = "identity"
    schema = openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), headers=headers)
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    asked = set()
    operations: list[Any] = list(schema.get_all_operations())
    for operation in (found.ok() for found in operations):

        @bounds(
            max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy())
        def ask_it(case: Any) -> None:
            # Nothing here ends what it would wait for.
            if case.query:
                case.query.pop("wait", None)
            case.call_and_validate(headers=headers, checks=checks)
            for subject, pk in known.items():
                if case.path_parameters and subject in case.operation.path:
                    case.path_parameters["pk"] = pk
                    case.call_and_validate(headers=headers, checks=checks)
            asked.add(case.operation.label)

        ask_it()
    told = [method for item in schema.raw_schema["paths"].values() for method in item]
    # All but the schema's own.
    assert len(asked) == len(told) - 1


def furnish(person: Person) -> dict[str, int]:
    """Give a person one thing of each kind; return their ids by a part of the addresses."""
    picture = make_picture(make_generation(person))
    return {
        "/pictures/": picture.pk,
        "/collections/": make_collection(person, picture).pk,
        "/generations/": picture.generation_id,
        "/budgets/": make_budget_request(person).pk,
    }


def test_programs_of_one_person_leave_places_to_those_of_others() -> None:
    assert [awaiting.take_place(1) for _ in range(33)].count(True) == 32
    assert awaiting.take_place(2)
    awaiting.leave_place(2)
    for _ in range(32):
        awaiting.leave_place(1)
    assert awaiting.take_place(1)
    awaiting.leave_place(1)
