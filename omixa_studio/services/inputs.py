"""Input images: decoded, turned upright, stripped, scaled and stored ready to send."""

import hashlib
import io
from typing import IO, Any

from django.db import transaction
from PIL import Image, ImageOps, UnidentifiedImageError

from omixa_studio import storage
from omixa_studio.models import OPEN_STATES, GenerationInput, InputImage, Person
from omixa_studio.services.pixels import ImageRefused, limited

# What a sent image may measure; the gateway's own limits are not documented.
LONGEST_SIDE = 2048
SHORTEST_SIDE = 64
JPEG_QUALITY = 92
LARGEST_PNG = 3 * 2**20
READABLE = ("PNG", "JPEG", "WEBP", "HEIF")


def keep_upload(person: Person, file: IO[bytes]) -> InputImage:
    """Make an uploaded picture ready to send and store it; the same one is stored once.

    Raises ImageRefused with a sentence for whatever is no usable picture.
    """
    return _keep(person, *prepare(file))


def prepare(file: IO[bytes]) -> tuple[bytes, str, tuple[int, int]]:
    """Return a picture's bytes as they will be sent, their type, and width and height."""
    with limited(), _opened(file) as image:
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        if min(upright.size) < SHORTEST_SIDE:
            raise ImageRefused(f"The picture is smaller than {SHORTEST_SIDE} pixels.")
        plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        data, mime = _encode(plain)
        return data, mime, plain.size


def keep_mask(person: Person, file: IO[bytes], over: InputImage) -> InputImage:
    """Make an uploaded mask exactly as large as the stored input it lies on, and store it.

    Raises ImageRefused with a sentence for whatever is no mask of that input.
    """
    size = (over.width, over.height)
    return _keep(person, prepare_mask(file, size), "image/png", size)


def prepare_mask(file: IO[bytes], size: tuple[int, int]) -> bytes:
    """Return a PNG of exactly `size`: clear where the picture is to change, else opaque black.

    Alpha stays as it is, soft edges too; a mask without any is read as greys, dark is what
    changes, as OpenAI's guide turns a black and white mask into one with alpha. Raises
    ImageRefused.
    """
    with limited(), _opened(file) as image:
        upright = ImageOps.exif_transpose(image)
        if not _has_shape(upright.size, size):
            raise ImageRefused("The mask does not have the shape of the first image.")
        alpha = _kept_part(upright)
        if alpha.size != size:
            alpha = alpha.resize(size, Image.Resampling.BILINEAR)
        if alpha.getextrema()[0] == 255:
            raise ImageRefused("The mask has no clear part, so nothing would change.")
        mask = Image.new("RGBA", size)
        mask.putalpha(alpha)
        out = io.BytesIO()
        mask.save(out, "PNG", compress_level=6)
        return out.getvalue()


def delete_input(image: InputImage) -> bool:
    """Delete a stored input unless an open generation names it; False: it stays."""
    with transaction.atomic():
        named = GenerationInput.objects.filter(image=image)
        if named.filter(generation__state__in=(*OPEN_STATES, "unknown")).exists():
            return False
        named.delete()
        name = image.name
        image.delete()
        transaction.on_commit(lambda: storage.remove(name))
    return True


def _opened(file: IO[bytes]) -> Any:
    try:
        image = Image.open(file, formats=READABLE)
    except UnidentifiedImageError:
        raise ImageRefused("This is not a PNG, JPEG, WebP or HEIC picture.") from None
    if getattr(image, "n_frames", 1) > 1 and image.format != "HEIF":
        raise ImageRefused("Animated pictures cannot be sent; save one frame.")
    return image


def _has_shape(shape: tuple[int, int], size: tuple[int, int]) -> bool:
    """Say whether a shape, scaled to one side of a size, misses the other by a pixel at most."""
    wide = shape[1] * size[0] / shape[0] - size[1]
    tall = shape[0] * size[1] / shape[1] - size[0]
    return min(abs(wide), abs(tall)) <= 1


def _kept_part(mask: Image.Image) -> Image.Image:
    if mask.has_transparency_data:
        return mask.convert("RGBA").getchannel("A")
    if mask.mode.startswith("I"):
        # Pillow cuts sixteen bits off at 255 instead of scaling them.
        mask = mask.convert("I").point(lambda value: value * (1 / 257))
    return mask.convert("L")


def _encode(image: Image.Image) -> tuple[bytes, str]:
    """PNG while it is small or transparent, else JPEG; neither carries any metadata."""
    png = io.BytesIO()
    image.save(png, "PNG", compress_level=6)
    if image.mode == "RGBA" or png.tell() <= LARGEST_PNG:
        return png.getvalue(), "image/png"
    jpeg = io.BytesIO()
    image.save(jpeg, "JPEG", quality=JPEG_QUALITY)
    return jpeg.getvalue(), "image/jpeg"


def _keep(person: Person, data: bytes, mime: str, size: tuple[int, int]) -> InputImage:
    digest = hashlib.sha256(data).hexdigest()
    known = InputImage.objects.filter(person=person, sha256=digest).first()
    if known:
        return known
    name = storage.new_name("inputs", "." + mime.removeprefix("image/"))
    storage.put(name, data)
    made, _ = InputImage.objects.get_or_create(
        person=person,
        sha256=digest,
        defaults={
            "name": name,
            "mime": mime,
            "width": size[0],
            "height": size[1],
            "bytes": len(data),
        },
    )
    return made
