"""Upscale and remove background: who may, what is asked, what is queued, and what is sent."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from omixa_studio import storage
from omixa_studio.models import Generation, GenerationInput, InputImage, Person, Picture
from tests.factories import make_generation, make_limit, make_person, make_picture

pytestmark = pytest.mark.django_db

CREATIVE, CONSERVATIVE = "stability-upscale-creative", "stability-upscale-conservative"
CUTOUT = "stability-remove-background"
SCRIPT = {"HX-Request": "true"}
SIZE = (80, 64)


@pytest.fixture
def picture(person: Person) -> Picture:
    return make_picture(make_generation(person, prompt="A grey harbour"), size=SIZE)


@pytest.fixture
def models_toml(tmp_path: Path, settings: Settings) -> Callable[[str], None]:
    """A function that writes the studio's models.toml."""
    settings.MODELS_TOML = tmp_path / "models.toml"
    return lambda text: settings.MODELS_TOML.write_text(text) and None


def path(picture: Picture, action: str = "upscale") -> str:
    return f"/pictures/{picture.pk}/{action}/"


def test_it_asks_with_the_models_their_prices_and_the_picture_s_own_prompt(
    client: Client, picture: Picture
) -> None:
    page = client.get(path(picture)).content.decode()
    for words in ("Stability Creative Upscale", "Stability Conservative Upscale", "A grey harbour"):
        assert words in page
    assert "$0.60 per picture" in page
    assert "price not known · $0.10 reserved" in page
    assert "about $0.60" in page
    assert not Generation.objects.exclude(pk=picture.generation_id).exists()
    assert not InputImage.objects.exists()


def test_it_asks_script_in_a_part_of_the_page(client: Client, picture: Picture) -> None:
    part = client.get(path(picture, "cutout"), headers=SCRIPT).content.decode()
    assert part.strip().startswith('<section class="question">')
    assert "about $0.05" in part
    assert 'name="prompt"' not in part


def test_it_puts_what_is_held_on_the_button_where_no_price_is_known(
    client: Client, picture: Picture
) -> None:
    page = client.get(f"{path(picture)}?model={CONSERVATIVE}").content.decode()
    button = page[page.index('value="start"') :]
    assert "price not known · $0.10 reserved" in button


@pytest.mark.parametrize("action", ["upscale", "cutout"])
def test_it_says_so_where_no_model_can(
    client: Client, picture: Picture, action: str, models_toml: Callable[[str], None]
) -> None:
    models_toml(
        "".join(
            f'[models."{slug}"]\nenabled = false\n' for slug in (CREATIVE, CONSERVATIVE, CUTOUT)
        )
    )
    asked, started = client.get(path(picture, action)), client.post(path(picture, action))
    assert (asked.status_code, started.status_code) == (200, 422)
    assert b"No model that does this is switched on" in asked.content


def test_it_queues_and_leads_to_the_board(client: Client, picture: Picture) -> None:
    answer = client.post(path(picture), {"model": CONSERVATIVE, "prompt": "A harbour, sharp"})
    assert (answer.status_code, answer["Location"]) == (303, "/")
    row = Generation.objects.get(model=CONSERVATIVE)
    assert (row.operation, row.prompt, row.held_micros) == ("upscale", "A harbour, sharp", 100_000)
    sent = GenerationInput.objects.get(generation=row)
    assert sent.image.picture == picture


def test_it_needs_no_more_than_one_click(client: Client, picture: Picture) -> None:
    client.post(path(picture))
    client.post(path(picture, "cutout"))
    made = Generation.objects.exclude(pk=picture.generation_id).order_by("id")
    assert [(row.model, row.prompt) for row in made] == [(CREATIVE, "A grey harbour"), (CUTOUT, "")]


