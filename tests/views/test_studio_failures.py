"""What a card says when something went wrong: whose trouble, its cost, what to do, a reference."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import BilledPrice, Person
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db

IMAGEN, GEMINI = "imagen-4.0-generate-001", "gemini-2.0-flash-preview-image-generation"
LATE = {"settled_by": "person:ada", "came_late": True}


def shown(client: Client) -> str:
    """The board's part of the page, in plain words."""
    page = client.get("/").content.decode()
    return page[page.index('id="results"') : page.index('id="choosing"')]


@pytest.mark.parametrize(
    ("kind", "heading", "advice"),
    [
        ("input", "Problem with the request", "Fix what the message says"),
        (
            "policy",
            "Blocked by the provider&#x27;s content rules",
            "the same request would be blocked again",
        ),
        ("gateway", "Problem at the gateway", "Retry. If it happens again"),
        ("unavailable", "Problem at the gateway", "Wait a minute, then retry."),
        ("rate", "Problem at the gateway", "Wait a minute, then retry."),
        ("model", "Problem at the gateway", "Choose another model"),
        ("key", "Problem at the gateway", "Ask an admin to set the key"),
        ("balance", "Problem at the gateway", "Ask an admin to top up the wallet"),
        ("ours", "Problem in the studio", "Retry. If it happens again"),
        ("", "Problem at the gateway", "Retry. If it happens again"),
    ],
)
def test_it_tells_the_kinds_of_failure_apart(
    client: Client, person: Person, kind: str, heading: str, advice: str
) -> None:
    row = make_generation(person, state="failed", error_kind=kind, request_id="req_7f")
    page = shown(client)
    for words in (heading, advice, f"<code>G-{row.pk} · req_7f</code>", "Not charged."):
        assert words in page
    assert page.count("<strong>") == 1


@pytest.mark.parametrize("kind", ["input", "policy"])
def test_it_puts_changing_before_the_same_again(client: Client, person: Person, kind: str) -> None:
    make_generation(person, state="failed", error_kind=kind)
    page = shown(client)
    assert 0 < page.index("Edit prompt") < page.index("Retry")


def test_it_says_the_cost_once(client: Client, person: Person) -> None:
    error = "The gateway refused it. Nothing was charged."
    make_generation(person, state="failed", error_kind="policy", error=error)
    page = shown(client)
    assert "The gateway refused it." in page
    assert "Nothing was charged." not in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"settled_by": "person:ada", "billed_micros": 0}, "Not charged, reviewed by ada."),
        (
            {"settled_by": "person:ada", "billed_micros": 39_000, "charged": "yes"},
            "Charged $0.039, reviewed by ada.",
        ),
        (
            {**LATE, "billed_micros": 40_000, "charged": "yes", "billed_text": "0.040000"},
            "The gateway billed $0.040 after the review by ada.",
        ),
        (
            {**LATE, "billed_micros": 0, "status": 422},
            "Not charged: the gateway&#x27;s answer arrived after the review by ada.",
        ),
        (
            {**LATE, "billed_micros": 39_000, "charged": "yes", "status": 200},
            "Charged $0.039, reviewed by ada.",
        ),
        ({"charged": "unknown"}, "$0.040 stays reserved."),
        ({"charged": "yes", "billed_micros": 125}, "Charged $0.000125."),
    ],
)
def test_it_says_what_it_cost_and_who_decided(
    client: Client, person: Person, fields: dict[str, Any], words: str
) -> None:
    make_generation(person, state="failed", **fields)
    assert words in shown(client)


def test_it_says_that_pictures_came_after_the_decision(client: Client, person: Person) -> None:
    lost = "The worker stopped unexpectedly during the request. It may have been charged."
    row = make_generation(person, state="failed", error=lost, **LATE)
    picture = make_picture(row)
    page = shown(client)
    assert "Late answer" in page
    assert "Its pictures arrived after the review by ada; they are kept." in page
    assert "The worker stopped unexpectedly" not in page
    assert f'href="/pictures/{picture.pk}/?in=board"' in page


@pytest.mark.parametrize(("role", "seen"), [("member", False), ("manager", False), ("admin", True)])
def test_it_shows_the_providers_words_to_admins_alone(
    client: Client, role: str, seen: bool
) -> None:
    person = make_person(role=role)
    client.force_login(person)
    make_generation(person, state="failed", error_detail="upstream said 7 <nothing>")
    make_generation(person, state="unknown", charged="unknown", error_detail="upstream said 8")
    page = shown(client)
    assert ("upstream said 7 &lt;nothing&gt;" in page) is seen
    assert ("upstream said 8" in page) is seen
    assert ('href="/unknown/#' in page) is seen


