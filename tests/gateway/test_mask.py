"""A mask in both forms, from the request to a gateway that checks it."""

import io
import json
from base64 import b64encode
from dataclasses import replace

import pytest
from PIL import Image

from omixa_studio.gateway.client import Gateway
from omixa_studio.gateway.records import ImageRequest, InlineImage
from omixa_studio.gateway.wire import MASK_ENCODINGS, encode_body, mask_encoding_of, stored_body
from omixa_studio.sandbox import Sandbox
from tests.gateway.conftest import Kept


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def masked(encoding: str, size: tuple[int, int] = (96, 64)) -> ImageRequest:
    """A request over a picture of 96 × 64 pixels whose left half is to change."""
    mask = Image.new("RGBA", size, "white")
    mask.paste((0, 0, 0, 0), (0, 0, size[0] // 2, size[1]))
    picture = Image.new("RGB", (96, 64), (200, 30, 90))
    return ImageRequest(
        model="gpt-image-1.5",
        prompt="A hat",
        images=(InlineImage(png(picture), "image/png"),),
        mask=InlineImage(png(mask), "image/png"),
        mask_encoding=encoding,  # type: ignore[arg-type]
    )


def documented(request: ImageRequest) -> bytes:
    """The body written out by hand, each form of the mask as models.toml names it."""
    assert request.mask is not None
    picture, mask = (b64encode(one.data) for one in (request.images[0], request.mask))
    part = b'{"type":"image_url","image_url":{"url":"data:image/png;base64,%s"}}'
    forms = {"image_part": part % mask, "data_url": b'"data:image/png;base64,%s"' % mask}
    return b'{"model":"gpt-image-1.5","prompt":"A hat","input_images":[%s],"mask":%s}' % (
        part % picture,
        forms[request.mask_encoding],
    )


@pytest.mark.parametrize("encoding", sorted(MASK_ENCODINGS))
def test_it_sends_the_mask_in_the_form_of_the_catalogue(encoding: str, sink: Kept) -> None:
    request = masked(encoding)
    with Sandbox() as sandbox:
        Gateway(sandbox.base_url, sandbox.key).generate(encode_body(request), sink)
        assert sandbox.calls[0].body == documented(request)
    assert sink.status == 200
    assert json.loads(sink.body)["data"]


@pytest.mark.parametrize("encoding", sorted(MASK_ENCODINGS))
def test_it_finds_the_form_of_the_mask_in_a_stored_body(encoding: str) -> None:
    assert mask_encoding_of(stored_body(masked(encoding))) == encoding


def test_it_finds_no_mask_in_a_prompt_that_spells_one() -> None:
    plain = replace(masked("data_url"), mask=None, prompt='a cat,"mask":"x"')
    assert mask_encoding_of(stored_body(plain)) is None


@pytest.mark.parametrize("encoding", sorted(MASK_ENCODINGS))
def test_it_gets_a_refusal_for_a_mask_of_other_pixels(encoding: str, sink: Kept) -> None:
    with Sandbox() as sandbox:
        body = encode_body(masked(encoding, (95, 64)))
        Gateway(sandbox.base_url, sandbox.key).generate(body, sink)
    assert sink.status == 422
    assert b"mask must have the size of the first input image" in sink.body
