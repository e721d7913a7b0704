"""Decode an uploaded image: upright, in sRGB, without metadata, ready to send."""

import contextlib
import io
from collections.abc import Iterator
from typing import IO, Any

from PIL import Image

from omixa_studio.catalogue.records import N_
from omixa_studio.services import reading
from omixa_studio.services.pixels import ImageRefused

# Size limits of sent images, in pixels; the gateway's own limits are not documented.
LONGEST_SIDE = 2048
SHORTEST_SIDE = 64
JPEG_QUALITY = 92
LARGEST_PNG = 3 * 2**20
UPLOADED = ("PNG", "JPEG", "WEBP", "HEIF")
LOSSY = ("JPEG", "MPO", "HEIF", "AVIF")
# libwebp holds three copies of a decoded picture: 25 megapixels take 440 MB, as much as 50
# megapixels of other kinds.
MOST_PIXELS_WEBP = 25_000_000
# Qualities (JPEG or WebP) to try before reducing the dimensions.
QUALITIES = (90, 80)
STEP_DOWN = 0.8

Prepared = tuple[bytes, str, tuple[int, int]]


def prepare(file: IO[bytes], kinds: tuple[str, ...] = UPLOADED) -> Prepared:
    """Return a picture's bytes as they will be sent, their MIME type, and width and height.

    `kinds` are Pillow's names of the accepted formats. Raises ImageRefused, with a sentence for
    people, for everything that is not a usable picture.
    """
    with _opened(file, kinds) as image:
        lossy = image.format in LOSSY
        if min(image.size) < SHORTEST_SIDE:
            raise ImageRefused(N_("The picture is smaller than 64 pixels."))
        if min(image.size) * LONGEST_SIDE < SHORTEST_SIDE * max(image.size):
            raise ImageRefused(
                N_("The picture is too long and narrow: at 2048 pixels it has under 64 across.")
            )
        plain = reading.read(image, LONGEST_SIDE)
    return (*_encode(plain, lossy=lossy), plain.size)


def prepare_mask(
    file: IO[bytes], size: tuple[int, int], kinds: tuple[str, ...] = UPLOADED
) -> bytes:
    """Return a PNG mask of exactly `size`: transparent where the picture is to change, else opaque.

    An alpha channel is kept as it is, with soft edges. A fully opaque mask is read as greyscale,
    where dark areas change. The colour channels repeat the alpha, as in OpenAI's guide, which makes
    a mask from black and white. `kinds` are Pillow's names of the accepted formats. Raises
    ImageRefused.
    """
    with _opened(file, kinds) as image:
        if not _has_shape(reading.shape_of(image), size):
            raise ImageRefused(
                N_("The mask does not have the same proportions as the first image.")
            )
        alpha = _kept_part(image)
    if alpha.size != size:
        alpha = alpha.resize(size, Image.Resampling.BILINEAR)
    if alpha.getextrema()[0] == 255:
        raise ImageRefused(N_("The mask has no transparent area, so nothing would change."))
    return _saved(Image.merge("RGBA", [alpha] * 4), "PNG", compress_level=6)


def shrink(data: bytes, most_bytes: int) -> Prepared:
    """Return a prepared picture in at most so many bytes: first lossy, then smaller.

    Raises ImageRefused if even its smallest size is too large.
    """
    with _opened(io.BytesIO(data), UPLOADED) as image:
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
        for copy, quality in _smaller_and_smaller(plain):
            made, mime = _lossy(copy, quality)
            if len(made) <= most_bytes:
                return made, mime, copy.size
    raise ImageRefused(N_("The pictures do not fit into one request. Use fewer."))


@contextlib.contextmanager
def _opened(file: IO[bytes], kinds: tuple[str, ...]) -> Iterator[Any]:
    with reading.opened(file, kinds, seconds=reading.SECONDS_TO_WAIT) as image:
        if image.format == "WEBP" and image.width * image.height > MOST_PIXELS_WEBP:
            raise ImageRefused(N_("A WebP picture may have 25 megapixels at most."))
        if reading.is_animated(image):
            raise ImageRefused(N_("Animated pictures cannot be sent; save one frame."))
        yield image


def _has_shape(shape: tuple[int, int], size: tuple[int, int]) -> bool:
    """Return whether a shape, scaled to one side of a size, matches the other within a pixel."""
    wide = shape[1] * size[0] / shape[0] - size[1]
    tall = shape[0] * size[1] / shape[1] - size[0]
    return min(abs(wide), abs(tall)) <= 1


def _kept_part(mask: Image.Image) -> Image.Image:
    if not mask.has_transparency_data:
        return reading.read_greys(mask, _grey_of)[0]
    grey, alpha = reading.read_greys(mask, _grey_of, _alpha_of)
    # An editor may save black and white with a uniform alpha channel.
    return grey if _is_even(alpha) and not _is_even(grey) else alpha


def _is_even(band: Image.Image) -> bool:
    return max(band.histogram()) == band.width * band.height


def _alpha_of(image: Image.Image) -> Image.Image:
    return reading.with_alpha(image).convert("RGBA").getchannel("A")


def _grey_of(image: Image.Image) -> Image.Image:
    return reading.with_alpha(image).convert("L")


def _encode(image: Image.Image, *, lossy: bool) -> tuple[bytes, str]:
    """Encode lossy sources as JPEG, others as PNG while small; without any metadata."""
    if image.mode == "RGB" and lossy:
        return _lossy(image, JPEG_QUALITY)
    png = _saved(image, "PNG", compress_level=6)
    if image.mode == "RGBA" or len(png) <= LARGEST_PNG:
        return png, "image/png"
    return _lossy(image, JPEG_QUALITY)


def _lossy(image: Image.Image, quality: int) -> tuple[bytes, str]:
    if image.mode == "RGBA":
        return _saved(image, "WEBP", quality=quality, method=4), "image/webp"
    return _saved(image, "JPEG", quality=quality), "image/jpeg"


def _smaller_and_smaller(image: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    for quality in QUALITIES:
        yield image, quality
    side = max(image.size) * STEP_DOWN
    while side * min(image.size) / max(image.size) >= SHORTEST_SIDE:
        copy = image.copy()
        copy.thumbnail((side, side), Image.Resampling.LANCZOS)
        yield copy, QUALITIES[-1]
        side *= STEP_DOWN


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    # Pillow would write metadata of the source: comments, profiles, dates.
    image.info = {}
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
