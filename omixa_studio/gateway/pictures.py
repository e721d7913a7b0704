"""Decode the text of a picture (base64 or a data: URL) to bytes."""

from __future__ import annotations

import json
import re
from binascii import Error as WrongBase64
from mmap import mmap
from urllib.parse import unquote_to_bytes

import pybase64

from omixa_studio.gateway.kinds import detect_format
from omixa_studio.gateway.records import Format

_DATA_PREFIX = re.compile(rb"\s*data:[^,\"\\]{0,200};base64,", re.IGNORECASE)
_ANY_DATA = re.compile(rb"\s*data:[^,]{0,200},", re.IGNORECASE)
_SPACE = re.compile(rb"[\s]+")
_URL_ALPHABET = bytes.maketrans(b"-_", b"+/")


# The most characters per byte, as in "%89", and what may surround them.
LONGEST_TEXT = 4
MOST_AROUND = 4096

# Why a text is no picture, in English for details, by the key of the sentence for people.
WHY_NOT = {
    "picture_missing": "is missing",
    "picture_empty": "is empty",
    "picture_too_large": "is larger than allowed",
    "picture_not_base64": "is not valid base64",
    "picture_odd_format": "is no picture of a known kind",
    "picture_not_https": "has an address that is not https",
}


class NotAPicture(ValueError):
    """The text is no picture; `key` and the message say why."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(WHY_NOT[key])


def unpack(body: bytes | mmap, start: int, end: int, *, most: int) -> tuple[bytes, Format]:
    """Return the picture whose JSON string is body[start:end].

    Raises NotAPicture where it does not decode, is larger than `most` bytes or no picture.
    """
    data = unpack_bytes(body, start, end, most=most)
    found = detect_format(data)
    if found is None:
        raise NotAPicture("picture_odd_format")
    return data, found


def unpack_bytes(body: bytes | mmap, start: int, end: int, *, most: int) -> bytes:
    """Return the bytes whose JSON string is body[start:end].

    Whatever decodes without doubt does: base64 of either alphabet, with its padding or without,
    broken into lines, behind a `data:` prefix; and a data: address without base64. Raises
    NotAPicture.
    """
    prefix = _DATA_PREFIX.match(body, start, min(end, start + 256))
    data = _decode(body, prefix.end() if prefix else start, end, most)
    if not data:
        raise NotAPicture("picture_empty")
    if len(data) > most:
        raise NotAPicture("picture_too_large")
    return data


def _decode(body: bytes | mmap, start: int, end: int, most: int) -> bytes:
    if end - start > LONGEST_TEXT * most + MOST_AROUND:
        raise NotAPicture("picture_too_large")
    try:
        with memoryview(body) as view, view[start:end] as part:
            return pybase64.b64decode(part, validate=True)
    except WrongBase64:
        return _decode_loosely(body[start:end])


def _decode_loosely(quoted: bytes) -> bytes:
    """Decode the slow way: JSON's escapes first, then any other encoding of the same bytes."""
    try:
        plain = json.loads(b'"' + quoted + b'"', strict=False) if b"\\" in quoted else quoted
        raw = plain.encode("utf-8") if isinstance(plain, str) else plain
        prefix = _ANY_DATA.match(raw)
        if prefix and not _DATA_PREFIX.match(raw):
            return unquote_to_bytes(raw[prefix.end() :])
        raw = raw[prefix.end() :] if prefix else raw
        raw = unquote_to_bytes(raw) if b"%" in raw else raw
        raw = _SPACE.sub(b"", raw).translate(_URL_ALPHABET)
        if raw[-2:].count(b"=") == 0:
            raw += b"=" * (-len(raw) % 4)
        return pybase64.b64decode(raw, validate=True)
    except ValueError:  # invalid escapes, non-ASCII and invalid base64 are all ValueErrors
        raise NotAPicture("picture_not_base64") from None
