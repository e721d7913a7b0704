"""A limit that is lowered says whom it stops, how many wait past it, and cancels these."""

import pytest
from django.test import Client

from omixa_studio.models import Act, Generation, Person, State
from omixa_studio.queries.balance_check import differences
from omixa_studio.services import ledger
from tests.factories import make_generation, make_limit, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Person:
    admin = make_person("mara", role="admin")
    client.force_login(admin)
    return admin


def wait(person: Person, times: int) -> list[Generation]:
    rows = [make_generation(person, state="queued") for _ in range(times)]
    ledger.hold(*rows)
    return rows


def html_of(client: Client) -> str:
    return " ".join(client.get("/people/").content.decode().split())


def waiting() -> list[Generation]:
    return list(Generation.objects.filter(state=State.QUEUED).order_by("pk"))


def test_a_persons_limit_says_how_many_wait_past_it_and_cancels_them(
    client: Client, admin: Person
) -> None:
    jon = make_person("jon")
    mine, others = wait(jon, 5), wait(make_person(), 3)
    client.post(f"/people/{jon.pk}/limit/", {"limit": "0.09"})
    html = html_of(client)
    assert "jon has $0.200 spent and reserved and cannot generate anything until " in html
    assert "3 waiting requests are over the limit. You can cancel them here free of charge." in html
    assert html.count("3 requests waiting over the limit, $0.120 reserved") == 1
    assert "Cancel these 3" in html
    pressed = {"person": jon.pk, "past": "yes"}
    client.post("/queue/cancel/", pressed)
    assert waiting() == [*mine[:2], *others]
    html = html_of(client)
    assert "Cancelled for jon free of charge: 3. Released: $0.120." in html
    assert "over the limit" not in html
    act = Act.objects.get(kind="cancelled")
    assert (act.thing, act.whom_name, act.after) == ("limit", "jon", "3")
    client.post("/queue/cancel/", pressed)
    assert waiting() == [*mine[:2], *others]
    assert differences() == {}


def test_the_studios_limit_says_so_of_everybody(client: Client, admin: Person) -> None:
    rows = wait(make_person(), 2) + wait(make_person(), 2)
    client.post("/people/limit/", {"limit": "0.1"})
    html = html_of(client)
    assert "$0.160 is already spent and reserved: nobody can generate anything until " in html
    assert html.count("2 requests waiting over the limit, $0.080 reserved") == 1
    client.post("/queue/cancel/", {"everybody": "yes", "past": "yes"})
    assert waiting() == rows[:2]
    assert differences() == {}


def test_a_limit_with_room_says_nothing(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    wait(jon, 2)
    client.post(f"/people/{jon.pk}/limit/", {"limit": "0.09"})
    html = html_of(client)
    assert "The limit of jon is saved." in html
    assert "over the limit" not in html
    assert "generate anything until" not in html


def test_it_counts_what_was_asked_for_last_month(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    row = make_generation(jon, state="queued", month="2026-01")
    ledger.hold(row)
    make_limit(jon.pk, 10_000)
    assert "1 request waiting over the limit, $0.040 reserved" in html_of(client)
    client.post("/queue/cancel/", {"person": jon.pk, "past": "yes"})
    assert waiting() == []


@pytest.mark.parametrize("named", [{}, {"run": "x"}, {"generation": "1"}])
def test_only_a_person_or_all_have_limits(
    client: Client, admin: Person, named: dict[str, str]
) -> None:
    rows = wait(admin, 1)
    assert client.post("/queue/cancel/", {"past": "yes", **named}).status_code == 400
    assert waiting() == rows


def test_a_second_press_says_that_it_was_so_already(client: Client, admin: Person) -> None:
    for act, second in (("pause", "It was paused already."), ("resume", "It was not paused.")):
        for sentence in ("", second):
            client.post(f"/queue/{act}/", {"everybody": "yes"})
            assert (second in html_of(client)) == bool(sentence)
