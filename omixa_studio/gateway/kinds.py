"""Detect the format of a picture from its bytes."""

from __future__ import annotations

import re

from omixa_studio.gateway.records import Format

# Magic numbers of formats; others are detected below.
MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"8BPS\0\x01", "psd"),
    (b"\x76\x2f\x31\x01", "exr"),
    (b"qoif", "qoi"),
    (b"\0\0\x01\0", "ico"),
)
BRANDS: tuple[tuple[bytes, Format], ...] = (
    (b"avif", "avif"),
    (b"avis", "avif"),
    (b"heic", "heic"),
    (b"heix", "heic"),
    (b"hevc", "heic"),
    (b"heim", "heic"),
    (b"heis", "heic"),
    (b"mif1", "heic"),
    (b"msf1", "heic"),
)
LONGEST_PROLOGUE = 4096
_SVG = re.compile(rb"<(?:[a-z]{1,20}:)?svg[\s>]", re.I)
# JPEG markers that begin a frame (SOF0 to SOF15), and the four of them that are lossless.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
LOSSLESS = (0xC3, 0xC7, 0xCB, 0xCF)
MOST_SEGMENTS = 1000


def detect_format(data: bytes) -> Format | None:
    """Return the format by the first bytes, else None. Nothing is verified."""
    if data[:3] == b"\xff\xd8\xff":
        return "ljpeg" if _is_lossless(data) else "jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return _of_brands(data)
    if data[:2] == b"BM" and data[6:10] == bytes(4) and data[15:18] == bytes(3):
        return "bmp"
    found = next((kind for magic, kind in MAGIC if data.startswith(magic)), None)
    return found or ("svg" if _is_svg(data) else None)


def _of_brands(data: bytes) -> Format | None:
    """Return the format by the ISO brands: the major brand first, then the compatible ones."""
    size = min(max(int.from_bytes(data[:4], "big"), 16), 256)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, size, 4))]
    return next((kind for name, kind in BRANDS if name in brands), None)


def _is_svg(data: bytes) -> bool:
    start = data[:LONGEST_PROLOGUE].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] == b"<" and _SVG.search(start) is not None and not _is_page(start)


def _is_page(start: bytes) -> bool:
    """Return whether it is an HTML page, which may contain an SVG but is none."""
    return start[:5].lower() == b"<html" or start[:14].lower() == b"<!doctype html"


def _is_lossless(data: bytes) -> bool:
    at = 2
    for _ in range(MOST_SEGMENTS):
        if at + 4 > len(data) or data[at] != 0xFF:
            return False
        if data[at + 1] in FRAMES:
            return data[at + 1] in LOSSLESS
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False