def test_it_answers_script_with_a_link_to_the_board(client: Client, picture: Picture) -> None:
    answer = client.post(path(picture, "cutout"), headers=SCRIPT)
    assert answer.status_code == 200
    assert '<a href="/">Go to the studio</a>' in answer.content.decode()
    assert "money" in answer["HX-Trigger-After-Settle"]


def test_it_queues_once_per_click(client: Client, picture: Picture) -> None:
    for _ in range(2):
        assert client.post(path(picture), {"click": "abc"}).status_code == 303
    assert Generation.objects.filter(operation="upscale").count() == 1


def test_it_sends_exactly_the_documented_upscale(
    client: Client, picture: Picture, sent_body: Callable[[], bytes]
) -> None:
    form = {"prompt": "A harbour", "output_format": "webp", "seed": "7", "creativity": "0.3"}
    client.post(path(picture), {"model": CREATIVE, **form, "style_preset": "enhance"})
    image = storage.get(InputImage.objects.get().name)
    assert sent_body() == (
        b'{"model":"stability-upscale-creative","prompt":"A harbour","output_format":"webp",'
        b'"seed":7,"creativity":0.3,"style_preset":"enhance","input_images":[{"type":"image_url",'
        b'"image_url":{"url":"data:image/png;base64,' + base64.b64encode(image) + b'"}}]}'
    )


def test_it_sends_exactly_the_documented_cut_out(
    client: Client, picture: Picture, sent_body: Callable[[], bytes]
) -> None:
    client.post(path(picture, "cutout"), {"output_format": "png"})
    image = storage.get(InputImage.objects.get().name)
    assert sent_body() == (
        b'{"model":"stability-remove-background","output_format":"png","input_images":'
        b'[{"type":"image_url","image_url":{"url":"data:image/png;base64,'
        + base64.b64encode(image)
        + b'"}}]}'
    )


@pytest.mark.parametrize(
    ("action", "form", "sentence"),
    [
        ("upscale", {"prompt": ""}, "describe what you would like to see"),
        ("upscale", {"prompt": "  "}, "describe what you would like to see"),
        ("upscale", {"prompt": "x" * 10_001}, "at most 10000"),
        ("upscale", {"creativity": "0.9"}, "from 0.1 to 0.5"),
        ("upscale", {"model": CONSERVATIVE, "style_preset": "anime"}, "no option called"),
        ("upscale", {"model": CUTOUT}, "cannot do this"),
        ("upscale", {"model": "nobody"}, "cannot do this"),
        ("upscale", {"n": "4"}, "no option called n"),
        ("cutout", {"prompt": "A cat"}, "no option called prompt"),
        ("cutout", {"output_format": "jpeg"}, "jpeg is not one of"),
    ],
)
def test_it_says_what_is_wrong(
    client: Client, picture: Picture, action: str, form: dict[str, str], sentence: str
) -> None:
    answer = client.post(path(picture, action), form)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not InputImage.objects.exists()
    assert Generation.objects.count() == 1


def test_it_asks_for_a_prompt_where_the_picture_has_none(client: Client, person: Person) -> None:
    bare = make_picture(make_generation(person, prompt=""), size=SIZE)
    assert "was made without a prompt" in client.get(path(bare)).content.decode()
    assert client.post(path(bare)).status_code == 422
    assert client.post(path(bare), {"prompt": "A cat"}).status_code == 303


def test_it_takes_the_beginning_of_a_prompt_that_is_too_long(
    client: Client, person: Person
) -> None:
    long = make_picture(make_generation(person, prompt="word " * 3000), size=SIZE)
    assert "this is its beginning" in client.get(path(long)).content.decode()
    assert client.post(path(long)).status_code == 303
    assert len(Generation.objects.get(operation="upscale").prompt) == 9_999


def test_it_shows_the_options_of_another_model_and_queues_nothing(
    client: Client, picture: Picture
) -> None:
    form = {"step": "model", "model": CONSERVATIVE, "prompt": "Mine", "style_preset": "anime"}
    answer = client.post(path(picture), form)
    assert answer.status_code == 200
    assert 'name="style_preset"' not in answer.content.decode()
    assert ">\nMine</textarea>" in answer.content.decode()
    assert not Generation.objects.filter(operation="upscale").exists()


