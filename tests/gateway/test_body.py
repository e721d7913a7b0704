"""The body that is sent, and the one that is kept."""

import hashlib
import json

import pytest

from omixa_studio.gateway.records import ImageRequest, InlineImage
from omixa_studio.gateway.wire import encode_body, stored_body

CAT = InlineImage(b"cat bytes", "image/png")
MASK = InlineImage(b"mask bytes", "image/png")


def test_it_sends_only_what_the_request_names():
    request = ImageRequest(
        "imagen-4.0-fast-generate-001", "a cat", {"n": 2, "enhance_prompt": False}
    )
    assert encode_body(request) == (
        b'{"model":"imagen-4.0-fast-generate-001","prompt":"a cat","n":2,"enhance_prompt":false}'
    )


def test_it_sends_no_prompt_where_the_model_takes_none():
    request = ImageRequest("stability-remove-background", None, images=(CAT,))
    assert json.loads(encode_body(request)) == {
        "model": "stability-remove-background",
        "input_images": [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,Y2F0IGJ5dGVz"}}
        ],
    }


def test_it_sends_an_empty_prompt_if_that_is_the_prompt():
    assert json.loads(encode_body(ImageRequest("m", "")))["prompt"] == ""


def test_it_keeps_the_prompt_as_it_was_typed():
    body = encode_body(ImageRequest("m", 'Ein "Kätzchen" 🐈\n\\'))
    assert "Kätzchen" in body.decode("utf-8")
    assert json.loads(body)["prompt"] == 'Ein "Kätzchen" 🐈\n\\'


def test_it_sends_a_mask_as_an_image_part():
    body = json.loads(encode_body(ImageRequest("gpt-image-1.5", "x", images=(CAT,), mask=MASK)))
    assert body["mask"]["image_url"]["url"] == "data:image/png;base64,bWFzayBieXRlcw=="


def test_it_keeps_the_body_with_hashes_in_place_of_images():
    request = ImageRequest("m", "x", {"n": 1}, images=(CAT, CAT), mask=MASK)
    kept, sent = json.loads(stored_body(request)), json.loads(encode_body(request))
    urls = [part["image_url"]["url"] for part in [*kept["input_images"], kept["mask"]]]
    assert urls == [f"sha256:{hashlib.sha256(one.data).hexdigest()}" for one in (CAT, CAT, MASK)]
    assert list(kept) == list(sent)


@pytest.mark.parametrize("name", ["model", "prompt", "input_images", "mask"])
def test_it_refuses_an_option_that_is_a_part_of_the_request(name):
    with pytest.raises(ValueError, match=name):
        encode_body(ImageRequest("m", "x", {name: "y"}))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_it_refuses_a_number_that_json_does_not_know(value):
    with pytest.raises(ValueError, match="JSON"):
        encode_body(ImageRequest("m", "x", {"creativity": value}))


def test_it_refuses_half_a_character():
    with pytest.raises(ValueError, match="surrogates"):
        encode_body(ImageRequest("m", "\ud83d"))
