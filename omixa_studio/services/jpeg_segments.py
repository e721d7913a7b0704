"""The segments of a JPEG, each scan with the compressed pixels behind it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

SOS, EOI = 0xDA, 0xD9
# Markers that stand alone; all others are followed by a length and so many bytes.
ALONE = frozenset((0x01, *range(0xD0, 0xDA)))
# In compressed pixels a 0xFF is followed by 0, or is one of the marks where they start anew.
AFTER_PIXELS = re.compile(rb"\xff+[^\xff\x00\xd0-\xd7]")


class Segment(NamedTuple):
    """A piece of a file from `start` to `end`: its marker, and where its content begins."""

    start: int
    end: int
    marker: int
    content: int


def segments_of(data: bytes) -> Iterator[Segment]:
    """Yield all segments after the first two bytes up to the end of the picture.

    What follows the last one cannot be read, or is no part of the picture.
    """
    at = 2
    while at < len(data):
        name = at
        while data[name : name + 1] == b"\xff":  # any number of these may stand before a marker
            name += 1
        if name == at or name == len(data):
            return
        marker, end = data[name], name + 1
        if marker not in ALONE:
            end += max(int.from_bytes(data[end : end + 2], "big"), 2)
        if marker == SOS:
            following = AFTER_PIXELS.search(data, end)
            end = following.start() if following else len(data)
        if end > len(data):
            return
        yield Segment(at, end, marker, name + 3)
        if marker == EOI:
            return
        at = end
