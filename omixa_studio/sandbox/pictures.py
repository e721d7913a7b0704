"""From a valid request to the bytes of a picture."""

import hashlib
import io
import random

from PIL import Image

from .reading import Wish
from .shapes import size_of


def draw_picture(wish: Wish, index: int, take: int) -> bytes:
    """Picture number `index` of a request, encoded as asked. `take` counts earlier requests with
    the same prompt."""
    seed = f"{wish.model.slug}|{wish.prompt}|{wish.options.get('seed', 0)}|{index}|{take}"
    rng = random.Random(hashlib.sha256(seed.encode()).digest())
    source = wish.images[0].size if wish.images else None
    small = Image.frombytes("RGB", (4, 4), rng.randbytes(48))
    picture = small.resize(size_of(wish.options, source), Image.Resampling.BICUBIC)
    return encode(picture, str(wish.options.get("output_format", "png")))


def encode(picture: Image.Image, name: str) -> bytes:
    out = io.BytesIO()
    if name == "jpeg":
        picture.convert("RGB").save(out, "JPEG", quality=90)
    elif name == "webp":
        picture.save(out, "WEBP", quality=90, method=2)
    else:
        picture.save(out, "PNG", compress_level=1)
    return out.getvalue()
