"""The page of the gateway's keys, and the key of a project: never a secret in an answer."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from omixa_studio.models import Act, GatewayKey, Generation, Pause, Person
from omixa_studio.queries.metrics import metrics
from omixa_studio.queries.readiness import look_at_parts, oldest_waiting
from omixa_studio.services import gateway_keys, gateway_secrets, pauses
from omixa_studio.services.audit import Actor
from omixa_studio.visitors import PROVED_AT
from tests.factories import (
    PASSWORD,
    make_gateway_key,
    make_generation,
    make_lost_call,
    make_person,
    make_project,
)
from tests.pages import folded

pytestmark = pytest.mark.django_db
SECRET, NEWER = "bold/9876543210+abcdef", "bold/newer-0123456789"
PAGE = "/models/keys/"


@pytest.fixture
def mara(client: Client) -> Person:
    person = make_person("mara", role="admin")
    client.login(username="mara", password=PASSWORD)
    return person


def html_of(client: Client, path: str) -> str:
    return folded(client.get(path).content.decode())


def forget_proof(client: Client) -> None:
    """Let the password have been typed long ago."""
    session = client.session
    session[PROVED_AT] = 0
    session.save()


def test_an_admin_sets_replaces_and_ends_a_key(client: Client, mara: Person) -> None:
    given = {"name": "  Acme  Corp ", "secret": SECRET, "on_own_bill": "on"}
    proof = {"own_password": PASSWORD}
    assert client.post(f"{PAGE}new/", given | proof).status_code == 303
    key = GatewayKey.objects.get()
    assert (key.name, key.tail, key.made_by, key.on_own_bill) == ("Acme Corp", "cdef", "mara", True)
    assert gateway_secrets.secret_of(key.pk, "sandbox") == SECRET
    html = html_of(client, PAGE)
    assert "Acme Corp" in html
    assert "…cdef" in html
    assert SECRET not in html

    assert client.post(f"{PAGE}{key.pk}/rotate/", {"secret": NEWER} | proof).status_code == 303
    assert gateway_secrets.secret_of(key.pk, "sandbox") == NEWER
    change = {"name": "Acme", **proof}
    assert client.post(f"{PAGE}{key.pk}/change/", change).status_code == 303
    key.refresh_from_db()
    assert (key.name, key.tail, key.rotated_by, key.on_own_bill) == ("Acme", "6789", "mara", False)

    assert client.post(f"{PAGE}{key.pk}/switch/", proof).status_code == 303
    assert "Paused" in html_of(client, PAGE)
    assert client.post(f"{PAGE}{key.pk}/end/", proof).status_code == 303
    assert "Acme" not in re.sub(r"(?s)<div[^>]*toast.*", "", html_of(client, PAGE))
    assert client.post(f"{PAGE}{key.pk}/end/", proof).status_code == 404
    acts = Act.objects.filter(kind__startswith="gateway").order_by("pk")
    kinds = list(acts.values_list("kind", flat=True))
    assert kinds == [
        f"gateway_key_{what}" for what in ("set", "rotated", "changed", "paused", "ended")
    ]


def test_a_form_that_is_refused_comes_back_without_the_secret(client: Client, mara: Person) -> None:
    make_gateway_key("Acme", SECRET)
    given = {"name": "Acme", "secret": NEWER, "own_password": PASSWORD}
    answer = client.post(f"{PAGE}new/", given)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "already a key of this name" in html
    assert NEWER not in html
    assert SECRET not in html
    answer = client.post(f"{PAGE}new/", given | {"name": "Bold", "secret": SECRET})
    assert (answer.status_code, SECRET in answer.content.decode()) == (422, False)
    assert "is this one already" in answer.content.decode()


def test_the_page_that_asks_for_the_password_does_not_repeat_the_secret(
    client: Client, mara: Person
) -> None:
    forget_proof(client)
    assert html_of(client, PAGE).count('name="own_password"') == 1
    answer = client.post(f"{PAGE}new/", {"name": "Acme", "secret": SECRET, "own_password": "no"})
    html = answer.content.decode()
    assert "Your password" in html
    assert "Acme" in html
    assert SECRET not in html
    assert not GatewayKey.objects.exists()
    # Only the secret has to be typed again.
    again = dict(answer.context["sent"])
    assert again == {"name": "Acme"}
    answer = client.post(f"{PAGE}new/", again | {"own_password": PASSWORD})
    assert (answer.status_code, answer.context["form"]["name"].value()) == (422, "Acme")
    assert client.post(f"{PAGE}new/", again | {"secret": SECRET}).status_code == 303


@pytest.mark.parametrize("role", ["member", "manager"])
def test_nobody_but_admins_sees_or_sets_keys(client: Client, role: str) -> None:
    make_person("ada", role=role)
    client.login(username="ada", password=PASSWORD)
    key, project = make_gateway_key("Acme", SECRET), make_project()
    assert client.get(PAGE).status_code == 403
    for path in (f"{PAGE}new/", f"{PAGE}{key.pk}/rotate/", f"/projects/{project.pk}/key/"):
        given = {"name": "Bold", "secret": NEWER, "key": str(key.pk), "own_password": PASSWORD}
        assert client.post(path, given).status_code == 403
    assert (
        "Gateway key" not in html_of(client, f"/projects/{project.pk}/")
        if role == "manager"
        else True
    )
    project.refresh_from_db()
    assert project.gateway_key is None


def test_a_project_is_given_a_key_on_its_page(client: Client, mara: Person) -> None:
    project = make_project()
    assert "Gateway key" not in html_of(client, f"/projects/{project.pk}/")
    key = make_gateway_key("Acme", SECRET)
    html = html_of(client, f"/projects/{project.pk}/")
    assert "Acme (…cdef)" in html
    assert SECRET not in html
    path, proof = f"/projects/{project.pk}/key/", {"own_password": PASSWORD}
    assert client.post(path, {"key": str(key.pk)} | proof).status_code == 303
    project.refresh_from_db()
    assert project.gateway_key == key
    assert client.post(path, {"key": "x"} | proof).status_code == 303
    assert client.post(path, {"key": "999999"} | proof).status_code == 404
    project.refresh_from_db()
    assert project.gateway_key == key
    answer = client.post(f"{PAGE}{key.pk}/end/", proof, follow=True)
    assert "Projects use this key" in answer.content.decode()
    assert client.post(path, {"key": "0"} | proof).status_code == 303
    project.refresh_from_db()
    assert project.gateway_key is None


def test_the_line_of_a_pause_names_its_key_to_those_whom_it_concerns(
    client: Client, mara: Person
) -> None:
    key = make_gateway_key("Acme & Co", SECRET)
    pauses.pause("sandbox", "key", error=[], gateway_key=key.pk)
    html = html_of(client, "/")
    assert "Requests sent with the key “Acme &amp; Co” wait; all others go on." in html
    pauses.pause("sandbox", "balance", error=[], gateway_key=0)
    html = html_of(client, "/")
    assert "Requests of projects with a key of their own go on." in html

    ada = make_person("ada")
    other = Client()
    other.login(username="ada", password=PASSWORD)
    assert "Acme" not in html_of(other, "/")
    make_generation(ada, state="queued", gateway_key=key)
    html = html_of(other, "/")
    assert "Requests sent with the key “Acme &amp; Co” wait" in html
    assert "Paused: The gateway rejects the key (key Acme &amp; Co)" in html

    # Each is resumed by itself.
    pause = Pause.objects.get(gateway_key=key.pk)
    proof = {"own_password": PASSWORD}
    client.post("/pause/resume", {"pause": "nothing"} | proof)
    assert Pause.objects.count() == 2
    client.post("/pause/resume", {"pause": str(pause.pk)} | proof)
    assert Pause.objects.get().gateway_key == 0


def test_a_project_with_a_key_of_another_gateway_says_so(
    client: Client, mara: Person, settings: Settings
) -> None:
    key = make_gateway_key("Acme", SECRET)
    project = make_project()
    gateway_keys.give(project, key, by=Actor())
    GatewayKey.objects.update(target="gateway.example")
    html = html_of(client, f"/projects/{project.pk}/")
    assert "new requests of the project are refused" in html
    html = html_of(client, PAGE)
    assert "Keys of other gateways" in html
    assert "gateway.example" in html


def test_figures_name_paused_keys_by_id_and_readiness_leaves_their_requests_out() -> None:
    key = make_gateway_key("Acme", SECRET)
    make_generation(make_person(), state="queued", gateway_key=key)
    assert oldest_waiting("sandbox") is not None
    pauses.pause("sandbox", "key", error=[], gateway_key=key.pk)
    assert oldest_waiting("sandbox") is None
    waiting = next(part for part in look_at_parts("sandbox") if part.name == "waiting")
    assert (waiting.ok, waiting.facts["paused_keys"]) == (True, 1)
    found: dict[str, Any] = {one.name: one.values for one in metrics("sandbox", [])}
    assert found["key_paused"] == [({"key": str(key.pk), "reason": "key"}, 1.0)]
    assert found["paused"] == [({"reason": ""}, 0.0)]


def test_a_lost_call_and_an_unknown_one_say_their_key(client: Client, mara: Person) -> None:
    key = make_gateway_key("Acme", SECRET)
    make_lost_call(gateway_key=key.pk)
    make_generation(mara, state="unknown", charged="unknown", gateway_key=key)
    html = html_of(client, "/unknown/")
    assert "sent with the key “Acme”" in html
    assert "look into that account" in html
    assert Generation.objects.count() == 1
