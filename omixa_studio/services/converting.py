"""Convert an original into a PNG, JPEG, WebP or AVIF of a chosen size and quality, with XMP.

The copy is upright and in sRGB, as browsers show the original, and has no other metadata.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

from omixa_studio.catalogue.records import N_

from . import png_chunks, reading
from .pixels import MOST_PIXELS, ImageRefused, limited
from .space import NoSpace, Space

# A JPEG has no transparency; the dialogue names this colour.
GROUND = (255, 255, 255)
# Width and height are at most 16,383 in a WebP and 65,535 in a JPEG; of an AVIF browsers draw no
# longer sides than these.
LONGEST = {"webp": 16_383, "jpeg": 65_500, "avif": 32_768}
# Encoding 50 megapixels takes 330 MB for a JPEG, but 1.7 GB for a WebP and 1.2 GB for an AVIF.
MOST_ENCODED = {"webp": 20_000_000, "avif": 20_000_000}
# Encoders hold copies of the picture: one at a time in each process.
TURN = Space(1, waiting=6)
TOO_MANY = N_("WebP and AVIF take 20 megapixels at most. Choose a smaller size, PNG or JPEG.")
TOO_LONG = N_("This format cannot hold a picture with so long a side. Choose a smaller size.")
NOT_CONVERTED = N_("This kind of picture cannot be converted here. Download the original.")
# AVIF at the usual speed takes a minute for 50 megapixels, at this one some seconds.
AVIF_SPEED = 8
PNG_LEVEL = 4
XMP_CHUNK = b"XML:com.adobe.xmp\0\0\0\0\0"


@dataclass(frozen=True)
class Target:
    """What to convert to: a format, the longest side in pixels (0: as it is), a quality 1–100."""

    format: str
    side: int = 0
    quality: int = 90


def convert(data: bytes, kind: str, target: Target, xmp: bytes, *, seconds: float | None) -> bytes:
    """Return the converted picture; it is never enlarged.

    Takes the original's bytes and format, and an XMP packet. `seconds` is the longest wait for
    other conversions; None waits as long as it takes. Raises ImageRefused.
    """
    if kind not in reading.DRAWN:
        raise ImageRefused(NOT_CONVERTED)
    try:
        with TURN.taken(1, seconds=seconds):
            return _converted(data, kind, target, xmp, seconds)
    except NoSpace:
        raise ImageRefused(reading.BUSY) from None


def _converted(data: bytes, kind: str, target: Target, xmp: bytes, seconds: float | None) -> bytes:
    kinds = (reading.DRAWN[kind],)
    with reading.opened(io.BytesIO(data), kinds, seconds=seconds) as image:
        longest = max(image.size)
        plain = reading.read(image, min(target.side or longest, longest))
        if max(plain.size) > LONGEST.get(target.format, longest):
            raise ImageRefused(TOO_LONG)
        if plain.width * plain.height > MOST_ENCODED.get(target.format, MOST_PIXELS):
            raise ImageRefused(TOO_MANY)
        # Pillow would add metadata of the source: comments, profiles, dates.
        plain.info = {}
        return ENCODERS[target.format](plain, target.quality, xmp)


def _as_png(image: Image.Image, quality: int, xmp: bytes) -> bytes:
    # Pillow ignores `xmp` for this format, so the chunk is put behind the header by hand.
    png = _saved(image, "PNG", compress_level=PNG_LEVEL)
    after_header = 8 + 12 + 13
    return png[:after_header] + png_chunks.chunk(b"iTXt", XMP_CHUNK + xmp) + png[after_header:]


def _as_jpeg(image: Image.Image, quality: int, xmp: bytes) -> bytes:
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, GROUND)
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    # From this quality on colours are kept for each pixel: four hundred text pixels stay sharp.
    sampling = 0 if quality >= 90 else 2
    return _saved(image, "JPEG", quality=quality, subsampling=sampling, optimize=True, xmp=xmp)


def _as_webp(image: Image.Image, quality: int, xmp: bytes) -> bytes:
    return _saved(image, "WEBP", quality=quality, lossless=quality == 100, method=4, xmp=xmp)


def _as_avif(image: Image.Image, quality: int, xmp: bytes) -> bytes:
    # Pillow turns to the first picture of a file, which in a HEIC need not be the one shown.
    return _saved(image.copy(), "AVIF", quality=quality, speed=AVIF_SPEED, xmp=xmp)


ENCODERS: dict[str, Callable[[Image.Image, int, bytes], bytes]] = {
    "png": _as_png,
    "jpeg": _as_jpeg,
    "webp": _as_webp,
    "avif": _as_avif,
}


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    with limited():
        image.save(out, kind, **options)
    return out.getvalue()
