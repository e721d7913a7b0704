"""The origin of a dropped file: its picture, its settings, nothing. None of it is trusted."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from omixa_studio import storage
from omixa_studio.models import Person
from omixa_studio.services import xmp
from tests.factories import make_generation, make_person, make_picture
from tests.views.test_downloads import content_of

pytestmark = pytest.mark.django_db
IMAGEN = "imagen-4.0-generate-001"


def packet_with(**settings: Any) -> str:
    return xmp.find_packet(xmp.packet("0" * 64, composite=False, settings=settings)).decode()


def test_finds_the_picture_by_its_bytes_and_by_its_copies(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person, prompt="A <b>fox</b>"))
    copy = client.get(f"/pictures/{picture.pk}/converted?format=avif&settings=no")
    content = content_of(copy)
    bare = xmp.find_packet(content).decode()
    original = storage.get(picture.name)
    for sent in (
        {"sha256": picture.sha256},
        {"xmp": bare},
        {"file": SimpleUploadedFile("a.png", original)},
        {"file": SimpleUploadedFile("a.avif", content)},
    ):
        answer = client.post("/origins/", sent)
        note = answer.content.decode()
        assert answer.status_code == 200, sent
        assert f'href="/?again={picture.generation_id}"' in note
        assert f"?input_pictures={picture.pk}" in note
        assert "Imagen 4" in note
        assert "<b>" not in note


def test_tells_nothing_of_what_one_may_not_see(client: Client, person: Person) -> None:
    other = make_picture(make_generation(make_person(), prompt="A secret fox"))
    assert client.post("/origins/", {"sha256": other.sha256}).status_code == 204
    shared = make_picture(make_generation(make_person()), shared=True)
    assert client.post("/origins/", {"sha256": shared.sha256}).status_code == 200


def test_offers_settings_that_fit_the_form(client: Client, person: Person) -> None:
    said = packet_with(
        model=IMAGEN,
        prompt='A "fox" {n} </p><script>alert(1)</script>',
        options={"aspect_ratio": "16:9", "size": "enormous", "nope": 1, "click": "x"},
    )
    note = client.post("/origins/", {"xmp": said, "form": "1"}).content.decode()
    assert 'name="aspect_ratio" value="16:9"' in note
    assert "&quot;fox&quot; {{n}}" in note
    for strange in ("<script>", "enormous", "nope", 'name="click"'):
        assert strange not in note, strange
    assert 'hx-target="#composer"' in note
    assert "hx-" not in client.post("/origins/", {"xmp": said}).content.decode()

    form = {"draft": "yes", "model": IMAGEN, "prompt": "A fox", "aspect_ratio": "16:9"}
    assert "A fox" in client.post("/generations/composer/", form).content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"sha256": "zz"},
        {"sha256": "0" * 64},
        {"sha256": "\0" * 64, "xmp": "\0"},
        {"xmp": "<x:xmpmeta>" + "x" * 300_000 + "</x:xmpmeta>"},
        {"xmp": packet_with(model=["x"], prompt={"a": 1}, options=[1])},
        {"xmp": packet_with(model=None, prompt=None, options={"aspect_ratio": {"a": []}})},
        {"xmp": packet_with(model=IMAGEN, options={"n": 10**400})},
        {"xmp": packet_with(model=IMAGEN, options={"aspect_ratio": json.loads("NaN")})},
        {"file": SimpleUploadedFile("a.png", b"no picture")},
    ],
)
def test_knows_nothing_of_strange_files(
    client: Client, person: Person, sent: dict[str, object]
) -> None:
    assert client.post("/origins/", sent).status_code == 204


@pytest.mark.parametrize("settings", ['{"prompt":"\\ud800"}', '{"options":{"a":["\\udfff"]}}'])
def test_half_a_letter_is_no_setting(client: Client, person: Person, settings: str) -> None:
    said = packet_with(prompt="A fox").replace('{"prompt":"A fox"}', settings)
    assert settings in said
    assert client.post("/origins/", {"xmp": said}).status_code == 204
