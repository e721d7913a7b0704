"""Who sees what an admin stopped; pausing, resuming and cancelling on the page of people."""

import re
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from omixa_studio.models import (
    Act,
    Brake,
    Charge,
    Generation,
    Person,
    Run,
    State,
    WorkerSeen,
)
from omixa_studio.sentences import tell
from omixa_studio.services import brakes, claims, ledger, pauses
from omixa_studio.services.audit import Actor
from tests.factories import make_generation, make_person
from tests.pages import forms_to

pytestmark = pytest.mark.django_db
MARA = Actor(1, "mara")
LETTING_GO = ("/queue/resume/", "/pause/resume")


@pytest.fixture
def admin(client: Client) -> Person:
    admin = make_person("mara", role="admin")
    client.force_login(admin)
    return admin


def waiting(person: Person, target: str = "") -> Generation:
    row = make_generation(person, state="queued", target=target or settings.GATEWAY_TARGET)
    ledger.hold(row)
    return row


def html_of(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_it_pauses_everybody_and_resumes(client: Client, admin: Person) -> None:
    assert "Pause all paid requests" in html_of(client, "/people/")
    paused = client.post("/queue/pause/", {"everybody": "yes", "why": "Too <dear>"})
    assert (paused.status_code, paused["Location"]) == (303, "/people/")
    html = html_of(client, "/account/")
    assert re.search(r"Paused by mara, \d+ \w+, \d\d:\d\d", html)
    assert "Too &lt;dear&gt;" in html
    assert 'action="/queue/resume/"' in html
    client.post("/queue/resume/", {"everybody": "yes"})
    assert "Paused by" not in html_of(client, "/account/")
    assert list(Act.objects.order_by("pk").values_list("kind", "after")) == [
        ("paused", "Too <dear>"),
        ("resumed", ""),
    ]


def test_makers_see_the_line_without_the_button(client: Client) -> None:
    brakes.stop("sandbox", by=MARA, why="Too dear")
    client.force_login(make_person())
    html = html_of(client, "/account/")
    assert "Paused by mara, " in html
    assert "Too dear" in html
    assert "/queue/resume/" not in html


def test_a_stop_of_one_is_a_line_for_them_alone(client: Client) -> None:
    jon, other = make_person("jon"), make_person("other")
    brakes.stop("sandbox", by=MARA, person=jon, why="Ask me first")
    client.force_login(jon)
    html = html_of(client, "/account/")
    assert re.search(r"Your requests are paused by mara, \d+ \w+, \d\d:\d\d", html)
    assert "Ask me first" in html
    assert "/queue/resume/" not in html
    client.force_login(other)
    assert "paused by" not in html_of(client, "/account/")


def test_an_open_page_gets_the_lines_when_they_change(client: Client) -> None:
    jon = make_person("jon")
    client.force_login(jon)
    ask = re.compile(
        r'hx-get="(/lines/\?seen=[^"]*)"\s+hx-trigger="every 5s, look" hx-target="#lines"'
    )

    def poll(html: str) -> str:
        found = ask.search(html)
        assert found
        answer = client.get(found[1], headers={"HX-Request": "true"})
        return answer.content.decode() if answer.status_code == 200 else ""

    html = html_of(client, "/account/")
    for change, words in (
        (lambda: brakes.stop("sandbox", by=MARA, why="Too dear"), "Too dear"),
        (lambda: brakes.stop("sandbox", by=MARA, person=jon), "Your requests are paused by mara"),
        (
            lambda: pauses.pause("sandbox", "rate", error=[], seconds=60),
            "Too many requests at the gateway",
        ),
        (lambda: pauses.resume("sandbox"), "Too dear"),
    ):
        assert poll(html) == ""
        change()
        html = poll(html)
        assert words in html
        assert "<html" not in html


def test_resuming_in_a_line_leads_back_to_the_page_it_stands_on(
    client: Client, admin: Person
) -> None:
    brakes.stop("sandbox", by=MARA)
    pauses.pause("sandbox", "key", error=[])
    polled = {"HX-Request": "true", "HX-Current-URL": "http://testserver/costs/?by=person"}
    for html in (
        client.get("/costs/?by=person").content.decode(),
        client.get("/lines/?seen=old", headers=polled).content.decode(),
    ):
        forms = [form for path in LETTING_GO for form in forms_to(html, path)]
        assert {form["next"] for form in forms} == {"/costs/?by=person"}
    for path in LETTING_GO:
        resumed = client.post(path, {"everybody": "yes", "next": "/costs/?by=person"})
        assert resumed["Location"] == "/costs/?by=person"


def test_whoever_must_choose_a_password_gets_the_lines_alone(client: Client) -> None:
    client.force_login(make_person(must_change_password=True))
    assert client.get("/lines/?seen=x", headers={"HX-Request": "true"}).status_code == 200


def test_a_stop_of_another_target_is_no_line(client: Client, admin: Person) -> None:
    brakes.stop("www.omixa.cloud", by=MARA)
    assert "Paused by" not in html_of(client, "/account/")


def test_it_pauses_resumes_and_cancels_one_person(client: Client, admin: Person) -> None:
    jon, other = make_person("jon"), make_person()
    mine, theirs = [waiting(jon), waiting(jon)], waiting(other)
    html = html_of(client, "/people/")
    assert "2 requests waiting, $0.080 reserved" in html
    assert "3 requests waiting, $0.120 reserved" in html
    assert "Cancel 2 waiting requests? They are not charged, and the $0.080 reserved" in html
    client.post("/queue/pause/", {"person": jon.pk})
    assert Brake.objects.get().person == jon
    assert "Paused by mara, " in html_of(client, "/people/")
    client.post("/queue/resume/", {"person": jon.pk})
    assert not Brake.objects.exists()
    client.post("/queue/cancel/", {"person": jon.pk})
    told = html_of(client, "/people/")
    assert "Cancelled for jon free of charge: 2. Released: $0.080." in told
    assert "1 request waiting, $0.040 reserved" in told
    states = Generation.objects.filter(pk__in=[row.pk for row in mine]).values_list("state")
    assert set(states) == {(State.CANCELLED,)}
    theirs.refresh_from_db()
    assert theirs.state == State.QUEUED


def test_it_names_people_as_screens_do(client: Client) -> None:
    client.force_login(make_person("mk", role="admin", first_name="Mara", last_name="Kalnina"))
    jon = make_person("jon", first_name="Jon", last_name="Berg")
    row, whose = waiting(jon), {"person": jon.pk}

    def said(act: str, given: dict[str, Any]) -> list[str]:
        answer = client.post(f"/queue/{act}/", given, follow=True)
        return [str(message) for message in answer.context["messages"]]

    assert said("pause", whose) == [
        "Jon Berg is paused. Running requests finish and their cost is recorded."
    ]
    assert "Paused by Mara Kalnina, " in html_of(client, "/people/")
    assert said("pause", whose) == ["Jon Berg was paused already."]
    assert said("resume", whose) == ["Requests of Jon Berg continue."]
    assert said("resume", whose) == ["Jon Berg was not paused."]
    assert said("pause", {"everybody": "yes"})[0].startswith("Paused. ")
    [told] = said("cancel", whose)
    assert told.startswith("Cancelled for Jon Berg free of charge: 1. ")
    row.refresh_from_db()
    assert tell(row.error) == "Cancelled by Mara Kalnina."
    # The log names accounts, by which people log in.
    assert set(Act.objects.values_list("who_name", "whom_name")) == {("mk", "jon"), ("mk", "")}


def test_a_long_name_is_cut_where_a_row_has_no_room_for_it() -> None:
    brakes.stop("sandbox", by=Actor(1, "mara", name="n" * 301))
    assert Brake.objects.get().by == "n" * 200


def test_it_cancels_a_run_and_a_single_request(client: Client, admin: Person) -> None:
    run = Run.objects.create(person=admin, kind="list")
    of_run, alone, last = waiting(admin), waiting(admin), waiting(admin)
    Generation.objects.filter(pk=of_run.pk).update(group=run.pk)
    client.post("/queue/cancel/", {"run": run.pk})
    client.post("/queue/cancel/", {"generation": alone.pk})
    assert list(Generation.objects.filter(state=State.QUEUED)) == [last]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"person": ""},
        {"person": "x"},
        {"person": "-1"},
        {"run": "1"},
        {"everybody": "yes", "person": "1"},
        {"why": "no"},
        {"everybody": "yes", "why": "x" * 201},
    ],
)
def test_it_stops_nobody_by_an_odd_form(
    client: Client, admin: Person, form: dict[str, str]
) -> None:
    row = waiting(admin)
    for act in ("pause", "resume", "cancel"):
        assert client.post(f"/queue/{act}/", form).status_code == 400
    assert client.post("/queue/pause/", {"generation": row.pk}).status_code == 400
    for nobody in ({"person": 2**62}, {"run": uuid.uuid4()}, {"generation": 2**62}):
        assert client.post("/queue/cancel/", nobody).status_code == 404
    row.refresh_from_db()
    assert (row.state, Brake.objects.count()) == (State.QUEUED, 0)


