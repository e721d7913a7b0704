"""What makes requests and pictures comparable: the key of a request, the hash of a picture."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    # Pictures are drawn without a database, too.
    from omixa_studio.models import InputImage

SIDE = 8
# A hash of nearly equal bits comes from an even or evenly shaded picture: it says nothing.
LEAST_BITS = 6


def request_key(
    model: str,
    prompt: str,
    options: Mapping[str, object],
    images: "Sequence[InputImage]",
    mask: "InputImage | None" = None,
) -> int:
    """Return a signed 64-bit key, equal for requests that differ at most in their count.

    An image that was made from a picture is known by that picture: whoever sends it prepares an own
    copy of it.
    """
    settings = {name: value for name, value in options.items() if name != "n"}
    inputs = [_name_of(image) for image in images]
    parts = [model, prompt, settings, inputs, _name_of(mask) if mask else None]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], signed=True)


def template_key(template: Mapping[str, object] | None) -> int | None:
    """Return a key below -1, equal for templates of the same words; None without a template."""
    if not template:
        return None
    words = str(template.get("prompt", ""))
    return -2 - (int.from_bytes(hashlib.sha256(words.encode()).digest()[:8]) >> 2)


def perceptual_hash(image: Image.Image) -> int | None:
    """Return a signed 64-bit hash of what a picture shows: where it gets brighter to the right.

    Copies that were scaled or encoded anew differ in few bits. None if there is too little in the
    picture to tell it from others.
    """
    small = _on_white(image).convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    pixels = small.tobytes()
    bits = 0
    for row in range(SIDE):
        start = row * (SIDE + 1)
        for left in range(start, start + SIDE):
            bits = bits << 1 | (pixels[left] < pixels[left + 1])
    if not LEAST_BITS <= bits.bit_count() <= 64 - LEAST_BITS:
        return None
    return bits - 2**64 if bits >= 2**63 else bits


def _name_of(image: "InputImage") -> str:
    return f"picture {image.picture_id}" if image.picture_id else image.sha256


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image)
    return ground
