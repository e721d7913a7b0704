"""Content of a paid answer besides pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from mmap import mmap


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """Base64 of bytes that are no picture, at body[start:end]."""

    index: int
    body: bytes | mmap = field(repr=False)
    start: int = field(repr=False)
    end: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class Remains:
    """What else came that is no picture: `files` are whole and by their places, undecoded.

    `answer` says that the answer holds more than can be taken out of it, such as a text that
    is no base64: then it has to be kept as it is.
    """

    files: tuple[EncodedFile, ...] = ()
    answer: bool = False


NOTHING = Remains()
