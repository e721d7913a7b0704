"""The geometry of a gallery as the bytes that its script reads."""

import json
import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate

from omixa_studio.geometry_files import deflated
from omixa_studio.queries.galleries import EVERY
from omixa_studio.queries.geometry import MappedMonth
from omixa_studio.queries.month_counts import CountedMonth

from .months import facts_of, found_of

# A member of a gzip file: no name, no time, an unknown system; and a last block that is empty.
GZIP_HEAD, LAST_BLOCK = bytes.fromhex("1f8b08000000000000ff"), bytes.fromhex("0300")


def head_of(
    mapped: Sequence[MappedMonth], months: Sequence[CountedMonth], *, version: str
) -> bytes:
    """Return the length of a header (four bytes) and the header in JSON.

    `months` tell what the months cost; one that is not among them says how many pictures it has.
    """
    known = {month.name: (month.billed_micros, month.unknown) for month in months}
    header = {
        "version": version,
        "count": sum(len(one.map.aspects) for one in mapped),
        "months": [
            [one.month, count, facts_of(count, *known.get(one.month, ()))]
            for one in mapped
            if one.month and (count := len(one.map.aspects))
        ],
        "every": EVERY,
        "keys": _keys(mapped),
        "found": found_of(sum(len(one.map.aspects) for one in mapped)),
        "as_of": max((one.map.highest for one in mapped), default=0),
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<I", len(text)) + text


def plain(head: bytes, mapped: Sequence[MappedMonth]) -> bytes:
    """Return the header, then one aspect byte per picture."""
    return head + b"".join(one.map.aspects for one in mapped)


def gzipped(head: bytes, mapped: Sequence[MappedMonth]) -> bytes:
    """Return the same as a gzip file, made of what is kept deflated of each month."""
    check = zlib.crc32(head)
    for one in mapped:
        check = zlib.crc32(one.map.aspects, check)
    length = len(head) + sum(len(one.map.aspects) for one in mapped)
    blocks = [deflated(head), *(one.map.deflated for one in mapped), LAST_BLOCK]
    return GZIP_HEAD + b"".join(blocks) + struct.pack("<II", check, length % 2**32)


def _keys(mapped: Sequence[MappedMonth]) -> list[int]:
    """Return the ids of the pictures 0, 256, 512 … of a gallery."""
    starts = accumulate((len(one.map.aspects) for one in mapped), initial=0)
    return [
        one.map.id_at(position)
        for start, one in zip(starts, mapped, strict=False)
        for position in range(-start % EVERY, len(one.map.aspects), EVERY)
    ]
