"""Detect files that are cheap to send but would keep Pillow's own loops busy for minutes."""

import itertools
import re
from collections.abc import Iterator

from . import png_chunks

# Chunks or segments: a regular file has some dozens, and Pillow takes a step for each. A large PNG
# has more, of eight kilobytes each. Each scan of a JPEG costs a pass over the whole picture.
MOST_CHUNKS = 8_192
SHORT_CHUNK = 1_024
MOST_SCANS = 100
# Markers between scans; inside a scan, 0xff precedes a zero or is a restart marker.
_MARK = re.compile(rb"\xff[\xc0-\xcf\xd9-\xfe]")
END, SCAN = 0xD9, 0xDA


def is_intricate(data: bytes) -> bool:
    """Return whether a PNG or JPEG has more parts than a regular file of its length."""
    if data.startswith(b"\xff\xd8"):
        return _has_more(_jpeg_segments(data), MOST_CHUNKS) or _has_many_scans(data)
    is_png = data.startswith(png_chunks.SIGNATURE)
    return is_png and _has_more(png_chunks.chunks_of(data), MOST_CHUNKS + len(data) // SHORT_CHUNK)


def _has_more(parts: Iterator[int], most: int) -> bool:
    return next(itertools.islice(parts, most, None), None) is not None


def _jpeg_segments(data: bytes) -> Iterator[int]:
    """Yield the offsets of the segments before the first scan, and of other bytes one by one."""
    at = 2
    while at + 4 <= len(data) and data[at : at + 2] != b"\xff\xda":
        yield at
        is_segment = data[at] == 0xFF and data[at + 1] not in (0x00, 0xFF)
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big") if is_segment else 1


def _has_many_scans(data: bytes) -> bool:
    marks = list(itertools.islice(_jpeg_marks(data), MOST_CHUNKS))
    return len(marks) == MOST_CHUNKS or marks.count(SCAN) > MOST_SCANS


def _jpeg_marks(data: bytes) -> Iterator[int]:
    """Yield the kinds of all markers until the end of the picture; segment contents are skipped."""
    at = 2
    while (mark := _MARK.search(data, at)) and data[mark.start() + 1] != END:
        yield data[mark.start() + 1]
        at = mark.end() + int.from_bytes(data[mark.end() : mark.end() + 2], "big")
