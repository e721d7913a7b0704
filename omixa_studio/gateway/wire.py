"""The documented JSON of the image endpoint: request bodies. Answers are read in answer.py."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pybase64

from omixa_studio.gateway.answer import decode_picture, iter_pictures, read_answer, received
from omixa_studio.gateway.kinds import detect_format
from omixa_studio.gateway.money import parse_money
from omixa_studio.gateway.records import ImageRequest, InlineImage

__all__ = [
    "data_url",
    "decode_picture",
    "detect_format",
    "encode_body",
    "iter_pictures",
    "mask_encoding_of",
    "parse_money",
    "read_answer",
    "received",
    "stored_body",
]

OURS = frozenset({"model", "prompt", "input_images", "mask"})


def _image_part(url: str) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url}}


# The encoding of a mask is not documented; that of an input image is the likeliest.
MASK_ENCODINGS: dict[str, Callable[[str], object]] = {
    "image_part": _image_part,
    "data_url": str,
}


def encode_body(request: ImageRequest) -> bytes:
    """Return the body to be sent: compact JSON in UTF-8, only the request's own fields.

    Raises ValueError for an option that is not JSON or collides with the request's fields.
    """
    return _body(request, data_url).encode()


def stored_body(request: ImageRequest) -> str:
    """Return the same JSON with each image as "sha256:" and its hash, small enough to store."""
    return _body(request, lambda image: f"sha256:{hashlib.sha256(image.data).hexdigest()}")


def mask_encoding_of(body: str) -> str | None:
    """Return the mask encoding of a stored body; None without a mask.

    Bodies are compact and quotes in prompts are escaped, so a match is the real field.
    """
    if ',"mask":' not in body:
        return None
    return "data_url" if ',"mask":"' in body else "image_part"


def data_url(image: InlineImage) -> str:
    """Return the image as a data URL, the only documented form."""
    return f"data:{image.mime};base64,{pybase64.b64encode(image.data).decode('ascii')}"


def _body(request: ImageRequest, url: Callable[[InlineImage], str]) -> str:
    if doubled := OURS & request.options.keys():
        raise ValueError(f"options must not hold {', '.join(sorted(doubled))}")
    body: dict[str, object] = {"model": request.model}
    if request.prompt is not None:
        body["prompt"] = request.prompt
    body |= request.options
    if request.images:
        body["input_images"] = [_image_part(url(image)) for image in request.images]
    if request.mask is not None:
        body["mask"] = MASK_ENCODINGS[request.mask_encoding](url(request.mask))
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
