"""The one way to decode pictures, uploaded or received: upright, in sRGB, as in browsers.

Pictures are scaled before they are rotated and converted, so that the steps that need memory twice
work on a small picture.
"""

import contextlib
import io
import struct
from collections.abc import Callable, Iterator
from typing import IO, Any

from PIL import Image, ImageCms, ImageMath, UnidentifiedImageError

from omixa_studio.catalogue.records import N_

from . import exif, png_chunks
from .intricate import is_intricate
from .pixels import MOST_PIXELS, ImageRefused, limited
from .space import NoSpace, Space

# The formats that Pillow and its plug-ins decode here, by our names.
DRAWN = {
    "png": "PNG",
    "jpeg": "JPEG",
    "ljpeg": "JPEG",
    "webp": "WEBP",
    "gif": "GIF",
    "avif": "AVIF",
    "heic": "HEIF",
    "tiff": "TIFF",
    "bmp": "BMP",
}
# Formats with one picture in several layers, views or depths, the first of which is shown.
STILL = ("HEIF", "MPO")
# Modes that cannot be scaled: palettes, and alpha not premultiplied.
NOT_SCALED = ("1", "P", "PA", "LA", "RGBA")
# Browsers do not rotate a WebP by its EXIF; Pillow rotates a TIFF itself while loading.
NOT_TURNED = ("WEBP", "TIFF")
# Peak memory for decoding one pixel, in bytes, as measured; PLAIN for all other formats.
PLAIN = 8
BYTES_A_PIXEL = {"WEBP": 13, "AVIF": 10, "TIFF": 10, "GIF": 10}
# Of a HEIC with more than eight bits per channel, as cameras write them.
DEEP_HEIF = 17
# Memory for all pictures a process decodes at a time; enough for one of 50 megapixels in most
# formats.
SPACE_BYTES = 512 * 2**20
# Scaling first reduces to this multiple of the wanted pixels per side, strip by strip.
SPARE_PIXELS = 1.5
STRIP = 256
# A header may contain any size; the database column ends at 2 ** 31.
MOST_SAID = 1_000_000
# At most this many of the web threads may wait for their turn, so that pages are still answered.
SECONDS_TO_WAIT = 20.0
MOST_WAITING = 11
BUSY = N_("Many pictures are being prepared right now. Try again in a moment.")
BROKEN = N_("The picture is broken or cut off.")
NOT_TAKEN = N_("This is not a PNG, JPEG, WebP or HEIC picture.")

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ON_ITS_SIDE = (5, 6, 7, 8)

SPACE = Space(SPACE_BYTES, waiting=MOST_WAITING)


@contextlib.contextmanager
def opened(
    file: IO[bytes], kinds: tuple[str, ...], *, seconds: float | None = None
) -> Iterator[Any]:
    """Open a picture of some formats (Pillow's names) when memory allows; not decoded yet.

    `seconds` is the longest wait for memory; None waits as long as it takes. Raises ImageRefused,
    with a sentence for people, if it is no picture of these formats and for errors inside the
    block.
    """
    with limited():
        try:
            with (
                SPACE.taken(_burden_of(file, kinds), seconds=seconds),
                _head(file, kinds) as image,
            ):
                yield image
        except NoSpace:
            raise ImageRefused(BUSY) from None


def said_size(data: bytes, kind: str) -> tuple[int, int]:
    """Return width and height from the header of a picture that may not be decodable.

    Returns (0, 0) if they are unknown. Only the header is read, so the picture may have any size.
    """
    try:
        sides = _webp_size(data) if kind == "webp" else _head_size(data, kind)
    except ImageRefused:
        return 0, 0
    return sides if min(sides) > 0 and max(sides) < MOST_SAID else (0, 0)