def test_it_refuses_what_is_not_left_of_the_limit(
    client: Client, person: Person, picture: Picture
) -> None:
    make_limit(person.pk, 500_000)
    assert "reserves $0.60, more than the $0.50 left" in client.get(path(picture)).content.decode()
    answer = client.post(path(picture))
    assert answer.status_code == 422
    assert "This reserves $0.60" in answer.content.decode().replace("\xa0", " ")
    assert not Generation.objects.filter(operation="upscale").exists()


def test_it_says_when_the_picture_cannot_be_sent(client: Client, person: Person) -> None:
    small = make_picture(make_generation(person), size=(40, 40))
    answer = client.post(path(small, "cutout"))
    assert answer.status_code == 422
    assert "smaller than 64 pixels" in answer.content.decode()
    lost = make_picture(make_generation(person), size=SIZE)
    storage.remove(lost.name)
    answer = client.post(path(lost, "cutout"))
    assert answer.status_code == 422
    assert "is missing" in answer.content.decode()


@pytest.mark.parametrize("action", ["upscale", "cutout"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["member", "manager", "admin"])
def test_it_knows_no_private_picture_of_others(
    client: Client, role: str, method: str, action: str
) -> None:
    client.force_login(make_person(role=role))
    theirs = make_picture(make_generation(make_person()), size=SIZE)
    assert getattr(client, method)(path(theirs, action)).status_code == 404
    assert Generation.objects.count() == 1


def test_it_works_on_a_shared_picture_for_whoever_pressed(client: Client, person: Person) -> None:
    theirs = make_picture(make_generation(make_person()), size=SIZE, shared=True)
    assert client.post(path(theirs, "cutout")).status_code == 303
    row = Generation.objects.get(operation="remove_background")
    assert row.person == person
    assert row.inputs.get().person == person


def test_it_does_not_work_on_the_trash(client: Client, picture: Picture) -> None:
    client.post(f"/pictures/{picture.pk}/trash")
    assert client.get(path(picture)).status_code == 404
    assert client.post(path(picture)).status_code == 404


@pytest.mark.parametrize("action", ["upscale", "cutout"])
def test_it_is_behind_the_login(client: Client, action: str) -> None:
    picture = make_picture(make_generation(make_person()), shared=True)
    answer = client.post(path(picture, action))
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/login/?next={path(picture, action)}",
    )


def test_it_offers_both_on_the_picture_s_page(client: Client, picture: Picture) -> None:
    page = client.get(f"/pictures/{picture.pk}/").content.decode()
    assert f'href="{path(picture)}"' in page
    assert f'href="{path(picture, "cutout")}"' in page
    assert "before-after" not in page


def test_it_lays_the_result_over_the_one_image_it_was_made_from(
    client: Client, person: Person, picture: Picture
) -> None:
    client.post(path(picture, "cutout"))
    row = Generation.objects.get(operation="remove_background")
    result = make_picture(row, transparent=True)
    page = client.get(f"/pictures/{result.pk}/").content.decode()
    assert "<before-after" in page
    assert f"/inputs/{row.inputs.get().pk}/file" in page
    assert 'class="after clear"' in page


@pytest.mark.parametrize("action", ["upscale", "cutout"])
def test_it_asks_nothing_about_what_cannot_be_drawn(
    client: Client, person: Person, action: str
) -> None:
    plain = make_picture(make_generation(person), size=SIZE, thumb="")
    page = client.get(path(plain, action)).content.decode()
    assert "cannot be displayed here, so it cannot be sent" in page
    assert 'name="click"' not in page
    assert client.post(path(plain, action), {"click": "c1"}).status_code == 422
