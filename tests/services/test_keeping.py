"""Received pictures become files: originals byte for byte, renditions, the same names again."""

import hashlib
import io
import json
import zlib
from pathlib import Path
from typing import Any

import pybase64
import pytest
from django.conf import settings
from PIL import Image, ImageChops, ImageCms

from omixa_studio import storage
from omixa_studio.gateway.wire import read_answer
from omixa_studio.models import Generation, Picture
from omixa_studio.sandbox import Sandbox
from omixa_studio.sentences import tell
from omixa_studio.services.answers import finish
from omixa_studio.services.keeping import keep
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.reading import said_size
from omixa_studio.services.renditions import PREVIEW_SIDE, THUMB_SIDE, render
from omixa_studio.services.tools import Tools
from omixa_studio.spool import Label, read_spooled
from tests import corpus
from tests.factories import claimed_generation, draw_png

pytestmark = pytest.mark.django_db


def answer_with(*pictures: bytes) -> bytes:
    data = [{"b64_json": pybase64.b64encode_as_string(one), "url": None} for one in pictures]
    return json.dumps({"created": 1, "data": data, "usage": {"billed_amount": "0.040001"}}).encode()


def received(tools: Tools, body: bytes) -> tuple[Generation, Path]:
    """A generation whose answer is in the spool."""
    row = claimed_generation()
    incoming = tools.spool.reserve(Label(row.pk, str(row.attempt)), 2**20)
    incoming.head(200, {})
    incoming.write(body)
    return row, incoming.complete()


def test_it_keeps_originals_byte_for_byte(tools: Tools, sandbox: Sandbox) -> None:
    originals = [draw_png((64, 48)), draw_png((48, 64))]
    row, path = received(tools, answer_with(*originals))
    finish(path, tools)
    kept = list(row.pictures.order_by("index"))
    assert [storage.get(picture.name) for picture in kept] == originals
    assert [picture.sha256 for picture in kept] == [
        hashlib.sha256(data).hexdigest() for data in originals
    ]
    assert [picture.cost_micros for picture in kept] == [20_001, 20_000]
    assert not path.exists()


def saved(kind: str, size: tuple[int, int] = (120, 80), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 40)).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", corpus.undrawable())
def test_it_keeps_a_picture_that_cannot_be_drawn(tools: Tools, name: str) -> None:
    data = corpus.undrawable()[name]
    row, path = received(tools, answer_with(draw_png(), data))
    finish(path, tools)
    row.refresh_from_db()
    drawn, plain = row.pictures.order_by("index")
    assert (row.state, row.charged, drawn.drawable, plain.drawable) == ("done", "yes", True, False)
    assert (storage.get(plain.name), plain.cost_micros) == (data, 20_000)
    assert "Picture 2 can only be downloaded." in tell(row.error)
    assert "not a PNG" not in tell(row.error)
    sides = {"large": (60_000, 60_000), "png": (64, 48)}
    assert (plain.width, plain.height) == sides.get(name, (0, 0))
    assert not list(tools.spool.folder.iterdir())


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "AVIF", "HEIF", "BMP", "JPEG", "WEBP"])
def test_it_draws_every_kind_that_can_be_drawn(tools: Tools, kind: str) -> None:
    row, path = received(tools, answer_with(saved(kind)))
    finish(path, tools)
    picture = row.pictures.get()
    assert (picture.drawable, picture.width, picture.height) == (True, 120, 80)
    # What browsers do not show has a preview, however small it is.
    assert bool(picture.preview) is (kind in ("TIFF", "HEIF", "BMP"))


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"])
def test_it_reads_the_sides_from_the_head(kind: str, lossless: bool) -> None:
    name = {"HEIF": "heic"}.get(kind, kind.lower())
    data = saved(kind, lossless=lossless and kind == "WEBP")
    assert said_size(data, name) == (120, 80)
    assert said_size(data[:11], name) == (0, 0)


def test_it_believes_no_sides_beyond_sense() -> None:
    odd = bytearray(draw_png())
    odd[16:20] = b"\xff\xff\xff\xff"
    odd[29:33] = zlib.crc32(odd[12:29]).to_bytes(4, "big")
    assert said_size(bytes(odd), "png") == (0, 0)


def test_it_draws_a_preview_of_a_lossless_jpeg(tools: Tools) -> None:
    data = corpus.lossless_jpeg()
    row, path = received(tools, answer_with(data))
    finish(path, tools)
    picture = row.pictures.get()
    assert (picture.format, picture.width, picture.height) == ("ljpeg", *corpus.SIZE)
    preview = Image.open(io.BytesIO(storage.get(picture.preview))).convert("L")
    far = ImageChops.difference(preview, corpus.fields("L")).histogram()
    assert not sum(far[12:])
    assert storage.get(picture.name) == data


