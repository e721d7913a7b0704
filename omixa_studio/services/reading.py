"""The one way of reading a picture, uploaded or received: upright, in sRGB, as browsers show it.

Pictures are scaled before they are turned and converted, so that what needs the memory twice
is small.
"""

import contextlib
import io
import struct
from collections.abc import Callable, Iterator
from typing import IO, Any

from PIL import Image, ImageCms, ImageMath, UnidentifiedImageError

from omixa_studio.catalogue.records import N_

from . import png_chunks
from .intricate import is_intricate
from .pixels import MOST_PIXELS, ImageRefused, limited
from .space import NoSpace, Space

# What Pillow and its plug-ins draw here, by our names of the kinds.
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
# One picture in several layers, views or depths, of which the first is the picture.
STILL = ("HEIF", "MPO")
# Neither palettes nor alpha that is apart from the colours can be scaled.
NOT_SCALED = ("1", "P", "PA", "LA", "RGBA")
# Browsers do not turn a WebP by its EXIF; Pillow turns a TIFF itself while it loads.
NOT_TURNED = ("WEBP", "TIFF")
# The most memory that unpacking one pixel takes, in bytes, as measured; of all others PLAIN.
PLAIN = 8
BYTES_A_PIXEL = {"WEBP": 13, "AVIF": 10, "TIFF": 10, "GIF": 10}
# All that a process unpacks at a time; one picture of 50 megapixels and most kinds.
SPACE_BYTES = 512 * 2**20
# Scaling begins with this many times the pixels per side that are wanted, in rows at a time.
SPARE_PIXELS = 1.5
STRIP = 256
# A head may say anything; a database's column ends at 2 ** 31.
MOST_SAID = 1_000_000
# Of the web's threads most may wait for their turn, so that pages are answered meanwhile.
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
# EXIF's number of the orientation; browsers believe it as one number of two bytes only.
ORIENTATION, ONE_SHORT = 0x0112, [3, 1]

SPACE = Space(SPACE_BYTES, waiting=MOST_WAITING)


@contextlib.contextmanager
def opened(
    file: IO[bytes], kinds: tuple[str, ...], *, seconds: float | None = None
) -> Iterator[Any]:
    """Open a picture of some kinds (Pillow's names) in its turn: not yet decoded, and bounded.

    `seconds` is how long to wait for the turn; None as long as it takes. Raises ImageRefused
    with a sentence for whatever is no picture of these kinds, and for whatever breaks inside.
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
    """How wide and high a picture calls itself that may not be drawn; (0, 0) where unknown.

    Only its head is read, so it may be of any size.
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
        # `Image.open` would stop at the size itself; nothing is unpacked here.
        read_head, _ = Image.OPEN[DRAWN[kind]]
        with read_head(io.BytesIO(data), "") as image:
            return shape_of(image)


def _webp_size(data: bytes) -> tuple[int, int]:
    """The sides of a WebP by its bytes: what unpacks it would take memory for them at once."""
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
    """Say how wide and high a picture is shown, without decoding it."""
    width, height = image.size
    return (height, width) if _turn_of(image) in ON_ITS_SIDE else (width, height)


def read(image: Image.Image, side: int) -> Image.Image:
    """Give an opened picture as RGB, or RGBA where it is transparent, in a square of `side`."""
    turn = _turn_of(image)
    profile = image.info.get("icc_profile")
    small = _fitted(image, side)
    if turn in TURNS:
        small = small.transpose(TURNS[turn])
    return _plain(small, profile)


