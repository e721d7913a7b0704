"""What one picture becomes in an export: its bytes, and what was done with them."""

import hashlib
from dataclasses import dataclass

from omixa_studio import storage
from omixa_studio.models import Export, Pack, Picture

from . import reading
from .converting import Target, convert
from .file_metadata import tells_nothing
from .pixels import ImageRefused
from .provenance import packet_of

ORIGINAL = "original"
# A copy for a client in the format of the original, where that can be written here.
REMADE_AS = {"jpeg": "jpeg", "webp": "webp", "avif": "avif"}
REMADE_QUALITY = 95
RECEIVED, CONVERTED, REMADE = "as received", "converted", "re-encoded"
TREATMENTS = {
    RECEIVED: "The provider's own bytes, with its signature if it has one; XMP lies beside it.",
    CONVERTED: "Made from the original in the chosen format and size; a signature is lost.",
    REMADE: "Made from the original, which holds text or could hold some; a signature is lost.",
}
ENDINGS = {"jpeg": "jpg", "ljpeg": "jpg"}


@dataclass(frozen=True)
class Content:
    """The bytes of a file with the ending of its name; `packet` lies beside an original."""

    data: bytes
    ending: str
    treatment: str
    width: int
    height: int
    sha256: str
    packet: bytes = b""


def content_of(export: Export, picture: Picture) -> Content | None:
    """Return what an export gets of a picture; None if nothing of it may or can go along.

    An original goes to a client only if no text is in it; what cannot be converted goes to nobody
    but the team. Raises OSError.
    """
    try:
        data = storage.get(picture.name)
    except FileNotFoundError:
        return None
    for_team = export.pack == Pack.INTERNAL
    packet = packet_of(picture, with_settings=for_team)
    if export.format == ORIGINAL and (
        for_team or tells_nothing(data, picture.format, picture.generation.prompt)
    ):
        return _received(picture, data, packet)
    target = _target_of(export, picture)
    treatment = REMADE if export.format == ORIGINAL else CONVERTED
    for attempt in (target, Target("png", target.side)):
        try:
            made = convert(data, picture.format, attempt, packet, seconds=None)
        except ImageRefused:
            continue
        return _made(made, attempt.format, treatment)
    return _received(picture, data, packet) if for_team else None


def _target_of(export: Export, picture: Picture) -> Target:
    if export.format == ORIGINAL:
        return Target(REMADE_AS.get(picture.format, "png"), 0, REMADE_QUALITY)
    return Target(export.format, export.side, export.quality)


def _received(picture: Picture, data: bytes, packet: bytes) -> Content:
    ending = ENDINGS.get(picture.format, picture.format)
    width, height = picture.width, picture.height
    return Content(data, ending, RECEIVED, width, height, picture.sha256, packet)


def _made(data: bytes, kind: str, treatment: str) -> Content:
    width, height = reading.said_size(data, kind)
    digest = hashlib.sha256(data).hexdigest()
    return Content(data, ENDINGS.get(kind, kind), treatment, width, height, digest)