@pytest.mark.parametrize("whose", ["everybody", "person", "run"])
def test_a_card_says_who_paused_it_and_the_poll_redraws_it(
    client: Client, person: Person, whose: str
) -> None:
    run = Run.objects.create(person=person, kind="list")
    row = waiting(person)
    Generation.objects.filter(pk=row.pk).update(group=run.pk)
    html = html_of(client, "/")
    assert "Paused by" not in html
    seen = html.split('data-seen="')[1].split('"')[0]
    choices: dict[str, dict[str, Any]] = {
        "everybody": {},
        "person": {"person": person},
        "run": {"run": run},
    }
    assert client.post("/generations/cards/", {"seen": seen}).status_code == 204
    on_the_run = html_of(client, f"/runs/{run.pk}/")
    brakes.stop("sandbox", by=MARA, **choices[whose])
    poll = client.post("/generations/cards/", {"seen": seen}, headers={"HX-Request": "true"})
    assert "<strong>Paused by mara</strong>" in poll.content.decode()
    seen = on_the_run.split("?seen=")[1].split('"')[0]
    poll = client.get(f"/runs/{run.pk}/?seen={seen}", headers={"HX-Request": "true"})
    assert poll.status_code == 200


def test_a_card_of_others_and_one_under_way_say_nothing(client: Client, person: Person) -> None:
    row = waiting(person)
    brakes.stop("sandbox", by=MARA, person=make_person())
    assert "Paused by" not in html_of(client, "/")
    assert claims.claim_next("sandbox", "w1") == row
    brakes.stop("sandbox", by=MARA, person=person)
    assert "Paused by" not in html_of(client, "/")


