"""Edits and merges as they reach the gateway, byte for byte in the documented form."""

import base64
import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from omixa_studio import storage
from omixa_studio.models import Generation, InputImage, Person
from omixa_studio.services.inputs import keep_upload
from tests.factories import draw_png, make_generation, make_picture

pytestmark = pytest.mark.django_db

GPT, GEMINI = "gpt-image-1.5", "gemini-2.0-flash-preview-image-generation"


def part(image: InputImage) -> bytes:
    """An input image as the documentation shows it, written out by hand."""
    data = base64.b64encode(storage.get(image.name))
    url = b"data:" + image.mime.encode() + b";base64," + data
    return b'{"type":"image_url","image_url":{"url":"' + url + b'"}}'


def photo(colour: tuple[int, int, int]) -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (120, 90), colour).save(file, "JPEG")
    file.seek(0)
    return file


def test_it_sends_exactly_the_documented_edit(
    client: Client, person: Person, sent_body: Callable[[], bytes]
) -> None:
    picture = make_picture(make_generation(person), size=(80, 64))
    form = {"model": GPT, "prompt": "Snow on the «roofs»", "n": "2", "quality": "low"}
    options = {"background": "transparent", "input_fidelity": "high", "output_format": "png"}
    client.post("/generations/", form | options | {"input_pictures": picture.pk})
    assert sent_body() == (
        '{"model":"gpt-image-1.5","prompt":"Snow on the «roofs»","n":2,"quality":"low",'
        '"background":"transparent","input_fidelity":"high","output_format":"png",'
        '"input_images":['.encode()
        + part(InputImage.objects.get())
        + b"]}"
    )
    made = Generation.objects.latest("pk")
    assert (made.state, made.operation) == ("done", "edit")


def test_it_sends_exactly_the_documented_merge(
    client: Client, person: Person, sent_body: Callable[[], bytes]
) -> None:
    drawn = keep_upload(person, io.BytesIO(draw_png((80, 80))))
    taken = keep_upload(person, photo((180, 40, 40)))
    assert (drawn.mime, taken.mime) == ("image/png", "image/jpeg")
    form = {"model": GEMINI, "prompt": "Join them", "input_uploads": [taken.pk, drawn.pk]}
    file = SimpleUploadedFile("third.jpg", photo((40, 40, 180)).read(), "image/jpeg")
    client.post("/generations/", form | {"aspect_ratio": "1:1", "input_images": file})
    third = InputImage.objects.latest("pk")
    parts = b",".join(part(image) for image in (taken, drawn, third))
    start = f'{{"model":"{GEMINI}","prompt":"Join them","aspect_ratio":"1:1","input_images":['
    assert sent_body() == start.encode() + parts + b"]}"
    made = Generation.objects.latest("pk")
    assert (made.state, made.operation) == ("done", "merge")
    sent = made.sent_inputs.order_by("position").values_list("image_id", flat=True)
    assert list(sent) == [taken.pk, drawn.pk, third.pk]


def test_it_sends_no_more_than_the_whole_request_may_weigh(
    client: Client, person: Person, sent_body: Callable[[], bytes], settings: Settings
) -> None:
    settings.BODY_BYTES = 300_000
    files = []
    for name in ("one", "two", "three"):
        file = io.BytesIO()
        Image.effect_noise((500, 400), 90).convert("RGB").save(file, "PNG")
        files.append(SimpleUploadedFile(f"{name}.png", file.getvalue(), "image/png"))
    client.post("/generations/", {"model": GPT, "prompt": "é" * 5000, "input_images": files})
    body = sent_body()
    assert 200_000 < len(body) <= 300_000
    assert Generation.objects.get().sent_inputs.count() == 3
