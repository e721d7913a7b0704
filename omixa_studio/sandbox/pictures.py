"""From a valid request to the bytes of a picture."""

import hashlib
import io
import random

from PIL import Image

from .art.compose import compose, cut_out
from .edits import edit, opaque, remove_background, upscale
from .reading import ValidRequest
from .shapes import size_of


def draw_picture(wish: ValidRequest, index: int, take: int) -> bytes:
    """Picture number `index` of a request, encoded as asked. `take` counts earlier requests with
    the same prompt: the same words again give another picture, a stated seed the same one."""
    seed = wish.options.get("seed") or f"take {take}"
    words = f"{wish.model.slug}|{wish.prompt}|{seed}|{index}"
    rng = random.Random(hashlib.sha256(words.encode()).digest())
    picture = paint(wish, rng)
    return encode(picture, str(wish.options.get("output_format", "png")))


def paint(wish: ValidRequest, rng: random.Random) -> Image.Image:
    """The picture itself, by what the model does."""
    options, operations = wish.options, wish.model.operations
    if "remove_background" in operations:
        return remove_background(wish.images[0])
    if "upscale" in operations:
        return upscale(
            wish.images[0],
            creativity=float(str(options.get("creativity", 0.3))),
            style=str(options.get("style_preset", "")),
            creative="creative" in wish.model.slug,
        )
    size = size_of(options, wish.images[0].size if wish.images else None)
    if wish.images:
        fidelity = str(options.get("input_fidelity", "auto"))
        picture = edit(
            wish.images, size, rng, prompt=wish.prompt, fidelity=fidelity, mask=wish.mask
        )
    else:
        picture = compose(wish.prompt, size, rng)
    return cut_out(picture, rng) if options.get("background") == "transparent" else picture


def encode(picture: Image.Image, name: str) -> bytes:
    """PNG, JPEG or WebP bytes. JPEG knows no transparency."""
    out = io.BytesIO()
    if name == "jpeg":
        opaque(picture).save(out, "JPEG", quality=90)
    elif name == "webp":
        picture.save(out, "WEBP", quality=88, method=1)
    else:
        picture.save(out, "PNG", compress_level=1)
    return out.getvalue()
