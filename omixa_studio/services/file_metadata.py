"""What the bytes of a picture hold besides pixels: a provider's signature, texts, EXIF, XMP."""

import re
from collections.abc import Iterator

from . import png_chunks
from .stripping import tells, without_texts

# By format: what a C2PA signature begins with.
SIGNED = {
    "png": re.compile(rb"caBX"),
    "jpeg": re.compile(rb"\xff\xeb.{2}JP.{6,12}jumb", re.DOTALL),
    "webp": re.compile(rb"C2PA"),
    "avif": re.compile(rb"uuid\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81"),
}
# An AVIF declares its other items by these names; pixels in between may look like one by chance.
AVIF_NOTES = (b"Exif", b"mime", b"udes", b"<x:xmpmeta")
# Fewer characters of a prompt may be among pixels by chance.
SHORTEST_PROMPT = 12


def is_signed(data: bytes, kind: str) -> bool:
    """Return whether a picture of a format ("png" …) carries a C2PA signature."""
    if kind == "png":
        return b"caBX" in _png_names(data)
    if kind == "webp":
        return b"C2PA" in _webp_names(data)
    pattern = SIGNED.get(kind)
    return pattern is not None and pattern.search(data) is not None


def tells_nothing(data: bytes, kind: str, prompt: str) -> bool:
    """Return whether a picture has no text, EXIF or XMP, and nowhere a piece of its prompt.

    False for formats of which this cannot be told, and for files that cannot be read to their end.
    """
    if len(prompt.strip()) >= SHORTEST_PROMPT and tells(data, prompt.strip()):
        return False
    if kind == "avif":
        return not any(name in data for name in AVIF_NOTES)
    return without_texts(data, kind, prompt=prompt) == data


def _png_names(data: bytes) -> set[bytes]:
    return {data[at + 4 : at + 8] for at in png_chunks.chunks_of(data)}


def _webp_names(data: bytes) -> set[bytes]:
    return {data[at : at + 4] for at in _webp_chunks(data)}


def _webp_chunks(data: bytes) -> Iterator[int]:
    at = 12
    while at + 8 <= len(data):
        yield at
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
