"""Decode an uploaded image: upright, in sRGB, without metadata, ready to send."""

import contextlib
import io
import threading
from collections.abc import Iterator
from typing import IO, Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from omixa_studio.catalogue.records import N_
from omixa_studio.services.pixels import MOST_PIXELS, ImageRefused, limited

# What a sent image may measure; the gateway's own limits are not documented.
LONGEST_SIDE = 2048
SHORTEST_SIDE = 64
JPEG_QUALITY = 92
LARGEST_PNG = 3 * 2**20
READABLE = ("PNG", "JPEG", "WEBP", "HEIF")
# One picture in several layers, views or depths, of which the first is the picture.
STILL = ("HEIF", "MPO")
LOSSY = ("JPEG", "MPO", "HEIF")
# libwebp holds three copies of what it unpacks: 25 megapixels are 440 MB, as 50 of the others.
MOST_PIXELS_WEBP = 25_000_000
# An honest file has some dozens. Each costs Pillow a step, or a pass over the whole picture.
MOST_PARTS = 8_192
MOST_SCANS = 100
# What a smaller copy tries before it gives up sides: (JPEG, WebP) quality.
QUALITIES = (90, 80)
STEP_DOWN = 0.8
# Scaling begins with this many times the pixels per side that are wanted, in rows at a time.
SPARE_PIXELS = 1.5
STRIP = 256

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
# Unpacked pictures are large: a process holds one at a time, however many come at once. Of the
# web's threads half may wait for that, so that pages are answered meanwhile.
SECONDS_TO_WAIT = 20.0
MOST_WAITING = 8
BUSY = N_("Many pictures are being made ready just now. Try again in a moment.")
_unpacking = threading.Lock()
_places = threading.BoundedSemaphore(MOST_WAITING)

Prepared = tuple[bytes, str, tuple[int, int]]


@contextlib.contextmanager
def unpacking(*, seconds: float = SECONDS_TO_WAIT) -> Iterator[None]:
    """Be the one that unpacks a picture. Raises ImageRefused when too many others are before."""
    if not _places.acquire(blocking=False):
        raise ImageRefused(BUSY)
    try:
        if not _unpacking.acquire(timeout=seconds):
            raise ImageRefused(BUSY)
        try:
            yield
        finally:
            _unpacking.release()
    finally:
        _places.release()


def prepare(file: IO[bytes]) -> Prepared:
    """Return a picture's bytes as they will be sent, their type, and width and height.

    Raises ImageRefused with a sentence for whatever is no usable picture.
    """
    with limited(), unpacking(), _opened(file) as image:
        lossy = image.format in LOSSY
        upright = _upright(image, LONGEST_SIDE)
        if min(upright.size) < SHORTEST_SIDE:
            raise ImageRefused(N_("The picture is smaller than 64 pixels."))
        plain = _plain(upright)
    return (*_encode(plain, lossy=lossy), plain.size)


def prepare_mask(file: IO[bytes], size: tuple[int, int]) -> bytes:
    """Return a PNG of exactly `size`: clear where the picture is to change, else opaque.

    Alpha stays as it is, soft edges too. A mask without any is read as greys, dark is what
    changes; colours repeat the alpha: so OpenAI's guide makes a mask of black and white.
    Raises ImageRefused.
    """
    with limited(), unpacking(), _opened(file) as image:
        upright = ImageOps.exif_transpose(image)
        if not _has_shape(upright.size, size):
            raise ImageRefused(N_("The mask does not have the shape of the first image."))
        alpha = _kept_part(upright)
        if alpha.size != size:
            alpha = alpha.resize(size, Image.Resampling.BILINEAR)
        if alpha.getextrema()[0] == 255:
            raise ImageRefused(N_("The mask has no clear part, so nothing would change."))
        return _saved(Image.merge("RGBA", [alpha] * 4), "PNG", compress_level=6)


def shrink(data: bytes, most_bytes: int) -> Prepared:
    """Return a prepared picture in at most so many bytes: lossy first, then smaller.

    Raises ImageRefused when even its smallest size is too large.
    """
    with limited(), unpacking(), Image.open(io.BytesIO(data), formats=READABLE) as image:
        plain = image.convert("RGBA" if image.has_transparency_data else "RGB")
        for copy, quality in _smaller_and_smaller(plain):
            made, mime = _lossy(copy, quality)
            if len(made) <= most_bytes:
                return made, mime, copy.size
    raise ImageRefused(N_("The pictures do not fit into one request; use fewer."))


def _opened(file: IO[bytes]) -> Any:
    _refuse_intricate(file)
    try:
        image = Image.open(file, formats=READABLE)
    except UnidentifiedImageError:
        raise ImageRefused(N_("This is not a PNG, JPEG, WebP or HEIC picture.")) from None
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise Image.DecompressionBombError
    if image.format == "WEBP" and width * height > MOST_PIXELS_WEBP:
        raise ImageRefused(N_("A WebP picture may have 25 megapixels at most."))
    if getattr(image, "n_frames", 1) > 1 and image.format not in STILL:
        raise ImageRefused(N_("Animated pictures cannot be sent; save one frame."))
    return image