def read_grey(image: Image.Image, part: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """Give one band of an opened picture, upright, drawn from it strip by strip by `part`."""
    turn = _turn_of(image)
    grey = _in_strips(_loaded(image), "L", 1, part)
    return grey.transpose(TURNS[turn]) if turn in TURNS else grey


def with_alpha(image: Image.Image) -> Image.Image:
    """Give a picture in a mode that can be scaled; a colour that stands for clear is alpha."""
    key = image.info.get("transparency")
    if image.mode.startswith(("I", "F")):
        return _deep(image, key if isinstance(key, int) else None)
    if image.mode in ("LA", "RGBA"):
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def is_animated(image: Image.Image) -> bool:
    """Say whether a picture moves, or has pages."""
    return getattr(image, "n_frames", 1) > 1 and image.format not in STILL


def _burden_of(file: IO[bytes], kinds: tuple[str, ...]) -> int:
    with _head(file, kinds) as image:
        pixels: int = image.width * image.height
        if pixels > MOST_PIXELS:
            raise Image.DecompressionBombError
        return pixels * BYTES_A_PIXEL.get(image.format, PLAIN)


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
        # One kind alone: by its first bytes it is that.
        raise ImageRefused(BROKEN if len(kinds) == 1 else NOT_TAKEN) from None
    if is_png:
        _take_as_browsers(image, cicp, depth)
    return image


def _take_as_browsers(image: Image.Image, cicp: bytes, depth: int) -> None:
    """Say of a PNG with `depth` bits a channel which profile it has, and which colour is clear."""
    image.info["icc_profile"] = png_chunks.profile_of(image.info, cicp)
    if "transparency" in image.info and image.mode != "P":
        image.info["transparency"] = png_chunks.clear_key(image.info["transparency"], depth)


def _turn_of(image: Image.Image) -> int:
    """The EXIF orientation as browsers take it: never from XMP, in a PNG only before its pixels."""
    block = image.info.get("exif")
    if not block or image.format in NOT_TURNED:
        return 1
    try:
        return _orientation(block.removeprefix(b"Exif\0\0"))
    except struct.error:
        return 1


def _orientation(tiff: bytes) -> int:
    """The orientation in the first folder of a TIFF head, 1 where it is not one short number."""
    order = ">" if tiff.startswith(b"MM") else "<"
    (folder,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, folder)
    for entry in range(count):
        tag, *form, value = struct.unpack_from(f"{order}HHIH", tiff, folder + 2 + 12 * entry)
        if tag == ORIENTATION:
            return int(value) if form == ONE_SHORT else 1
    return 1


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """Scale down to fit; what cannot be scaled as it is first becomes grey or RGB with alpha."""
    if image.format in ("WEBP", "GIF"):
        image = _loaded(image)
    scalable = not image.mode.startswith(("I", "F")) and image.mode not in NOT_SCALED
    if not scalable or "transparency" in image.info:
        image = _reduced(image, max(int(max(image.size) / (side * SPARE_PIXELS)), 1))
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=SPARE_PIXELS)
    image.load()
    return image


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Divide both sides by a whole number, strip by strip: alpha needs the memory twice."""
    image = _loaded(image)
    if factor == 1 and not image.mode.startswith(("I", "F")):
        return with_alpha(image)
    mode = with_alpha(image.crop((0, 0, 1, 1))).mode
    return _in_strips(image, mode, factor, with_alpha)


def _loaded(image: Any) -> Any:
    if image.format != "WEBP":
        image.load()
        return _on_clear_ground(image) if image.format == "GIF" else image
    # Pillow would hold what unpacks it, two more pictures of that size, until it is closed.
    unpacked = image._decoder.get_next()
    image._decoder = None
    if unpacked is None:
        raise ImageRefused(BROKEN)
    mode = "RGBA" if image.rawmode == "RGBA" else "RGB"
    return Image.frombytes(mode, image.size, unpacked[0], "raw", image.rawmode)


def _on_clear_ground(gif: Any) -> Any:
    """A GIF whose first frame may cover a part alone: browsers leave the rest clear."""
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
    # Pillow cuts sixteen bits off at 255 instead of scaling them.
    deep = image.convert("I")
    grey = deep.point(lambda value: value * (1 / 257)).convert("L")
    if key is None:
        return grey
    there = ImageMath.lambda_eval(
        lambda given: given["convert"]((given["deep"] != key) * 255, "L"), deep=deep
    )
    return Image.merge("LA", (grey, there))


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Make a picture of any mode and colour space RGB, or RGBA where it is transparent."""
    if profile:
        image = _in_srgb(image, profile)
    mode = "RGBA" if image.mode in ("LA", "RGBA", "RGBa", "La", "PA") else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert by the profile; one that is broken or of other channels is left out."""
    # Pillow's own errors here are of every kind, and the picture is good without.
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
