"""The body that is sent, and the one that is kept."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omixa_studio.gateway.rebuild import restore_body
from omixa_studio.gateway.records import ImageRequest, InlineImage
from omixa_studio.gateway.wire import MASK_ENCODINGS, OURS, encode_body, stored_body

CAT = InlineImage(b"cat bytes", "image/png")
MASK = InlineImage(b"mask bytes", "image/png")


def test_it_sends_only_what_the_request_names() -> None:
    request = ImageRequest(
        "imagen-4.0-fast-generate-001", "a cat", {"n": 2, "enhance_prompt": False}
    )
    assert encode_body(request) == (
        b'{"model":"imagen-4.0-fast-generate-001","prompt":"a cat","n":2,"enhance_prompt":false}'
    )


def test_it_sends_no_prompt_where_the_model_takes_none() -> None:
    request = ImageRequest("stability-remove-background", None, images=(CAT,))
    assert json.loads(encode_body(request)) == {
        "model": "stability-remove-background",
        "input_images": [
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,Y2F0IGJ5dGVz"}}
        ],
    }


def test_it_sends_an_empty_prompt_if_that_is_the_prompt() -> None:
    assert json.loads(encode_body(ImageRequest("m", "")))["prompt"] == ""


def test_it_keeps_the_prompt_as_it_was_typed() -> None:
    body = encode_body(ImageRequest("m", 'Ein "Kätzchen" 🐈\n\\'))
    assert "Kätzchen" in body.decode("utf-8")
    assert json.loads(body)["prompt"] == 'Ein "Kätzchen" 🐈\n\\'


def test_it_sends_a_mask_as_an_image_part() -> None:
    body = json.loads(encode_body(ImageRequest("gpt-image-1.5", "x", images=(CAT,), mask=MASK)))
    assert body["mask"]["image_url"]["url"] == "data:image/png;base64,bWFzayBieXRlcw=="


def test_it_keeps_the_body_with_hashes_in_place_of_images() -> None:
    request = ImageRequest("m", "x", {"n": 1}, images=(CAT, CAT), mask=MASK)
    kept, sent = json.loads(stored_body(request)), json.loads(encode_body(request))
    urls = [part["image_url"]["url"] for part in [*kept["input_images"], kept["mask"]]]
    assert urls == [f"sha256:{hashlib.sha256(one.data).hexdigest()}" for one in (CAT, CAT, MASK)]
    assert list(kept) == list(sent)


@pytest.mark.parametrize("name", ["model", "prompt", "input_images", "mask"])
def test_it_refuses_an_option_that_is_a_part_of_the_request(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        encode_body(ImageRequest("m", "x", {name: "y"}))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_it_refuses_a_number_that_json_does_not_know(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        encode_body(ImageRequest("m", "x", {"creativity": value}))


def test_it_refuses_half_a_character() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        encode_body(ImageRequest("m", "\ud83d"))


values = (
    st.text() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
images = st.builds(
    InlineImage, st.binary(max_size=20), st.sampled_from(("image/png", "image/webp"))
)
requests = st.builds(
    ImageRequest,
    st.text(),
    st.none() | st.text(),
    st.dictionaries(st.text().filter(lambda name: name not in OURS), values, max_size=4),
    st.lists(images, max_size=3, unique_by=lambda image: image.data).map(tuple),
    mask_encoding=st.sampled_from(tuple(MASK_ENCODINGS)),
)


@given(requests, st.booleans())
def test_it_makes_the_sent_body_again_from_the_kept_one_byte_for_byte(
    request: ImageRequest, masked: bool
) -> None:
    if masked and request.images:
        request = replace(request, mask=request.images[0])
    by_hash = {hashlib.sha256(image.data).hexdigest(): image for image in request.images}
    assert restore_body(stored_body(request), by_hash) == encode_body(request)


def test_it_does_not_make_a_body_again_without_its_image() -> None:
    with pytest.raises(KeyError):
        restore_body(stored_body(ImageRequest("m", "x", images=(CAT,))), {})
