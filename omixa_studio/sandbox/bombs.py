"""Decompression bombs: small PNG files that are, or claim to be, enormous."""

import functools
import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def claimed_png(side: int) -> bytes:
    """A PNG whose header claims side x side pixels (8-bit grey) and whose body is empty."""
    return SIGNATURE + header(side, 8) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@functools.cache
def large_png(side: int) -> bytes:
    """A valid black PNG of side x side pixels at one bit each; 20000 gives about 50 kB."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return SIGNATURE + header(side, 1) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def header(side: int, bits: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, bits, 0, 0, 0, 0))


def chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
