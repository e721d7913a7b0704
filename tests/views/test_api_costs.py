"""Costs and limits for programs: exact, what is unknown apart, one's own unless one sees all."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from omixa_studio.models import BudgetRequest, Generation, Period, Person, Scope
from omixa_studio.services import budget_requests
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.budget import set_limit
from tests.factories import (
    hold,
    make_charge,
    make_collection,
    make_generation,
    make_person,
    make_picture,
    make_project,
)
from tests.views.programs import Program, code_of, program_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
ASK = {"dollars": "2.50", "until": "week", "message": "Posters"}


@pytest.fixture
def person() -> Person:
    return make_person("ada")


@pytest.fixture
def program(person: Person) -> Program:
    return program_of(person)


@pytest.fixture
def manager() -> Program:
    return program_of(make_person("mo", role="manager"))


def billed(person: Person, micros: int = 40_001, **fields: Any) -> Generation:
    """A request that was held, released and billed."""
    row = make_generation(person, billed_micros=micros, **fields)
    hold(row)
    make_charge(row, "release", amount_micros=-row.held_micros)
    make_charge(row, "capture", amount_micros=micros, pictures=1)
    return row


def unknown(person: Person, **fields: Any) -> Generation:
    """A request of which nobody knows what it cost."""
    row = make_generation(person, state="unknown", charged="unknown", **fields)
    hold(row)
    return row


def test_totals_are_exact_and_what_is_unknown_stands_apart(
    program: Program, person: Person
) -> None:
    billed(person)
    unknown(person, model="gpt-image-1.5")
    told = program.told("costs")
    assert (told["currency"], told["practice"], told["by"]) == ("USD", True, "model")
    assert told["total"]["billed"] == "0.040001"
    assert told["unknown"] == {"requests": 1, "failed": 0, "held": "0.040000"}
    groups = {one["key"]: (one["sum"]["billed"], one["unknown"]) for one in told["groups"]}
    assert groups == {"imagen-4.0-generate-001": ("0.040001", 0), "gpt-image-1.5": (None, 1)}


def test_two_groupings_divide_each_group(program: Program, person: Person) -> None:
    billed(person)
    billed(person, model="gpt-image-1.5")
    unknown(person, model="recraft")
    told = program.told("costs?by=model&then=day")
    [day] = {part["key"] for one in told["groups"] for part in one["parts"]}
    assert day == timezone.localdate().isoformat()
    parts = {one["key"]: one["parts"][0]["sum"]["billed"] for one in told["groups"]}
    assert parts["gpt-image-1.5"] == "0.040001"
    assert parts["recraft"] is None
    assert told["pages"] == told["pages_beside"] == 1


def test_members_see_their_own_and_managers_all(
    program: Program, manager: Program, person: Person
) -> None:
    other = make_person()
    billed(person)
    billed(other, prompt="Secret")
    assert program.told("costs")["total"]["billed"] == "0.040001"
    assert manager.told("costs")["total"]["billed"] == "0.080002"
    for path in ("costs", "costs/requests"):
        assert program.ask(f"{path}?person={other.pk}").status_code == 404
    assert len(program.told("costs/requests")["requests"]) == 1
    assert program.ask(f"costs?collection={make_collection(other).pk}").status_code == 404
    seen = manager.told(f"costs/requests?person={other.pk}")["requests"]
    assert [(one["prompt"], one["pictures"], one["billed"]) for one in seen] == [
        (None, [], "0.040001")
    ]


def test_requests_tell_what_is_not_known_as_null(program: Program, person: Person) -> None:
    row = billed(person, prompt="A pier")
    picture = make_picture(row)
    lost = unknown(person)
    told = program.told("costs/requests")
    assert [(one["generation"], one["billed"], one["held"]) for one in told["requests"]] == [
        (lost.pk, None, "0.040000"),
        (row.pk, "0.040001", "0.000000"),
    ]
    assert (told["requests"][1]["prompt"], told["requests"][1]["pictures"]) == (
        "A pier",
        [picture.pk],
    )
    assert len(program.told("costs/requests?state=unknown")["requests"]) == 1
    place = f"{timezone.localdate()}.{lost.pk}"
    assert len(program.told(f"costs/requests?before={place}")["requests"]) == 1


def test_statements_do_not_grow_with_what_was_spent(manager: Program, person: Person) -> None:
    paths = ["costs", "costs?by=person&then=day", "costs/requests", "budgets", "budgets/requests"]

    def statements() -> list[int]:
        counts = []
        for path in paths:
            with CaptureQueriesContext(connection) as asked:
                manager.told(path)
            counts.append(len(asked))
        return counts

    manager.told("me")
    billed(person)
    unknown(person)
    few = statements()
    for number in range(30):
        make_picture(billed(make_person(), model=f"model-{number}"), shared=True)
    assert statements() == few
    assert max(few) <= 20


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("costs?by=flavour", "by"),
        ("costs?by=day&then=week", "then"),
        ("costs?from=2026-13-01", "from"),
        ("costs?from=2026-11-02&to=2026-11-01", None),
        ("costs?tag=linen", "tag"),
        ("costs?state=open", "state"),
        ("costs/requests?before=7", "before"),
        ("costs/requests?state=done", "state"),
        ("budgets?project=x", "project"),
    ],
)
def test_an_odd_question_is_refused(program: Program, path: str, param: str | None) -> None:
    status, _code, named = code_of(program.ask(path))
    assert (status, named) == (400, param)


def test_limits_say_what_is_left_and_when_they_reset(program: Program, person: Person) -> None:
    set_limit(Scope.PERSON, person.pk, 100_000, period=Period.MONTH)
    set_limit(Scope.MODEL, "gpt-image-1.5", 50_000, period=Period.DAY)
    billed(person)
    [limit] = program.told("budgets")["limits"]
    assert (limit["limit"], limit["left"], limit["counted"]) == (
        "0.100000",
        "0.059999",
        "0.040001",
    )
    assert limit["resets_at"] > timezone.now().isoformat()
    told = program.told("budgets?model=gpt-image-1.5")
    assert {one["scope"] for one in told["limits"]} == {"person", "model"}
    assert told["ask_url"].endswith("/requests/")


def test_more_is_asked_for_once_per_key(program: Program, person: Person) -> None:
    path = "budgets/requests"
    assert code_of(program.ask(path, ASK, key="a")) == (409, "choice", None)
    set_limit(Scope.PERSON, person.pk, 100_000, period=Period.MONTH)
    first, again = program.ask(path, ASK, key="a"), program.ask(path, ASK, key="a")
    assert (first.status_code, first.json()) == (201, again.json())
    assert (first.json()["amount"], first.json()["state"]) == ("2.500000", "waiting")
    assert code_of(program.ask(path, ASK | {"dollars": "3"}, key="a"))[:2] == (
        409,
        "idempotency_key_reused",
    )
    assert code_of(program.ask(path, ASK)) == (400, "missing_key", "Idempotency-Key")
    [row] = BudgetRequest.objects.all()
    budget_requests.decline(row, "No", by=STUDIO)
    assert program.ask(path, ASK, key="a").json()["state"] == "declined"
    assert [one["note"] for one in program.told(path)["requests"]] == ["No"]
    assert program.ask(f"{path}/{row.pk}/withdraw", {}).status_code == 409


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"dollars": 5}, "dollars"),
        ({"dollars": "0"}, "dollars"),
        ({"until": "ever"}, "until"),
        ({"until": "date"}, "date"),
        ({"scope": "studio"}, "scope"),
    ],
)
def test_an_odd_wish_asks_for_nothing(
    program: Program, person: Person, fields: dict[str, object], param: str
) -> None:
    set_limit(Scope.PERSON, person.pk, 100_000, period=Period.MONTH)
    status, _code, named = code_of(program.ask("budgets/requests", ASK | fields, key="a"))
    assert (status, named) == (400, param)
    assert not BudgetRequest.objects.exists()


def test_a_wish_is_withdrawn_while_nobody_answered(program: Program, person: Person) -> None:
    set_limit(Scope.PERSON, person.pk, 100_000, period=Period.MONTH)
    day = (timezone.localdate() + timedelta(days=3)).isoformat()
    asked = ASK | {"until": "date", "date": day}
    made = program.ask("budgets/requests", asked, key="a").json()
    for _twice in range(2):
        gone = program.ask(f"budgets/requests/{made['id']}/withdraw", {})
        assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")


def test_a_token_of_costs_alone_sees_no_prompts(person: Person) -> None:
    make_picture(generation=billed(person, prompt="A pier"))
    seen = program_of(person).told("costs/requests")["requests"][0]
    assert (seen["prompt"], len(seen["pictures"])) == ("A pier", 1)
    [told] = program_of(person, ["costs"]).told("costs/requests")["requests"]
    assert (told["billed"], told["prompt"], told["pictures"]) == ("0.040001", None, [])


def test_nobody_reads_what_is_left_of_a_project_of_others(person: Person) -> None:
    own, other = make_project(person), make_project()
    for project in (own, other):
        set_limit(Scope.PROJECT, project.pk, 5_000_000)
    program = program_of(person)
    told = [program.told(f"budgets?project={project.pk}")["limits"] for project in (own, other)]
    assert [len(limits) for limits in told] == [1, 0]
    wanted = {"model": "imagen-4.0-generate-001", "prompt": "A pier", "project": other.pk}
    assert program.ask("estimate", wanted).json()["limits"] == []
    assert (
        len(program_of(make_person(role="manager")).told(f"budgets?project={other.pk}")["limits"])
        == 1
    )
