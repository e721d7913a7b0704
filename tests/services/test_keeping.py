"""Received pictures become files: originals byte for byte, renditions, the same names again."""

import hashlib
import json
from pathlib import Path

import pybase64
import pytest
from django.conf import settings

from omixa_studio import storage
from omixa_studio.models import Generation, Picture
from omixa_studio.sandbox import Sandbox
from omixa_studio.sentences import tell
from omixa_studio.services import running
from omixa_studio.services.keeping import keep
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.renditions import PREVIEW_SIDE, THUMB_SIDE, render
from omixa_studio.services.running import Label, Tools, finish
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


def test_it_keeps_what_can_be_opened_and_says_what_cannot(tools: Tools) -> None:
    whole = draw_png()
    row, path = received(tools, answer_with(whole, whole[:60]))
    finish(path, tools)
    row.refresh_from_db()
    assert (row.state, row.pictures.count()) == ("done", 1)
    assert "Picture 2: The picture is broken" in tell(row.error)
    assert [left.suffix for left in tools.spool.folder.iterdir()] == [".unusable"]


def test_it_keeps_the_answer_of_a_paid_picture_that_nothing_opens(tools: Tools) -> None:
    row, path = received(tools, answer_with(draw_png()[:60]))
    finish(path, tools)
    row.refresh_from_db()
    assert (row.state, row.charged) == ("failed", "yes")
    assert [left.suffix for left in tools.spool.folder.iterdir()] == [".unusable"]


def test_it_keeps_the_rest_of_a_settled_answer_after_a_crash(tools: Tools) -> None:
    whole = draw_png()
    row, path = received(tools, answer_with(whole, whole[:60]))
    content = path.read_bytes()
    finish(path, tools)
    path.with_suffix(".unusable").unlink()
    path.write_bytes(content)
    finish(path, tools)
    assert [left.suffix for left in tools.spool.folder.iterdir()] == [".unusable"]
    assert row.pictures.count() == 1


def test_it_writes_the_same_files_when_two_settle(tools: Tools) -> None:
    row, path = received(tools, answer_with(draw_png()))
    answer = running.read_answer(running.read_spooled(path).raw, asked=1)
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