def test_what_waits_for_another_gateway_is_seen_and_can_be_cancelled(
    client: Client, admin: Person, settings: Settings
) -> None:
    settings.GATEWAY_TARGET, settings.SANDBOX_MODE = "www.omixa.cloud", False
    old, ours = [waiting(make_person(), "old.example") for _ in range(2)], waiting(admin)
    WorkerSeen.objects.create(worker="there:7", target="old.example")
    html = html_of(client, "/people/")
    assert "Waiting for old.example" in html
    assert "2 requests waiting, $0.080 reserved" in html
    assert "its worker was last seen" in html
    assert "no worker of the old one is seen for ten minutes" in html
    client.post("/queue/cancel/", {"target": "old.example"})
    assert "Waiting for old.example" not in html_of(client, "/people/")
    assert set(Generation.objects.filter(state=State.QUEUED)) == {ours}
    assert Act.objects.get().thing == "old.example"
    booked = Charge.objects.filter(generation_id=old[0].pk)
    assert sum(booked.values_list("amount_micros", flat=True)) == 0


def test_a_studio_without_its_key_says_what_waits_for_the_gateway(
    client: Client, admin: Person
) -> None:
    mine = waiting(admin, "www.omixa.cloud")
    html = html_of(client, "/people/")
    assert "Waiting for www.omixa.cloud" in html
    assert "The studio was started without a key, so these are waiting." in html
    board = html_of(client, "/")
    assert "Waits for www.omixa.cloud" in board
    assert "now uses another gateway" in board
    client.post(f"/generations/{mine.pk}/cancel/")
    mine.refresh_from_db()
    assert mine.state == State.CANCELLED


def test_what_an_admin_stopped_here_says_nothing_of_what_waits_elsewhere(
    client: Client, admin: Person
) -> None:
    waiting(admin, "www.omixa.cloud")
    brakes.stop("sandbox", by=MARA, person=admin)
    assert "Paused by" not in html_of(client, "/")


@pytest.mark.parametrize("act", ["pause", "resume", "cancel"])
def test_a_brake_is_moved_by_a_form_of_the_studio_alone(act: str) -> None:
    """A page elsewhere must neither stop paid calls nor let them go nor cancel anything."""
    admin, jon = make_person("mara", role="admin"), make_person("jon")
    row = waiting(jon)
    if act == "resume":
        brakes.stop("sandbox", by=MARA)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    before = (list(Brake.objects.values()), list(Generation.objects.values()))
    sent = {"everybody": "yes"}
    form = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html_of(strict, "/people/"))
    assert form
    for token in ("", "x" * len(form[1])):
        answer = strict.post(f"/queue/{act}/", {**sent, "csrfmiddlewaretoken": token})
        assert answer.status_code == 403
    elsewhere = strict.post(
        f"/queue/{act}/",
        {**sent, "csrfmiddlewaretoken": form[1]},
        headers={"origin": "https://elsewhere.example"},
    )
    assert elsewhere.status_code == 403
    assert (list(Brake.objects.values()), list(Generation.objects.values())) == before
    assert (
        strict.post(f"/queue/{act}/", {**sent, "csrfmiddlewaretoken": form[1]}).status_code == 303
    )
    row.refresh_from_db()
    assert (row.state, Brake.objects.count()) == {
        "pause": ("queued", 1),
        "resume": ("queued", 0),
        "cancel": ("cancelled", 0),
    }[act]
