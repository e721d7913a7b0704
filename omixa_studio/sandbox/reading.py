"""Read a paid request as strictly as the documentation allows, or refuse it."""

import io
import json
import re
from collections.abc import Container
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pybase64

from omixa_studio.catalogue import Catalogue, ImageModel, check_choice

from .answers import Refusal

if TYPE_CHECKING:
    from PIL.Image import Image

DATA_URL = re.compile(r"data:(image/(?:png|jpeg|webp));base64,([A-Za-z0-9+/=]+)")
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
MOST_PIXELS = 50_000_000


@dataclass(frozen=True, slots=True)
class ValidRequest:
    """A valid request: the model, its plain options and the decoded inputs."""

    model: ImageModel
    options: dict[str, object]
    images: tuple["Image", ...]
    mask: "Image | None"

    @property
    def prompt(self) -> str:
        return str(self.options.get("prompt", ""))

    @property
    def count(self) -> int:
        return int(str(self.options.get("n", 1)))


def read_fields(content_type: str, body: bytes) -> dict[str, object]:
    """The JSON object of a body. Raises Refusal 415 for another type, 422 for broken JSON."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "The Content-Type must be application/json.")
    try:
        fields = json.loads(body)
    except ValueError:
        raise Refusal(422, "The body is not valid JSON.", "invalid_json") from None
    if not isinstance(fields, dict):
        raise Refusal(422, "The body must be a JSON object.", "invalid_json")
    return fields


def read_wish(
    fields: dict[str, object], catalogue: Catalogue, closed: Container[str]
) -> ValidRequest:
    """Check every field. Raises Refusal: 422 for a fault, 404 for a model that does not exist,
    403 for one that this key may not use (`closed`)."""
    model = read_model(fields.get("model"), catalogue, closed)
    options = {
        name: value
        for name, value in fields.items()
        if name not in ("model", "input_images", "mask")
    }
    parts = fields.get("input_images", [])
    if not isinstance(parts, list):
        raise Refusal(422, "input_images must be an array of image parts.")
    known = {field.name for field in model.fields}
    for name in ("input_images", "mask"):
        if name in fields and name not in known:
            raise Refusal(422, f"{model.slug} has no field {name}.", "unknown_field")
    faults = check_choice(model, options, images=len(parts), mask="mask" in fields)
    if faults:
        raise Refusal(422, " ".join(fault.sentence for fault in faults))
    images = tuple(read_part(part, f"input_images[{i}]") for i, part in enumerate(parts))
    mask = read_mask(fields["mask"], images) if "mask" in fields else None
    return ValidRequest(model, options, images, mask)


def read_model(slug: object, catalogue: Catalogue, closed: Container[str]) -> ImageModel:
    if not isinstance(slug, str) or not slug:
        raise Refusal(422, "model is required.", "missing_model")
    model = catalogue.find(slug)
    if model is None:
        raise Refusal(404, "This model does not exist.", "model_not_found")
    if slug in closed:
        raise Refusal(403)
    return model


def read_part(part: object, name: str) -> "Image":
    """One image part in exactly the documented shape, with its picture decoded."""
    shape = 'must be {"type":"image_url","image_url":{"url":"data:…"}}.'
    if not isinstance(part, dict) or set(part) != {"type", "image_url"}:
        raise Refusal(422, f"{name} {shape}")
    inner = part["image_url"]
    if part["type"] != "image_url" or not isinstance(inner, dict) or set(inner) != {"url"}:
        raise Refusal(422, f"{name} {shape}")
    return read_data_url(inner["url"], name)


def read_mask(value: object, images: tuple["Image", ...]) -> "Image":
    """A mask as an image part or a bare data URL: the documentation does not say which."""
    if not images:
        raise Refusal(422, "mask needs an input image.")
    mask = read_data_url(value, "mask") if isinstance(value, str) else read_part(value, "mask")
    if mask.size != images[0].size:
        raise Refusal(422, "mask must have the size of the first input image.")
    if not mask.has_transparency_data:
        raise Refusal(422, "mask must have an alpha channel.")
    return mask.convert("RGBA")


def read_data_url(url: object, name: str) -> "Image":
    match = DATA_URL.fullmatch(url) if isinstance(url, str) else None
    if match is None:
        raise Refusal(422, f"{name} must be an inline PNG, JPEG or WebP data URL.")
    try:
        data = pybase64.b64decode(match[2], validate=True)
    except ValueError:
        raise Refusal(422, f"{name} is not valid base64.") from None
    return decode(data, FORMATS[match[1]], name)


def decode(data: bytes, expected: str, name: str) -> "Image":
    # Pillow is loaded with the first picture, which keeps an idle sandbox small.
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(data), formats=[expected])
        if image.width * image.height > MOST_PIXELS:
            raise Refusal(422, f"{name} has too many pixels.")
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refusal(422, f"{name} does not decode as {expected}.") from None
    return image