def _head_size(data: bytes, kind: str) -> tuple[int, int]:
    with limited():
        if is_intricate(data):
            raise ImageRefused(BROKEN)
        if data.startswith(png_chunks.SIGNATURE):
            data = png_chunks.mended(data) or data
        Image.init()
        # `Image.open` would reject the size itself; nothing is decoded here.
        read_head, _ = Image.OPEN[DRAWN[kind]]
        with read_head(io.BytesIO(data), "") as image:
            return shape_of(image)


def _webp_size(data: bytes) -> tuple[int, int]:
    """Return the size of a WebP from its bytes, since its decoder would allocate memory for it."""
    head = data[12:30].ljust(18, b"\0")
    if head.startswith(b"VP8X"):
        return (
            int.from_bytes(head[12:15], "little") + 1,
            int.from_bytes(head[15:18], "little") + 1,
        )
    if head.startswith(b"VP8L"):
        bits = int.from_bytes(head[9:13], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", head, 14)
    return width & 0x3FFF, height & 0x3FFF


def shape_of(image: Image.Image) -> tuple[int, int]:
    """Return the displayed width and height of a picture, without decoding it."""
    width, height = image.size
    return (height, width) if _turn_of(image) in ON_ITS_SIDE else (width, height)


def read(image: Image.Image, side: int) -> Image.Image:
    """Return an opened picture, fitted into a square of `side`, as RGB, or RGBA if transparent."""
    turn = _turn_of(image)
    profile = image.info.get("icc_profile")
    small = _fitted(image, side)
    if turn in TURNS:
        small = small.transpose(TURNS[turn])
    return _plain(small, profile)


def read_greys(
    image: Image.Image, *parts: Callable[[Image.Image], Image.Image]
) -> list[Image.Image]:
    """Return bands of an opened picture, upright, each extracted strip by strip by one of `parts`.

    All at once, since a WebP can be decoded only once.
    """
    turn = _turn_of(image)
    whole = _loaded(image)
    greys = [_in_strips(whole, "L", 1, part) for part in parts]
    return [grey.transpose(TURNS[turn]) for grey in greys] if turn in TURNS else greys


def with_alpha(image: Image.Image) -> Image.Image:
    """Return a picture in a mode that can be scaled; a transparent colour becomes alpha."""
    key = image.info.get("transparency")
    if image.mode.startswith(("I", "F")):
        return _deep(image, key if isinstance(key, int) else None)
    if image.mode in ("LA", "RGBA"):
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def is_animated(image: Image.Image) -> bool:
    """Return whether a picture is animated or has several pages."""
    return getattr(image, "n_frames", 1) > 1 and image.format not in STILL


def _burden_of(file: IO[bytes], kinds: tuple[str, ...]) -> int:
    with _head(file, kinds) as image:
        pixels: int = image.width * image.height
        if pixels > MOST_PIXELS:
            raise Image.DecompressionBombError
        is_deep = image.format == "HEIF" and image.info.get("bit_depth", 8) > 8
        return pixels * (DEEP_HEIF if is_deep else BYTES_A_PIXEL.get(image.format, PLAIN))


def _head(file: IO[bytes], kinds: tuple[str, ...]) -> Any:
    file.seek(0)
    data = file.read()
    file.seek(0)
    if is_intricate(data):
        raise ImageRefused(BROKEN)
    is_png = data.startswith(png_chunks.SIGNATURE)
    cicp = png_chunks.code_points(data) if is_png else b""
    depth = data[24] if is_png and len(data) > 24 else 8
    if is_png and (mended := png_chunks.mended(data)):
        file = io.BytesIO(mended)
    del data
    try:
        image = Image.open(file, formats=kinds)
    except UnidentifiedImageError:
        # With one expected format, the first bytes have already identified it.
        raise ImageRefused(BROKEN if len(kinds) == 1 else NOT_TAKEN) from None
    if is_png:
        _take_as_browsers(image, cicp, depth)
    return image


def _take_as_browsers(image: Image.Image, cicp: bytes, depth: int) -> None:
    """Set the profile and the transparent colour of a PNG with `depth` bits per channel."""
    image.info["icc_profile"] = png_chunks.profile_of(image.info, cicp)
    if "transparency" in image.info and image.mode != "P":
        image.info["transparency"] = png_chunks.clear_key(image.info["transparency"], depth)


def _turn_of(image: Image.Image) -> int:
    """Return the EXIF orientation as browsers do: not from XMP, nor from after a PNG's pixels."""
    block = image.info.get("exif")
    if not block or image.format in NOT_TURNED:
        return 1
    return exif.turn_of(block)


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """Scale down to fit; modes that cannot be scaled are first converted, with alpha if needed."""
    if image.format in ("WEBP", "GIF"):
        image = _loaded(image)
    scalable = not image.mode.startswith(("I", "F")) and image.mode not in NOT_SCALED
    if not scalable or "transparency" in image.info:
        image = _reduced(image, max(int(max(image.size) / (side * SPARE_PIXELS)), 1))
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=SPARE_PIXELS)
    image.load()
    return image


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Divide both sides by a whole number, strip by strip, since alpha needs twice the memory."""
    image = _loaded(image)
    if factor == 1 and not image.mode.startswith(("I", "F")):
        return with_alpha(image)
    mode = with_alpha(image.crop((0, 0, 1, 1))).mode
    return _in_strips(image, mode, factor, with_alpha)


def _loaded(image: Any) -> Any:
    if image.format != "WEBP":
        image.load()
        return _on_clear_ground(image) if image.format == "GIF" else image
    # Pillow would keep its decoder, with two more pictures of that size, until it is closed.
    unpacked = image._decoder.get_next()
    image._decoder = None
    if unpacked is None:
        raise ImageRefused(BROKEN)
    mode = "RGBA" if image.rawmode == "RGBA" else "RGB"
    return Image.frombytes(mode, image.size, unpacked[0], "raw", image.rawmode)


def _on_clear_ground(gif: Any) -> Any:
    """Return a GIF as a full picture: browsers leave what the first frame does not cover clear."""
    part = gif.dispose_extent
    if part in (None, (0, 0, *gif.size)):
        return gif
    whole = Image.new("RGBA", gif.size)
    whole.paste(with_alpha(gif.crop(part)), part[:2])
    return whole


def _in_strips(
    image: Image.Image, mode: str, factor: int, change: Callable[[Image.Image], Image.Image]
) -> Image.Image:
    width, height = image.size
    whole = Image.new(mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, STRIP * factor):
        strip = change(image.crop((0, top, width, min(top + STRIP * factor, height))))
        whole.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return whole


def _deep(image: Image.Image, key: int | None) -> Image.Image:
    # Pillow clips 16-bit values at 255 instead of scaling them.
    deep = image.convert("I")
    grey = deep.point(lambda value: value * (1 / 257)).convert("L")
    if key is None:
        return grey
    there = ImageMath.lambda_eval(
        lambda given: given["convert"]((given["deep"] != key) * 255, "L"), deep=deep
    )
    return Image.merge("LA", (grey, there))


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert a picture of any mode and colour space to RGB, or RGBA if transparent."""
    if profile:
        image = _in_srgb(image, profile)
    mode = "RGBA" if image.mode in ("LA", "RGBA", "RGBa", "La", "PA") else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert by the profile; a broken profile, or one for other channels, is ignored."""
    # Pillow raises errors of many kinds here, and the picture is fine without the profile.
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode in ("L", "LA") and source.profile.xcolor_space == "RGB ":
            image = image.convert("RGBA" if image.mode == "LA" else "RGB")
        alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
        colours = image.convert(image.mode.rstrip("A")) if alpha is not None else image
        colours = ImageCms.profileToProfile(colours, source, SRGB, outputMode="RGB") or colours
        if alpha is not None:
            colours.putalpha(alpha)
        return colours
    return image
