"""Write a ZIP file entry by entry, in steps that a killed worker can go on from.

`zipfile` keeps all entries in memory, and has lost them when its process is killed. Here the
directory grows in a file of its own, and the sizes of both files are all there is to remember.
Entries are stored, not compressed: pictures would not shrink.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

LOCAL, ENTRY = b"PK\x03\x04", b"PK\x01\x02"
END, END_64, FINDER_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
# Of a local header and of an entry: versions, UTF-8 flag, no compression, time, date, checksum,
# sizes, lengths of name and extra field; then for an entry also attributes and place.
HEADER = struct.Struct("<4s5H3I2H")
RECORD = struct.Struct("<4s6H3I5H2I")
PLAIN, LARGE, UTF_8, STORED = 20, 45, 0x800, 0
MADE_ON_UNIX, REGULAR_FILE = 3 << 8, 0o100644 << 16
# From these on, numbers stand in the larger fields of ZIP64.
MOST_BYTES, MOST_ENTRIES = 0xFFFFFFFF, 0xFFFF
PIECE = 2**20


@dataclass(frozen=True)
class Reached:
    """How far a ZIP file was written: bytes of its entries and of its directory, entries."""

    bytes: int = 0
    directory: int = 0
    entries: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class Parts:
    """The two files that become one in the end."""

    entries: Path
    directory: Path

    def cut(self, reached: Reached) -> bool:
        """Remove what was written after a step; return False if less is there, or nothing."""
        for path, size in ((self.entries, reached.bytes), (self.directory, reached.directory)):
            if not path.is_file() or path.stat().st_size < size:
                return False
            with path.open("r+b") as file:
                file.truncate(size)
        return True

    def start(self) -> Reached:
        """Make both files, empty."""
        self.entries.parent.mkdir(parents=True, exist_ok=True)
        for path in (self.entries, self.directory):
            path.write_bytes(b"")
        return Reached()


def add(parts: Parts, reached: Reached, name: str, data: bytes, moment: datetime) -> Reached:
    """Append an entry of some bytes, with a local time; return how far the files reach now."""
    return add_file(parts, reached, name, io.BytesIO(data), moment)


def add_file(
    parts: Parts, reached: Reached, name: str, file: IO[bytes], moment: datetime
) -> Reached:
    """Append what a file contains, piece by piece; at most 4 GB. Raises OSError."""
    checksum = size = 0
    for piece in _pieces(file):
        checksum, size = zlib.crc32(piece, checksum), size + len(piece)
    encoded, (day, clock) = name.encode(), _dos(moment)
    about = (UTF_8, STORED, clock, day, checksum, size, size, len(encoded))
    with parts.entries.open("ab") as out:
        out.write(HEADER.pack(LOCAL, PLAIN, *about, 0) + encoded)
        for piece in _pieces(file):
            out.write(piece)
    far = reached.bytes > MOST_BYTES - 1
    extra = struct.pack("<HHQ", 1, 8, reached.bytes) if far else b""
    place = MOST_BYTES if far else reached.bytes
    version = LARGE if far else PLAIN
    record = RECORD.pack(
        ENTRY, MADE_ON_UNIX | version, version, *about, len(extra), 0, 0, 0, REGULAR_FILE, place
    )
    with parts.directory.open("ab") as out:
        out.write(record + encoded + extra)
    return Reached(
        bytes=reached.bytes + HEADER.size + len(encoded) + size,
        directory=reached.directory + RECORD.size + len(encoded) + len(extra),
        entries=reached.entries + 1,
    )


def names_in(parts: Parts) -> Iterator[str]:
    """Yield the names of all entries so far."""
    with parts.directory.open("rb") as file:
        while head := file.read(RECORD.size):
            fields: tuple[Any, ...] = RECORD.unpack(head)
            yield file.read(fields[10]).decode()
            file.seek(fields[11] + fields[12], io.SEEK_CUR)


def finish(parts: Parts, reached: Reached) -> int:
    """Put the directory behind the entries; return the size of the whole file in bytes."""
    with parts.entries.open("ab") as out, parts.directory.open("rb") as directory:
        for piece in _pieces(directory):
            out.write(piece)
        out.write(_end_of(reached))
        return out.tell()


def _end_of(reached: Reached) -> bytes:
    start, size, entries = reached.bytes, reached.directory, reached.entries
    large = entries >= MOST_ENTRIES or max(start, size) >= MOST_BYTES
    end_64 = b""
    if large:
        versions = (44, LARGE, LARGE, 0, 0)
        end_64 = struct.pack("<4sQ2H2I4Q", END_64, *versions, entries, entries, size, start)
        end_64 += struct.pack("<4sIQI", FINDER_64, 0, start + size, 1)
    few = min(entries, MOST_ENTRIES)
    numbers = (few, few, min(size, MOST_BYTES), min(start, MOST_BYTES), 0)
    return end_64 + struct.pack("<4s4H2IH", END, 0, 0, *numbers)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _dos(moment: datetime) -> tuple[int, int]:
    """Return date and time as MS-DOS wrote them: from 1980 on, in steps of two seconds."""
    year = max(moment.year - 1980, 0)
    day = year << 9 | moment.month << 5 | moment.day
    return day, moment.hour << 11 | moment.minute << 5 | moment.second // 2
