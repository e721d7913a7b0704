"""Pictures that used to be refused or read wrongly, through the doors that people use."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from omixa_studio.models import InputImage, Person
from tests import corpus

pytestmark = pytest.mark.django_db


def sent(client: Client, data: bytes, **more: object) -> tuple[int, str]:
    """Upload a file as the form does; the status, and what is shown."""
    file = SimpleUploadedFile("odd.png", data, "image/png")
    answer = client.post("/references/", {"file": file, **more}, headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode()


def kept(client: Client) -> Image.Image:
    """The newest upload as it will be sent, read over HTTP."""
    answer = client.get(f"/inputs/{InputImage.objects.latest('pk').pk}/file")
    return Image.open(io.BytesIO(answer.getvalue()))


def deep(size: tuple[int, int], *chunks: bytes) -> bytes:
    """Greys of sixteen bits, each 100 of 255."""
    image = Image.frombytes("I;16", size, bytes([100]) * (size[0] * size[1] * 2))
    return corpus.with_chunks(corpus.saved(image, "PNG"), *chunks)


def test_it_takes_wide_greys_of_sixteen_bits(client: Client, person: Person) -> None:
    assert sent(client, deep((6400, 300)))[0] == 200
    assert kept(client).convert("L").getpixel((9, 9)) == 100


def test_it_keeps_the_clear_grey_of_sixteen_bits(client: Client, person: Person) -> None:
    assert sent(client, deep((80, 70), corpus.chunk(b"tRNS", bytes([100, 100]))))[0] == 200
    assert kept(client).getchannel("A").getextrema() == (0, 0)


def test_it_does_not_turn_by_xmp(client: Client, person: Person) -> None:
    for data in (
        corpus.saved(corpus.fields(), "JPEG", xmp=corpus.XMP),
        corpus.KINDS["png"]["xmp"](),
        corpus.KINDS["webp"]["xmp"](),
    ):
        assert sent(client, data)[0] == 200
        assert kept(client).size == corpus.SIZE


def test_it_says_what_is_wrong_with_a_long_picture(client: Client, person: Person) -> None:
    status, shown = sent(client, corpus.saved(Image.new("1", (64, 20_000)), "PNG"))
    assert status == 422
    assert "too long and narrow" in shown


def test_it_takes_a_mask_of_black_and_white_without_clear_parts(
    client: Client, person: Person
) -> None:
    mask = Image.new("RGBA", (80, 80), "white")
    mask.paste("black", (0, 0, 40, 80))
    form = {
        "model": "gpt-image-1.5",
        "prompt": "A door",
        "input_images": SimpleUploadedFile("a.png", corpus.saved(mask.convert("RGB"), "PNG")),
        "mask": SimpleUploadedFile("m.png", corpus.saved(mask, "PNG")),
    }
    assert client.post("/generations/", form).status_code == 303
    alpha = kept(client).getchannel("A")
    assert (alpha.getpixel((9, 9)), alpha.getpixel((70, 9))) == (0, 255)
