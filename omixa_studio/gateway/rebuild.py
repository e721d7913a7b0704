"""Rebuild the body to be sent from the one stored with a generation."""

from __future__ import annotations

import json
from collections.abc import Mapping

from omixa_studio.gateway.records import InlineImage
from omixa_studio.gateway.wire import data_url

STANDS_FOR = "sha256:"


def restore_body(stored: str, images: Mapping[str, InlineImage]) -> bytes:
    """Replace each sha256 by its image; `images` maps hex digests to images.

    The result equals what `encode_body` made, which the caller verifies by its hash.
    Raises KeyError for an image that is not there, ValueError for a body that is not JSON.
    """
    body = json.loads(stored)
    for part in _image_slots(body):
        digest = part["url"].removeprefix(STANDS_FOR)
        part["url"] = data_url(images[digest])
    for name, value in body.items():
        if name == "mask" and isinstance(value, str) and value.startswith(STANDS_FOR):
            body[name] = data_url(images[value.removeprefix(STANDS_FOR)])
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _image_slots(body: dict[str, object]) -> list[dict[str, str]]:
    parts = body.get("input_images", [])
    slots = [*(parts if isinstance(parts, list) else []), body.get("mask")]
    return [slot["image_url"] for slot in slots if isinstance(slot, dict)]