def test_it_suggests_another_model_with_the_same_words(client: Client, person: Person) -> None:
    make_generation(person, state="failed", model=IMAGEN, error_kind="model", prompt="A & B")
    page = shown(client)
    assert "Try Nano Banana instead" in page
    assert f'href="/?model={GEMINI}&amp;prompt=A+%26+B"' in page


def test_it_never_suggests_a_model_that_was_refused_too(client: Client, person: Person) -> None:
    make_generation(make_person(), state="failed", model=GEMINI, error_kind="model")
    make_generation(person, state="failed", model=IMAGEN, error_kind="model")
    assert "Nano Banana" not in shown(client)
    assert "instead" in shown(client)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"error": "The gateway sent 1 of 4 pictures."}, "The gateway sent 1 of 4 pictures."),
        ({"charged": "unknown", "billed_micros": None}, "did not report the cost. $0.040 stays"),
        ({"settled_by": "person:ada"}, "Charged $0.040, reviewed by ada."),
        ({"over_hold": True}, "higher than the $0.040 reserved"),
    ],
)
def test_it_says_what_is_odd_about_a_success(
    client: Client, person: Person, fields: dict[str, Any], words: str
) -> None:
    make_picture(make_generation(person, count=4, **fields))
    page = shown(client)
    assert words in page
    assert 'class="failure"' not in page


def test_it_says_how_long_that_size_usually_takes(client: Client, person: Person) -> None:
    for size, seconds in (("1K", 5), ("4K", 50)):
        for _ in range(3):
            make_generation(make_person(), options={"size": size}, seconds=seconds)
    running: dict[str, Any] = {"state": "running", "sent_at": timezone.now() - timedelta(seconds=9)}
    make_generation(person, **running, options={"size": "4K"})
    page = shown(client)
    assert re.search(r"usually 50\W+s", page)
    make_generation(person, **running, options={"size": "2K"})
    assert re.search(r"usually 5\W+50\W+s", shown(client))


def test_it_counts_mine_and_everyones(client: Client, person: Person) -> None:
    assert re.search(r'id="queue"[^>]* hidden>', client.get("/").content.decode())
    make_generation(person, state="queued")
    for state in ("queued", "running", "running"):
        make_generation(make_person(), state=state)
    page = client.get("/").content.decode()
    assert "<b>0 running, 1 queued</b>" in page
    assert "<b>2 running, 2 queued</b>" in page
    assert 'data-queue="0.1.2.2"' in page


def test_it_answers_a_poll_when_only_the_counts_moved(client: Client, person: Person) -> None:
    row = make_generation(person, state="queued")
    asked = {"seen": f"{row.pk}.queued.1.0.0", "queue": "0.1.0.1"}
    script = {"HX-Request": "true"}
    assert client.get("/generations/cards/", asked, headers=script).status_code == 204
    make_generation(None, state="queued")
    answer = client.get("/generations/cards/", asked, headers=script)
    assert 'data-queue="0.1.0.2"' in answer.content.decode()
    assert "HX-Trigger-After-Settle" not in answer.headers


def test_it_draws_fifty_failures_with_few_queries(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for kind in ("model", "input") * 25:
        make_generation(person, state="failed", error_kind=kind)
    with django_assert_max_num_queries(17):
        client.get("/")


def test_it_starts_with_a_model_that_works(client: Client, person: Person) -> None:
    assert f'value="{GEMINI}" checked' in client.get("/").content.decode()
    make_generation(make_person(), state="failed", model=GEMINI, error_kind="model")
    assert 'value="MAI-Image-2.5" checked' in client.get("/").content.decode()


def test_it_marks_a_refused_model_until_it_answers_again(client: Client, person: Person) -> None:
    make_generation(make_person(), model=GEMINI)
    make_generation(make_person(), state="failed", model=GEMINI, error_kind="model")
    make_generation(make_person(), state="running", model=GEMINI)
    make_generation(make_person(), model=IMAGEN, target="www.omixa.cloud", error_kind="model")
    page = client.get("/").content.decode()
    assert page.count("recently refused") == 1
    make_generation(make_person(), state="failed", model=GEMINI, error_kind="policy")
    assert "recently refused" not in client.get("/").content.decode()


def test_it_prices_a_retry_as_of_now(client: Client, person: Person) -> None:
    """Not as at its first click: a bill has come since."""
    make_generation(person, state="failed", estimate_micros=33_000)
    assert "Retry · about $0.04" in " ".join(shown(client).split())
    BilledPrice.objects.create(
        target="sandbox", model=IMAGEN, dearest_micros=250_000, last_micros=250_000
    )
    assert "Retry · about $0.25" in " ".join(shown(client).split())
