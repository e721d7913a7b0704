"""A masked edit from a picture, and an admin who says whether the mask worked."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from omixa_studio import storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Generation, Person
from omixa_studio.services import offers
from tests.factories import draw_png, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db

GPT = "gpt-image-1.5"
MASKED = '{"model":"gpt-image-1.5","prompt":"x","mask":%s}'
AS_PART, AS_URL = MASKED % '{"type":"image_url"}', MASKED % '"sha256:0"'


@pytest.fixture
def admin(client: Client) -> Person:
    person = make_person("ada", role="admin")
    client.force_login(person)
    return person


@pytest.fixture(autouse=True)
def _own_models_toml(settings: Settings, tmp_path: Path) -> None:
    settings.MODELS_TOML = tmp_path / "models.toml"


def masked(person: Person, body: str = AS_PART, **fields: Any) -> Generation:
    made = make_generation(person, model=GPT, body=body, **fields)
    image = person.input_images.create(
        sha256="0" * 64, name="x", mime="image/png", width=9, height=9, bytes=9
    )
    made.sent_inputs.create(image=image, position=0, is_mask=True)
    return made


def upload(size: tuple[int, int]) -> SimpleUploadedFile:
    return SimpleUploadedFile("file.png", draw_png(size), "image/png")


def test_it_begins_with_a_model_that_takes_masks(client: Client, admin: Person) -> None:
    picture = make_picture(make_generation(admin), size=(640, 400))
    page = client.get(f"/?mask={picture.pk}").content.decode()
    assert re.search(rf'name="model" value="{GPT}" checked', page)
    assert "<mask-editor" in page
    shown = rf'name="input_pictures" value="{picture.pk}" data-reference="/pictures/{picture.pk}/'
    assert shown in page or re.search(r'data-reference="[^"]+" data-width="640"', page)


def test_it_does_not_open_private_pictures_of_others(client: Client, admin: Person) -> None:
    picture = make_picture(make_generation(make_person()))
    assert client.get(f"/?mask={picture.pk}").status_code == 404


def test_it_keeps_the_model_that_takes_masks_already(client: Client, admin: Person) -> None:
    picture = make_picture(make_generation(admin, model="MAI-Image-2.5"), size=(640, 400))
    page = client.get(f"/?mask={picture.pk}").content.decode()
    assert re.search(r'name="model" value="MAI-Image-2.5" checked', page)


def test_it_stores_the_mask_with_the_pixels_of_the_first_image(
    client: Client, admin: Person
) -> None:
    form = {"model": GPT, "prompt": "x", "input_images": upload((400, 200))}
    assert client.post("/generations/", form | {"mask": upload((200, 100))}).status_code == 303
    mask = Generation.objects.get().sent_inputs.get(is_mask=True).image
    assert (mask.width, mask.height) == (400, 200)
    with Image.open(storage.open_file(mask.name)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (400, 200))


def test_it_shows_an_input_to_paint_on_to_its_owner_alone(client: Client, admin: Person) -> None:
    form = {"model": GPT, "prompt": "x", "input_images": upload((400, 200))}
    client.post("/generations/", form)
    image = Generation.objects.get().inputs.get()
    answer = client.get(f"/inputs/{image.pk}/file")
    assert answer.getvalue() == storage.get(image.name)
    assert answer["Content-Type"] == image.mime
    client.force_login(make_person())
    assert client.get(f"/inputs/{image.pk}/file").status_code == 404


def test_it_refuses_a_mask_of_another_shape(client: Client, admin: Person) -> None:
    form = {"model": GPT, "prompt": "x", "input_images": upload((400, 200))}
    response = client.post("/generations/", form | {"mask": upload((200, 200))})
    assert response.status_code == 422
    assert (
        "The mask does not have the same proportions as the first image."
    ) in response.content.decode()
    assert not Generation.objects.exists()


def test_it_says_that_masks_are_untested_until_one_worked(client: Client, admin: Person) -> None:
    sentence = "Masks are untested with this model"
    assert sentence in client.get(f"/?model={GPT}").content.decode()
    offers.change_model(settings.MODELS_TOML, GPT, {"mask_confirmed": True})
    assert sentence not in client.get(f"/?model={GPT}").content.decode()


@pytest.mark.parametrize(("body", "form"), [(AS_PART, "image_part"), (AS_URL, "data_url")])
def test_it_confirms_the_form_that_worked(
    client: Client, admin: Person, body: str, form: str
) -> None:
    made = masked(admin, body)
    assert "The mask worked" in client.get("/").content.decode()
    assert client.post(f"/generations/{made.pk}/mask-worked/").status_code == 303
    model = load_catalogue(settings.MODELS_TOML).find(GPT)
    assert model is not None
    assert (model.mask_confirmed, model.mask_encoding) == (True, form)
    assert "The mask worked" not in client.get("/").content.decode()


def test_it_switches_to_the_other_form(client: Client, admin: Person) -> None:
    made = masked(admin)
    answer = client.post(f"/generations/{made.pk}/mask-other/", headers={"HX-Request": "true"})
    assert "sent in the other form" in answer.content.decode()
    model = load_catalogue(settings.MODELS_TOML).find(GPT)
    assert model is not None
    assert (model.mask_confirmed, model.mask_encoding) == (False, "data_url")


def test_it_says_why_models_toml_could_not_be_changed(client: Client, admin: Person) -> None:
    made = masked(admin)
    settings.MODELS_TOML.write_text("not = toml = at all")
    answer = client.post(f"/generations/{made.pk}/mask-worked/", headers={"HX-Request": "true"})
    assert "models.toml was not changed" in answer.content.decode()


@pytest.mark.parametrize("fields", [{"state": "failed"}, {"body": '{"prompt":",\\"mask\\":"}'}])
def test_it_asks_only_about_masked_results(
    client: Client, admin: Person, fields: dict[str, str]
) -> None:
    made = masked(admin, **fields)
    assert "The mask worked" not in client.get("/").content.decode()
    assert client.post(f"/generations/{made.pk}/mask-worked/").status_code == 404


def test_it_asks_admins_alone(client: Client) -> None:
    person = make_person("mara")
    client.force_login(person)
    made = masked(person)
    assert "The mask worked" not in client.get("/").content.decode()
    for name in ("mask-worked", "mask-other"):
        assert client.post(f"/generations/{made.pk}/{name}/").status_code == 403
        assert client.get(f"/generations/{made.pk}/{name}/").status_code == 405
    assert not settings.MODELS_TOML.exists()


def test_use_again_names_the_mask_of_one_s_own_request_alone(client: Client, admin: Person) -> None:
    own = masked(admin)
    mask = own.sent_inputs.get().image
    address = f'data-sent="/inputs/{mask.pk}/file"'
    assert address in client.get(f"/?again={own.pk}").content.decode()
    part = client.get(f"/generations/composer/?again={own.pk}", headers={"HX-Request": "true"})
    assert address in part.content.decode()
    foreign = masked(make_person())
    make_picture(foreign, shared=True)
    page = client.get(f"/?again={foreign.pk}").content.decode()
    assert 'data-sent=""' in page
