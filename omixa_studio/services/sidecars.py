"""What stands beside exported pictures: one JSON each, one table of all, one summary."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from omixa_studio.dates import local
from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import Export, GenerationInput, Pack, Picture, dollars

from .packing import TREATMENTS, Content
from .xmp import COMPOSITE, TRAINED

FOR_CLIENTS = ("file", "width", "height", "format", "sha256", "digital_source_type", "treatment")
COLUMNS: Mapping[str, Sequence[str]] = {
    Pack.CLIENT: FOR_CLIENTS,
    Pack.INTERNAL: (
        *("file", "id", "time", "person", "project", "model", "operation", "prompt", "options"),
        *("cost_usd", "practice", "made_from", "star", "note"),
        *FOR_CLIENTS[1:],
    ),
}


@dataclass(frozen=True)
class Packed:
    """A picture of an export: the name of its file without ending, what is in it, its inputs."""

    picture: Picture
    stem: str
    content: Content
    made_from: Sequence[GenerationInput] = ()

    @property
    def file(self) -> str:
        return f"{self.stem}.{self.content.ending}"


def row_of(packed: Packed) -> dict[str, Any]:
    """Return all that is known of a picture, as JSON takes it; a client gets FOR_CLIENTS of it."""
    picture, generation = packed.picture, packed.picture.generation
    cost = dollars(picture.cost_micros)
    return {
        "file": packed.file,
        "id": picture.pk,
        "time": _local(picture.created_at),
        "person": picture.person.name if picture.person else "",
        "project": getattr(picture, "project_name", ""),
        "model": picture.model,
        "operation": generation.operation,
        "prompt": generation.prompt,
        "options": generation.options,
        "cost_usd": None if cost is None else f"{cost:.6f}",
        "practice": generation.target == SANDBOX,
        "made_from": [_input(item) for item in packed.made_from],
        "star": picture.winner,
        "note": picture.note,
        "width": packed.content.width,
        "height": packed.content.height,
        "format": packed.content.ending,
        "sha256": packed.content.sha256,
        "digital_source_type": COMPOSITE if getattr(picture, "is_composite", False) else TRAINED,
        "treatment": packed.content.treatment,
    }


def sidecar(packed: Packed) -> bytes:
    """Return the JSON of a picture for the team: also its request with times and bill."""
    generation = packed.picture.generation
    billed = dollars(generation.billed_micros)
    request = {
        "id": generation.pk,
        "group": str(generation.group),
        "template": generation.template,
        "target": generation.target,
        "pictures": generation.count,
        "billed_usd": None if billed is None else f"{billed:.6f}",
        "created_at": _local(generation.created_at),
        "finished_at": _local(generation.finished_at) if generation.finished_at else None,
        "seconds": generation.seconds,
        "sha256_of_original": packed.picture.sha256,
    }
    return _json({**row_of(packed), "request": request})


def cells_of(packed: Packed, pack: str) -> list[str]:
    """Return the line of a picture in the table of a pack."""
    row = row_of(packed)
    return [_cell(row[name]) for name in COLUMNS[pack]]


def summary(export: Export, *, left_out: int) -> bytes:
    """Return the JSON that tells what the whole export is."""
    said = {
        "pack": export.pack,
        "made_at": _local(timezone.now()),
        "pictures": export.pictures - left_out,
        "left_out": left_out,
        "digital_source_types": "http://cv.iptc.org/newscodes/digitalsourcetype/",
        "treatments": TREATMENTS,
    }
    if export.pack == Pack.INTERNAL:
        said["studio"] = settings.STUDIO_URL
    return _json(said)


def _input(item: GenerationInput) -> dict[str, Any]:
    return {
        "picture": item.image.picture_id,
        "sha256": item.image.sha256,
        "mask": item.is_mask,
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _json(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, indent=2).encode()


def _local(moment: Any) -> str:
    return local(moment).isoformat()
