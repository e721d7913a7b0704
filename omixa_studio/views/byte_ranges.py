"""Parts of large files, for downloads that go on where they stopped."""

import re
from collections.abc import Mapping
from typing import IO

BYTES = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)


class FilePart:
    """Reads at most so many bytes of an open file; the server may send it from the disk itself."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file, self._left = file, length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._file.read(wanted)
        self._left -= len(data)
        return data

    def fileno(self) -> int:
        return self._file.fileno()

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self._file.close()


def part_of(headers: Mapping[str, str], size: int, *, tag: str) -> range | None:
    """Return the bytes that a request asks for; all of them if it names no single range.

    None if the range lies outside of the file. `tag` is the file's ETag: with an If-Range header
    that names another one the whole file is meant.
    """
    asked = BYTES.fullmatch(headers.get("Range", "").strip())
    other_file = headers.get("If-Range", tag).strip() != tag
    if asked is None or other_file or not (asked[1] or asked[2]):
        return range(size)
    if not asked[1]:  # the last bytes
        start, stop = max(size - int(asked[2]), 0), size
    else:
        start, stop = int(asked[1]), min(int(asked[2] or size) + 1, size)
    return range(start, stop) if start < stop else None
