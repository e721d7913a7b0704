"""The kept body leads back to the sent one, byte for byte."""

import pytest

from omixa_studio.gateway.rebuild import restore_body
from omixa_studio.gateway.records import ImageRequest, InlineImage
from omixa_studio.gateway.wire import encode_body, stored_body

FIRST, SECOND = InlineImage(b"first", "image/png"), InlineImage(b"second", "image/jpeg")
BY_DIGEST = {
    "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e": FIRST,
    "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4": SECOND,
}


@pytest.mark.parametrize("encoding", ["image_part", "data_url"])
def test_it_puts_every_image_and_the_mask_back(encoding: str) -> None:
    request = ImageRequest(
        model="gpt-image-1.5",
        prompt="Ёлка «sha256:»",
        options={"quality": "high", "n": 2},
        images=(FIRST, SECOND, FIRST),
        mask=SECOND,
        mask_encoding=encoding,  # type: ignore[arg-type]
    )
    assert restore_body(stored_body(request), BY_DIGEST) == encode_body(request)
    assert b"base64" not in stored_body(request).encode()


def test_it_misses_an_image_that_is_gone() -> None:
    request = ImageRequest(model="m", prompt=None, images=(FIRST,))
    with pytest.raises(KeyError):
        restore_body(stored_body(request), {})
