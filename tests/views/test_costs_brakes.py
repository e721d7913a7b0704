"""Pausing and cancelling on the page of costs: all, a person, a run, one request."""

from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from omixa_studio.models import Brake, Generation, Person, Run, State
from omixa_studio.services import ledger
from tests.factories import make_generation, make_limit, make_person
from tests.pages import forms_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Person:
    admin = make_person("mara", role="admin")
    client.force_login(admin)
    return admin


def wait(person: Person | None, times: int = 1, **fields: object) -> list[Generation]:
    rows = [make_generation(person, state="queued", **fields) for _ in range(times)]
    ledger.hold(*rows)
    return rows


def html_of(client: Client, path: str = "/costs/") -> str:
    return " ".join(unescape(client.get(path).content.decode()).split())


def waiting() -> set[Generation]:
    return set(Generation.objects.filter(state=State.QUEUED))


def test_it_pauses_and_resumes_all_and_comes_back(client: Client, admin: Person) -> None:
    html = html_of(client)
    assert "Running requests finish and their cost is recorded." in html
    [form] = forms_to(html, "/queue/pause/")
    answer = client.post("/queue/pause/", {**form, "why": "Too dear"})
    assert (answer.status_code, answer["Location"]) == (303, "/costs/")
    assert Brake.objects.get().why == "Too dear"
    client.post("/queue/resume/", forms_to(html_of(client), "/queue/resume/")[-1])
    assert not Brake.objects.exists()


def test_it_pauses_and_cancels_the_person_of_the_page(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    wait(jon, 3)
    kept = wait(make_person())
    path = f"/costs/?person={jon.pk}"
    pauses = forms_to(html_of(client, path), "/queue/pause/")
    answer = client.post("/queue/pause/", next(form for form in pauses if "person" in form))
    assert answer["Location"] == path
    assert Brake.objects.get().person == jon
    cancels = forms_to(html_of(client, path), "/queue/cancel/")
    client.post("/queue/cancel/", next(form for form in cancels if "person" in form))
    assert waiting() == set(kept)
    assert "Cancelled for jon free of charge: 3. Released: $0.120." in html_of(client, path)


def test_its_rows_cancel_one_run_and_one_request(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    run = Run.objects.create(person=jon, kind="list")
    wait(jon, 4, group=run.pk, prompt="Kites over dunes")
    [alone], [nobodys], [kept] = wait(jon), wait(None), wait(jon)
    html = html_of(client)
    assert "Kites over dunes" in html
    assert "4 requests waiting, $0.160 reserved" in html
    forms = forms_to(html, "/queue/cancel/")
    client.post("/queue/cancel/", next(form for form in forms if form.get("run") == str(run.pk)))
    assert waiting() == {alone, nobodys, kept}
    for row in (alone, nobodys):
        of_row = (form for form in forms if form.get("generation") == str(row.pk))
        client.post("/queue/cancel/", next(of_row))
    assert waiting() == {kept}


def test_it_offers_to_cancel_what_waits_past_a_limit(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    wait(jon, 3)
    make_limit(jon.pk, 50_000)
    path = f"/costs/?person={jon.pk}"
    html = html_of(client, path)
    assert "2 requests waiting over the limit, $0.080 reserved" in html
    client.post("/queue/cancel/", next(f for f in forms_to(html, "/queue/cancel/") if "past" in f))
    assert len(waiting()) == 1


def test_managers_see_no_brakes(client: Client) -> None:
    wait(make_person(), prompt="Kites over dunes")
    client.force_login(make_person(role="manager"))
    html = html_of(client)
    assert "/queue/pause/" not in html
    assert "Kites over dunes" not in html


def test_it_asks_as_often_for_many_and_says_how_many_more(client: Client, admin: Person) -> None:
    counted = []
    for times in (2, 38):
        for _ in range(times):
            wait(make_person())
        with CaptureQueriesContext(connection) as asked:
            html = html_of(client)
        counted.append(len(asked))
    assert "and 10 more" in html
    assert counted[1] <= counted[0] + 1
