"""From a base64 text to a picture's bytes, and the format from the bytes."""

from __future__ import annotations

import json
import re
from binascii import Error as WrongBase64
from mmap import mmap

import pybase64

from omixa_studio.gateway.records import Format

_DATA_PREFIX = re.compile(rb"\s*data:[^,\"\\]{0,200};base64,", re.IGNORECASE)
_SPACE = re.compile(rb"[\s]+")


# Why it is none, by the key of the sentence for people; in English, for details.
WHY_NOT = {
    "picture_missing": "is missing",
    "picture_empty": "is empty",
    "picture_too_large": "is larger than allowed",
    "picture_not_base64": "is not valid base64",
    "picture_odd_format": "is not a PNG, JPEG or WebP picture",
    "picture_not_https": "has an address that is not https",
}


class NotAPicture(ValueError):
    """The text is no picture; `key` says why, and so does the message."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(WHY_NOT[key])


def detect_format(data: bytes) -> Format | None:
    """png, jpeg or webp from the first bytes, else None. The whole is verified later."""
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "png"
    if data[:3] == b"\xff\xd8\xff":
        return "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return None


def unpack(body: bytes | mmap, start: int, end: int, *, most: int) -> tuple[bytes, Format]:
    """The picture whose JSON-quoted base64 stands at body[start:end].

    A `data:` prefix and line breaks are tolerated, everything else is decoded strictly.
    Raises NotAPicture where it is not base64, larger than `most` bytes or no picture.
    """
    prefix = _DATA_PREFIX.match(body, start, min(end, start + 256))
    if prefix:
        start = prefix.end()
    data = _decode(body, start, end, most)
    found = detect_format(data)
    if found is None:
        raise NotAPicture("picture_odd_format")
    return data, found


def _decode(body: bytes | mmap, start: int, end: int, most: int) -> bytes:
    if (end - start) // 4 * 3 > most * 2:
        raise NotAPicture("picture_too_large")
    try:
        with memoryview(body) as view, view[start:end] as part:
            data = pybase64.b64decode(part, validate=True)
    except WrongBase64:
        data = _decode_broken_into_lines(body[start:end])
    if not data:
        raise NotAPicture("picture_empty")
    if len(data) > most:
        raise NotAPicture("picture_too_large")
    return data


def _decode_broken_into_lines(quoted: bytes) -> bytes:
    """The slow way: undo JSON's escapes, drop white space, decode strictly."""
    try:
        plain = json.loads(b'"' + quoted + b'"', strict=False) if b"\\" in quoted else quoted
        raw = plain.encode("ascii") if isinstance(plain, str) else plain
        raw = _SPACE.sub(b"", raw)
        prefix = _DATA_PREFIX.match(raw)
        return pybase64.b64decode(raw[prefix.end() :] if prefix else raw, validate=True)
    except ValueError:  # wrong escapes, not ASCII and wrong base64 are all ValueErrors
        raise NotAPicture("picture_not_base64") from None
