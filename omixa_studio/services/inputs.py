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
