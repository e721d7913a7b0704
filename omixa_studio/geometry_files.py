"""Files that keep the geometry of months, so that a month which stays is read once.

One file per month of a gallery: bounded by the number of pictures, about ten bytes each. They can
be deleted at any time.
"""

from __future__ import annotations

import logging
import os
import struct
import sys
import zlib
from array import array
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

HEAD = struct.Struct("=IIQ")
LEVEL = 6
ID_BYTES, BYTES = 8, sys.byteorder

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MonthMap:
    """Pictures in their order: aspect bytes, the same deflated, 64-bit ids, the highest of them."""

    aspects: bytes
    deflated: bytes
    ids: bytes
    highest: int

    def id_at(self, position: int) -> int:
        return int.from_bytes(self.ids[position * ID_BYTES : (position + 1) * ID_BYTES], BYTES)

    def position_of(self, pk: int) -> int | None:
        """Return the position of a picture; None if it is not in this month."""
        sought = pk.to_bytes(ID_BYTES, BYTES)
        start = self.ids.find(sought)
        while start > 0 and start % ID_BYTES:
            start = self.ids.find(sought, start + 1)
        return None if start < 0 else start // ID_BYTES


def month_map(aspects: bytes, ids: array[int]) -> MonthMap:
    """Make the map of a month; `ids` has type code "Q"."""
    return MonthMap(aspects, deflated(aspects), ids.tobytes(), max(ids, default=0))


def deflated(data: bytes) -> bytes:
    """Compress data to blocks that may stand anywhere in one deflate stream."""
    stream = zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush(zlib.Z_FULL_FLUSH)


def read(folder: Path, month: str, version: int) -> MonthMap | None:
    """Return what was kept of a month at a version; None if nothing or something else was."""
    try:
        data = (folder / f"{month}.{version}").read_bytes()
        count, length, highest = HEAD.unpack_from(data)
    except (OSError, struct.error):
        return None
    start = HEAD.size
    middle, end = start + count, start + count + length
    if len(data) != end + ID_BYTES * count:
        return None
    return MonthMap(data[start:middle], data[middle:end], data[end:], highest)


def write(folder: Path, month: str, version: int, found: MonthMap) -> None:
    """Keep a month at a version and forget its other versions. A full disk is no failure."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = folder / f"{month}.{uuid4().hex}.part"
        head = HEAD.pack(len(found.aspects), len(found.deflated), found.highest)
        part.write_bytes(head + found.aspects + found.deflated + found.ids)
        os.replace(part, folder / f"{month}.{version}")
        for other in folder.glob(f"{month}.*"):
            if other.name != f"{month}.{version}":
                with suppress(FileNotFoundError):
                    other.unlink()
    except OSError as error:
        log.warning("The geometry of a gallery could not be kept: %s", error)
