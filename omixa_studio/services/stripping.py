"""Originals without the texts that providers write into them, pixel for pixel the same.

A file keeps what decides how it is drawn: pixels, colour, transparency, frames, and of its Exif how
it is turned. What else stands in it (texts, XMP, comments, anything unknown) is left out. A
provider's signature stays where nothing else had to go, since it would be broken otherwise.
"""

import json
from collections.abc import Callable, Iterator, Mapping

from . import exif, png_chunks
from .jpeg_segments import EOI, segments_of

# A run of a prompt this long, in bytes, in a signature means that the signature tells it.
TELLING = 24
SIGNATURES = (b"caBX", b"C2PA", b"\xff\xeb")
DRAWN_CHUNKS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split()
)
DRAWN_PARTS = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"])
# Flags of the header of a WebP file: it has Exif, it has XMP.
EXIF_AND_XMP = 0b1100
# Of the segments of a JPEG: JFIF, a colour profile, a signature, Adobe's colours.
SOI, APP0, APP1, APP2, APP11, APP14 = b"\xff\xd8", 0xE0, 0xE1, 0xE2, 0xEB, 0xEE
FIRST_APP, LAST_APP, COM = 0xE0, 0xEF, 0xFE

# A part of a file: its bytes, and whether it is drawn, a signature, Exif that turns, or neither.
Part = tuple[bytes, str]
DRAWN, SIGNED, TURNING, TOLD = "drawn", "signed", "turning", "told"


def without_texts(data: bytes, kind: str, *, prompt: str) -> bytes:
    """Return an original without texts; the very same bytes if it has none.

    Takes the bytes, their format ("png", "jpeg", "webp") and the prompt, which may stand in a
    signature. Returns b"" for other formats, and for files that cannot be read.
    """
    split = SPLIT.get(kind)
    parts = list(split(data)) if split else []
    if b"".join(part for part, _what in parts) != data:
        return b""
    plain = [part if what == SIGNED else _drawn_of(part, what, kind) for part, what in parts]
    whole = b"".join(plain)
    signed = [part for part, what in parts if what == SIGNED]
    if whole == data and not any(tells(part, prompt) for part in signed):
        return data
    whole = b"".join(_drawn_of(part, what, kind) for part, what in parts)
    return _webp_header(whole) if kind == "webp" else whole


def tells(part: bytes, prompt: str) -> bool:
    """Return whether bytes contain a run of a prompt, as it is, as JSON or in UTF-16."""
    texts = (prompt.encode(), json.dumps(prompt)[1:-1].encode(), prompt.encode("utf-16-le"))
    for text in texts:
        runs = (text[at : at + TELLING] for at in range(0, len(text), TELLING))
        if any(run in part for run in runs if len(run) == min(TELLING, len(text)) and run):
            return True
    return False


def _drawn_of(part: bytes, what: str, kind: str) -> bytes:
    """Return what is kept of a part: all that is drawn, and of Exif how the picture is turned."""
    if what != TURNING:
        return part if what == DRAWN else b""
    if kind == "png":
        is_whole = png_chunks.chunk(b"eXIf", part[8:-4]) == part  # a damaged one is passed over
        turn = exif.only_turn(part[8:-4]) if is_whole else b""
        return turn and png_chunks.chunk(b"eXIf", turn)
    turn = exif.only_turn(part[part.index(exif.PREFIX) :])
    length = 2 + len(exif.PREFIX) + len(turn)
    return turn and b"\xff\xe1" + length.to_bytes(2, "big") + exif.PREFIX + turn


def _png(data: bytes) -> Iterator[Part]:
    yield data[:8], DRAWN
    end, turns = 8, True
    for at in png_chunks.chunks_of(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        what = DRAWN if name in DRAWN_CHUNKS else _what(name)
        yield data[at:end], TURNING if turns and name == b"eXIf" else what
        # Browsers take the first one, and none behind the pixels.
        turns = turns and name not in (b"eXIf", b"IDAT")
    if data[end:]:
        yield data[end:], TOLD


def _webp(data: bytes) -> Iterator[Part]:
    yield data[:12], DRAWN
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        name = data[at : at + 4]
        yield data[at:end], DRAWN if name in DRAWN_PARTS else _what(name)
        at = end
    if data[at:]:
        yield data[at:], TOLD


def _jpeg(data: bytes) -> Iterator[Part]:
    """Split a JPEG; one that breaks off within a segment is not told to its end."""
    yield data[:2], DRAWN if data[:2] == SOI else TOLD
    last, turns = None, True
    for last in segments_of(data):
        begins = data[last.content : last.content + 12]
        is_exif = last.marker == APP1 and begins.startswith(exif.PREFIX)
        what = TURNING if turns and is_exif else _what_segment(last.marker, begins)
        yield data[last.start : last.end], what
        turns = turns and not is_exif
    if last and last.marker == EOI and (more := data[last.end :]):
        # Such as another picture, with texts of its own; zeros only fill up.
        yield more, TOLD if more.strip(b"\0") else DRAWN


def _what_segment(marker: int, begins: bytes) -> str:
    if marker == APP11:
        return SIGNED
    if marker in (APP0, APP14) or (marker == APP2 and begins.startswith(b"ICC_PROFILE")):
        return DRAWN
    return TOLD if FIRST_APP <= marker <= LAST_APP or marker == COM else DRAWN


def _what(name: bytes) -> str:
    return SIGNED if name in SIGNATURES else TOLD


def _webp_header(kept: bytes) -> bytes:
    """Return a WebP with its new length, and without the flags of what was left out."""
    plain = bytearray(kept)
    plain[4:8] = (len(plain) - 8).to_bytes(4, "little")
    if plain[12:16] == b"VP8X":
        plain[20] &= ~EXIF_AND_XMP & 0xFF
    return bytes(plain)


SPLIT: Mapping[str, Callable[[bytes], Iterator[Part]]] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _webp,
}