def test_it_keeps_bytes_that_are_no_picture(tools: Tools) -> None:
    row, path = received(tools, answer_with(b"%PDF-1.7 and more"))
    finish(path, tools)
    row.refresh_from_db()
    file = row.files.get()
    assert (row.state, row.charged) == ("failed", "yes")
    assert storage.get(file.name) == b"%PDF-1.7 and more"
    assert not list(tools.spool.folder.iterdir())


def test_it_keeps_an_answer_whose_bytes_it_cannot_find(tools: Tools) -> None:
    body = json.dumps(
        {"data": [{"image": "x" * 99}], "key": tools.key, "usage": {"billed_amount": "0.04"}}
    )
    row, path = received(tools, body.encode())
    finish(path, tools)
    row.refresh_from_db()
    file = row.files.get()
    assert (row.state, row.charged, file.is_whole) == ("failed", "yes", True)
    assert storage.get(file.name) == body.replace(tools.key, "*" * len(tools.key)).encode()


def test_it_keeps_what_an_unclear_answer_held(tools: Tools) -> None:
    row, path = received(tools, b"no JSON at all")
    finish(path, tools)
    row.refresh_from_db()
    assert row.state == "unknown"
    assert storage.get(row.files.get().name) == b"no JSON at all"
    assert [left.suffix for left in tools.spool.folder.iterdir()] == [".unusable"]


def test_it_keeps_nothing_of_an_answer_that_was_free(tools: Tools) -> None:
    body = json.dumps({"data": [{"image": "x" * 99}], "usage": {"billed_amount": "0"}})
    row, path = received(tools, body.encode())
    finish(path, tools)
    assert not row.files.exists()


def test_it_writes_the_same_files_when_two_settle(tools: Tools) -> None:
    row, path = received(tools, answer_with(draw_png()))
    answer = read_answer(read_spooled(path).raw, asked=1)
    first = keep(row, answer, tools.fetch).pictures[0]
    again = keep(row, answer, tools.fetch).pictures[0]
    assert (first.name, first.thumb) == (again.name, again.thumb)
    assert not Picture.objects.exists()
    assert not list((Path(settings.MEDIA_ROOT) / storage.PARTS).iterdir())


@pytest.mark.parametrize(("size", "has_preview"), [((600, 300), False), ((2100, 900), True)])
def test_it_draws_a_thumbnail_and_above_2048_pixels_a_preview(
    size: tuple[int, int], has_preview: bool
) -> None:
    rendered = render(draw_png(size), "png")
    assert (rendered.width, rendered.height) == size
    assert max(size_of(rendered.thumb.data)) == THUMB_SIDE
    assert (rendered.preview is not None) is has_preview
    if rendered.preview:
        assert max(size_of(rendered.preview.data)) == PREVIEW_SIDE


def test_it_refuses_what_is_not_the_format_it_claims() -> None:
    with pytest.raises(ImageRefused):
        render(draw_png(), "webp")


def size_of(data: bytes) -> tuple[int, int]:
    rendered = render(data, "jpeg")
    return rendered.width, rendered.height


def swapped_profile() -> bytes:
    """sRGB whose red and green have changed places."""
    whole = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = whole.index(b"rXYZ"), whole.index(b"gXYZ")
    whole[red : red + 4], whole[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(whole)


def thumb_of(data: bytes, kind: str) -> Image.Image:
    return Image.open(io.BytesIO(render(data, kind).thumb.data))


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif"])
def test_it_draws_a_thumbnail_in_the_colours_of_the_profile(kind: str) -> None:
    data = saved(kind.upper(), icc_profile=swapped_profile(), quality=95)
    pixel = thumb_of(data, kind).convert("RGB").getpixel((60, 40))
    assert isinstance(pixel, tuple)
    red, green, _ = pixel
    assert green > 150 > 80 > red


def test_it_scales_sixteen_bits_of_grey() -> None:
    out = io.BytesIO()
    Image.frombytes("I;16", (80, 80), bytes([100]) * 12_800).save(out, "PNG")
    assert thumb_of(out.getvalue(), "png").convert("L").getpixel((9, 9)) in range(98, 103)


@pytest.mark.parametrize("kind", ["jpeg", "png", "avif"])
def test_it_says_the_size_that_browsers_show(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    rendered = render(saved(kind.upper(), exif=exif), kind)
    assert (rendered.width, rendered.height) == (80, 120)
    assert Image.open(io.BytesIO(rendered.thumb.data)).size == (80, 120)