def _refuse_intricate(file: IO[bytes]) -> None:
    """Refuse files that are cheap to send and would keep Pillow's own loops busy for minutes."""
    file.seek(0)
    data = file.read()
    file.seek(0)
    if data.startswith(b"\xff\xd8"):
        scans, parts = data.count(b"\xff\xda"), _count(_jpeg_parts(data))
    else:
        scans, parts = 0, _count(_png_parts(data)) if data.startswith(b"\x89PNG") else 0
    if scans > MOST_SCANS or parts > MOST_PARTS:
        raise ImageRefused(N_("The picture is broken or cut off."))


def _count(parts: Iterator[int]) -> int:
    """Count parts, but stop one above what is allowed."""
    return next((n for n, _ in enumerate(parts, start=1) if n > MOST_PARTS), 0)


def _png_parts(data: bytes) -> Iterator[int]:
    at = 8
    while at + 8 <= len(data):
        yield at
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def _jpeg_parts(data: bytes) -> Iterator[int]:
    """The marks before the first scan; whatever else stands there is stepped over like one."""
    at = 2
    while at + 4 <= len(data) and data[at : at + 2] != b"\xff\xda":
        yield at
        is_segment = data[at] == 0xFF and data[at + 1] not in (0x00, 0xFF)
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big") if is_segment else 1


def _upright(image: Image.Image, side: int) -> Image.Image:
    """Scale first, so that what is turned and converted is small."""
    if image.mode in ("1", "P", "PA", "LA", "RGBA") or "transparency" in image.info:
        # Neither palettes nor a colour that stands for "clear" can be scaled.
        image = _reduced(image, max(int(max(image.size) / (side * SPARE_PIXELS)), 1))
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=SPARE_PIXELS)
    return ImageOps.exif_transpose(image)


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Divide both sides by a whole number, strip by strip: alpha needs the memory twice."""
    image.load()
    if factor == 1:
        return _with_alpha(image)
    width, height = image.size
    mode = _with_alpha(image.crop((0, 0, 1, 1))).mode
    whole = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, STRIP * factor):
        box = (0, top, width, min(top + STRIP * factor, height))
        whole.paste(_with_alpha(image.crop(box)).reduce(factor), (0, top // factor))
    whole.info = {name: image.info[name] for name in image.info if name != "transparency"}
    return whole


def _with_alpha(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode in ("LA", "RGBA"):
        return image
    key = image.info.get("transparency")
    if image.mode in ("L", "RGB") and not _is_colour(key):
        # Sixteen bits a channel: Pillow keeps the upper eight, the key keeps all.
        image.info["transparency"] = _upper_bits(key)
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _is_colour(key: object) -> bool:
    parts = key if isinstance(key, tuple) else (key,)
    return all(isinstance(part, int) and 0 <= part <= 255 for part in parts)


def _upper_bits(key: Any) -> Any:
    return tuple(part >> 8 for part in key) if isinstance(key, tuple) else key >> 8


def _plain(image: Image.Image) -> Image.Image:
    """Make a picture of any mode and colour space RGB, or RGBA where it is transparent."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):
        image = _eight_bits(image)
    if image.mode == "LA":
        image = image.convert("RGBA")
    if profile:
        image = _in_srgb(image, profile)
    return image.convert("RGBA" if image.mode in ("RGBA", "RGBa", "La") else "RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert by the profile; one that is broken or of other channels is left out."""
    # Pillow's own errors here are of every kind, and the picture is good without.
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, SRGB, outputMode=mode) or image
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    # Pillow cuts sixteen bits off at 255 instead of scaling them.
    return image.convert("I").point(lambda value: value * (1 / 257)).convert("L")


def _has_shape(shape: tuple[int, int], size: tuple[int, int]) -> bool:
    """Say whether a shape, scaled to one side of a size, misses the other by a pixel at most."""
    wide = shape[1] * size[0] / shape[0] - size[1]
    tall = shape[0] * size[1] / shape[1] - size[0]
    return min(abs(wide), abs(tall)) <= 1


def _kept_part(mask: Image.Image) -> Image.Image:
    if mask.mode.startswith("I"):
        return _eight_bits(mask)
    if mask.has_transparency_data:
        return _with_alpha(mask).convert("RGBA").getchannel("A")
    return mask.convert("L")


def _encode(image: Image.Image, *, lossy: bool) -> tuple[bytes, str]:
    """JPEG of what was lossy, else PNG while it is small; neither carries any metadata."""
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
    # Pillow would write what it knows of the source: comments, profiles, dates.
    image.info = {}
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
