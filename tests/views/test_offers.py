"""The gateway's models beside ours: asked by a click, applied by a click."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Person
from omixa_studio.sandbox import Sandbox
from tests.factories import make_person

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}
IMAGEN, REMOVER = "imagen-4.0-generate-001", "stability-remove-background"
Says = Callable[..., object]


@pytest.fixture
def admin(client: Client) -> Person:
    admin = make_person("ada", role="admin")
    client.force_login(admin)
    return admin


def asked(client: Client) -> str:
    answer = client.post("/models/ask/", headers=SCRIPT)
    assert answer.status_code == 200
    return answer.content.decode()


def applied(client: Client, **form: str) -> str:
    answer = client.post("/models/apply/", form, headers=SCRIPT)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", ["member", "manager"])
@pytest.mark.parametrize("door", ["ask", "apply"])
def test_it_lets_only_admins_in(client: Client, models_toml: Path, role: str, door: str) -> None:
    client.force_login(make_person(role=role))
    answer = client.post(f"/models/{door}/", {"change": "off", "slug": IMAGEN})
    assert answer.status_code == 403
    assert not models_toml.exists()


@pytest.mark.parametrize("door", ["ask", "apply"])
def test_it_changes_nothing_by_get(client: Client, admin: Person, door: str) -> None:
    assert client.get(f"/models/{door}/").status_code == 405


def test_it_asks_from_the_page_of_models(client: Client, admin: Person) -> None:
    page = client.get("/models/").content.decode()
    assert 'action="/models/ask/"' in page
    assert "Default model for everyone" in page


def test_it_finds_nothing_different_in_the_sandbox(
    client: Client, admin: Person, sandbox: Sandbox, models_toml: Path
) -> None:
    part = asked(client)
    assert "are the same at the gateway" in part
    assert "data-standing" not in part
    assert not models_toml.exists()


def test_it_tells_new_gone_and_other_prices_apart(
    client: Client, admin: Person, gateway_says: Says, models_toml: Path
) -> None:
    gateway_says(
        {
            "data": [
                {"id": IMAGEN, "prices": {"image_per_unit": "0.05"}},
                {"id": REMOVER, "prices": {"image_per_unit": "0.05"}},
                {
                    "id": "gpt-image-2",
                    "name": "GPT Image <2>",
                    "modality": "image",
                    "prices": {"image_per_unit": "0.07"},
                    "context": 32000,
                },
                {"id": "claude", "modality": "chat"},
            ]
        }
    )
    part = asked(client)
    assert f'data-slug="{IMAGEN}" data-standing="price"' in part
    assert "the gateway says $0.050 per picture, the studio $0.040" in part
    assert 'data-slug="gpt-image-2" data-standing="new"' in part
    assert "GPT Image &lt;2&gt;" in part
    assert "32000" in part
    assert '<option value="gpt-image-1.5" selected>' in part
    assert 'data-slug="MAI-Image-2.5" data-standing="gone"' in part
    assert "claude" not in part
    page = client.post("/models/ask/").content.decode()
    assert "<html" in page
    assert 'data-slug="gpt-image-2"' in page


@pytest.mark.parametrize(
    ("document", "status", "words"),
    [
        (b"<html>", 200, "cannot be read"),
        ({"error": {"message": "no"}}, 401, "key"),
        ([], 200, "contains none"),
        ([{"id": "only-strange"}], 200, "contains none"),
        ({"data": [1, "x", {}, {"id": None}]}, 200, "contains none"),
    ],
)
def test_it_deletes_nothing_for_an_odd_answer(
    client: Client,
    admin: Person,
    gateway_says: Says,
    models_toml: Path,
    document: object,
    status: int,
    words: str,
) -> None:
    gateway_says(document, status=status)
    part = asked(client)
    assert words in part
    assert 'value="off"' not in part
    assert not models_toml.exists()


def test_it_shows_a_hundred_strange_models_and_more(
    client: Client, admin: Person, gateway_says: Says
) -> None:
    gateway_says([{"id": IMAGEN}, *({"id": f"new-{number}"} for number in range(300))])
    part = asked(client)
    assert part.count('data-standing="new"') == 200
    assert "100 more new ones are not shown." in part


def test_it_switches_off_and_on(client: Client, admin: Person, models_toml: Path) -> None:
    assert "is switched off" in applied(client, change="off", slug=IMAGEN)
    assert not load_catalogue(models_toml).models[IMAGEN].enabled
    assert "is switched on" in applied(client, change="on", slug=IMAGEN)
    assert load_catalogue(models_toml).models[IMAGEN].enabled


def test_it_takes_over_a_price(client: Client, admin: Person, models_toml: Path) -> None:
    part = applied(client, change="price", slug=IMAGEN, price="0.05")
    assert "now costs $0.05 per picture" in part
    assert str(load_catalogue(models_toml).models[IMAGEN].image_price) == "0.05"


def test_it_adds_a_model_like_another(client: Client, admin: Person, models_toml: Path) -> None:
    form = {"slug": "gpt-image-2", "like": "gpt-image-1.5", "name": "GPT Image 2", "price": "0.07"}
    assert "GPT Image 2 was added" in applied(client, change="add", **form)
    model = load_catalogue(models_toml).models["gpt-image-2"]
    assert (model.name, str(model.image_price), model.enabled) == ("GPT Image 2", "0.07", True)
    assert model.field("quality")
    assert "already has this model" in applied(client, change="add", **form)


def test_it_sets_the_first_choice(client: Client, admin: Person, models_toml: Path) -> None:
    answer = client.post("/models/apply/", {"change": "default", "slug": "MAI-Image-2.5"})
    assert (answer.status_code, answer["Location"]) == (303, "/models/")
    assert load_catalogue(models_toml).default_model == "MAI-Image-2.5"
    assert 'value="MAI-Image-2.5" checked' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"change": "price", "slug": IMAGEN, "price": "cheap"}, "not an amount"),
        ({"change": "price", "slug": IMAGEN}, "missing"),
        ({"change": "price", "slug": IMAGEN, "price": "0.0000001"}, "not an amount"),
        ({"change": "price", "slug": "gone", "price": "0.05"}, "does not know this model"),
        ({"change": "off", "slug": "gone"}, "does not know this model"),
        ({"change": "add", "slug": "new one", "like": IMAGEN}, "without spaces"),
        ({"change": "add", "slug": "new", "like": "nothing"}, "no model"),
        ({"change": "add", "slug": "new"}, "missing"),
        ({"change": "default", "slug": "gone"}, "switched on"),
        ({"change": "off", "slug": "a\nb"}, "valid"),
        ({"change": "delete", "slug": IMAGEN}, "choice"),
        ({}, "required"),
    ],
)
def test_it_says_why_nothing_was_changed(
    client: Client, admin: Person, models_toml: Path, form: dict[str, str], words: str
) -> None:
    part = applied(client, **form)
    assert words in part
    assert 'role="alert"' in part
    assert not models_toml.exists()


def test_it_leaves_a_broken_file_alone(client: Client, admin: Person, models_toml: Path) -> None:
    models_toml.write_text("= broken")
    assert "cannot be read" in applied(client, change="off", slug=IMAGEN)
    assert models_toml.read_text() == "= broken"


def test_it_does_not_switch_the_first_choice_off(
    client: Client, admin: Person, models_toml: Path
) -> None:
    applied(client, change="default", slug=IMAGEN)
    assert "Nothing was changed" in applied(client, change="off", slug=IMAGEN)
    assert load_catalogue(models_toml).models[IMAGEN].enabled
