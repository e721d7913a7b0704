"""Pictures in a JSON body, as data addresses, made into files like those of a form."""

from collections.abc import Iterator, Mapping
from typing import Any

import pybase64
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.datastructures import MultiValueDict

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_

from .api_images import FieldRefused

LISTS = ("image", "images", "input_images")
NO_DATA = N_("%(name)s: send the picture itself, as a data address with base64.")


def files_in(
    fields: Mapping[str, Any],
) -> tuple[dict[str, Any], "MultiValueDict[str, UploadedFile[bytes]]"]:
    """Return the other fields of a JSON body, and its pictures. Raises FieldRefused."""
    files: MultiValueDict[str, UploadedFile[bytes]] = MultiValueDict()
    for name in LISTS:
        for one in _listed(fields.get(name)):
            files.appendlist("image", _file_of(name, one))
    if fields.get("mask") is not None:
        files.appendlist("mask", _file_of("mask", fields["mask"]))
    rest = {name: value for name, value in fields.items() if name not in (*LISTS, "mask")}
    return rest, files


def _listed(value: object) -> Iterator[object]:
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value


def _file_of(name: str, value: object) -> SimpleUploadedFile:
    """Read {"image_url": "data:…"}, the same one level deeper as the gateway has it, or the text.

    No other address is fetched: the studio would do so for anybody.
    """
    for _level in range(3):
        if isinstance(value, dict):
            value = value.get("image_url", value.get("url"))
    kind, comma, data = value.partition(",") if isinstance(value, str) else ("", "", "")
    told = kind.lower()
    if not comma or not told.startswith("data:") or not told.endswith(";base64"):
        raise FieldRefused(Fault(name, NO_DATA, {"name": name}))
    try:
        return SimpleUploadedFile(name, _decoded(data))
    except ValueError:
        raise FieldRefused(Fault(name, NO_DATA, {"name": name})) from None


def _decoded(data: str) -> bytes:
    """Decode base64, also in lines, as many tools write it. Raises ValueError."""
    try:
        return pybase64.b64decode(data, validate=True)
    except ValueError:
        return pybase64.b64decode("".join(data.split()), validate=True)
