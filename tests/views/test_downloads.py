"""Downloads in another format: the dialogue, the file, who may."""

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from omixa_studio import storage
from omixa_studio.models import Person
from omixa_studio.services import xmp
from tests.factories import make_generation, make_picture

pytestmark = pytest.mark.django_db
SIGNATURE = b"\x00\x00\x00\x04caBXjumb" + b"\x00" * 4


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_offers_formats_and_sizes_and_tells_of_a_signature(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person), size=(3000, 1000))
    path = f"/pictures/{picture.pk}/download/"
    page = client.get(path).content.decode()
    assert 'value="avif"' in page
    assert 'value="2048"' in page
    assert 'value="4096"' not in page
    assert "signed by its provider" not in page

    data = storage.get(picture.name)
    storage.put(picture.name, data[:33] + SIGNATURE + data[33:])
    dialog = client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "signed by its provider" in dialog
    assert "<html" not in dialog


def test_gives_a_copy_with_or_without_the_settings(client: Client, person: Person) -> None:
    generation = make_generation(person, prompt="A lighthouse at night")
    picture = make_picture(generation, size=(300, 200))
    path = f"/pictures/{picture.pk}/converted"

    answer = client.get(path, {"format": "webp", "side": "150", "quality": "70"})

    data = content_of(answer)
    assert answer["Content-Type"] == "image/webp"
    assert f'filename="a-lighthouse-at-night-{picture.pk}.webp"' in answer["Content-Disposition"]
    assert Image.open(io.BytesIO(data)).size == (150, 100)
    origin = xmp.read_packet(xmp.find_packet(data))
    assert origin is not None
    assert origin.sha256 == picture.sha256
    assert origin.settings["prompt"] == "A lighthouse at night"
    assert xmp.TRAINED.encode() in data

    bare = client.get(path, {"format": "png", "settings": "no"})
    assert b"lighthouse" not in content_of(bare)
    assert client.get(path).headers["Location"] == f"/pictures/{picture.pk}/file?download=1"


def test_says_what_is_wrong_and_converts_nothing(client: Client, person: Person) -> None:
    picture = make_picture(make_generation(person), size=(300, 200))
    path = f"/pictures/{picture.pk}/converted"
    for query in (
        {"format": "exe"},
        {"format": "png", "side": "-1"},
        {"format": "png", "side": "9" * 30},
        {"format": "jpeg", "quality": "\0"},
    ):
        answer = client.get(path, query)
        assert answer.status_code == 422, query
        assert 'role="alert"' in answer.content.decode()

    storage.put(picture.name, b"\x89PNG broken")
    broken = client.get(path, {"format": "png"})
    assert broken.status_code == 422
    assert "broken or cut off" in broken.content.decode()
    storage.remove(picture.name)
    assert client.get(path, {"format": "png"}).status_code == 422
