"""What a copy of a picture says of its making."""

from typing import Any

from omixa_studio.models import Picture

from .xmp import packet


def packet_of(picture: Picture, *, with_settings: bool) -> bytes:
    """Return the XMP packet of a copy, with or without the prompt and the settings.

    The picture is read by `queries.exports`.
    """
    composite = bool(getattr(picture, "is_composite", False))
    settings = settings_of(picture) if with_settings else None
    return packet(picture.sha256, composite=composite, settings=settings)


def settings_of(picture: Picture) -> dict[str, Any]:
    """Return what a picture was asked for, as the form takes it again."""
    generation = picture.generation
    said = {
        "picture": picture.pk,
        "model": generation.model,
        "operation": generation.operation,
        "prompt": generation.prompt,
        "options": generation.options,
    }
    return {**said, "template": generation.template} if generation.template else said
