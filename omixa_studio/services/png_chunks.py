"""The chunks of a PNG: remove damaged ones, and read the colour profile they describe."""

import itertools
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import ImageCms, PngImagePlugin

SIGNATURE = b"\x89PNG"
# Text chunks are not drawn; a compressed one may expand a hundredfold, a workflow has megabytes.
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
SHORTEST = {b"sRGB": 1, b"gAMA": 4, b"cHRM": 32, b"pHYs": 9, b"acTL": 8, b"fcTL": 26}
# The PNG header's colour types without alpha and palette.
GREYS, COLOURS = 0, 2
# Decompressed size in bytes: profiles of scanners and printers have one or two megabytes.
MOST_PROFILE = 8 * 2**20
PngImagePlugin.MAX_TEXT_CHUNK = MOST_PROFILE
# Chromaticities x and y: of the white point D65, and of red, green and blue by cICP primaries.
D65 = (0.3127, 0.3290)
PRIMARIES = {
    1: (0.640, 0.330, 0.300, 0.600, 0.150, 0.060),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
# The gamma that browsers apply for cICP transfer functions, without those of HDR.
SRGB_TRANSFER = 13
GAMMAS = {1: 2.4, 6: 2.4, 14: 2.4, 15: 2.4, 4: 2.2, 5: 2.8, 8: 1.0}
# A gAMA value within five percent of this one is treated as sRGB.
SRGB_GAMA = 1 / 2.2
# ICC profiles are relative to the white point D50, in XYZ; colours are adapted to it with the
# Bradford matrix.
D50 = (0.9642, 1.0, 0.8249)
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]


def chunks_of(data: bytes) -> Iterator[int]:
    """Yield the byte offset of each chunk of a PNG, up to and including IEND."""
    at = 8
    while at + 8 <= len(data):
        yield at
        if data[at + 4 : at + 8] == b"IEND":
            return
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def chunk(name: bytes, content: bytes) -> bytes:
    """Return a chunk with its length and checksum."""
    checked = name + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def mended(data: bytes) -> bytes:
    """Return a PNG without ancillary chunks that are damaged or text; b"" if it has none of them.

    Browsers skip them too, while Pillow rejects a file with a wrong CRC, a chunk that is too short,
    or a long text.
    """
    offsets = [*chunks_of(data), len(data)]
    depth, colours = data[24:26].ljust(2, b"\0")
    with memoryview(data) as whole:
        chunks = [whole[start:end] for start, end in itertools.pairwise(offsets)]
        kept = [chunk for chunk in chunks if _draws(chunk, depth, colours)]
        return b"".join([data[:8], *kept]) if len(kept) < len(chunks) else b""


def clear_key(key: Any, depth: int) -> Any:
    """Return the transparent colour in the form in which Pillow decodes that colour.

    `key` is a grey value or three channels as in the chunk tRNS, `depth` the bits per channel.
    """
    if isinstance(key, tuple):
        return tuple(part >> 8 if depth > 8 else part & 0xFF for part in key)
    if depth > 8:
        return key
    return (key & 0xFF) * 255 // ((1 << depth) - 1) if depth > 1 else key


def code_points(data: bytes) -> bytes:
    """Return the four bytes of the cICP chunk before the pixels, b"" if there is none."""
    for at in chunks_of(data):
        name = data[at + 4 : at + 8]
        if name in (b"cICP", b"IDAT"):
            return data[at + 8 : at + 12] if name == b"cICP" else b""
    return b""


def profile_of(info: Mapping[Any, Any], cicp: bytes) -> bytes | None:
    """Return the ICC profile of a PNG, built from its other chunks if necessary; None for sRGB.

    `info` is Pillow's metadata, `cicp` the result of `code_points`. Precedence as in browsers:
    cICP, iCCP, sRGB, then gAMA with cHRM.
    """
    if (made := _of_code_points(cicp)) is not None:
        return made or None
    if "icc_profile" in info or "srgb" in info:
        return info.get("icc_profile")
    gama, points = info.get("gamma"), info.get("chromaticity")
    if not gama or (not points and abs(gama / SRGB_GAMA - 1) < 0.05):
        return None
    white, primaries = (points[:2], points[2:]) if points else (D65, PRIMARIES[1])
    return _profile(white, primaries, 1 / gama)


def _draws(chunk: memoryview, depth: int, colours: int) -> bool:
    """Return whether a chunk is needed and intact; only ancillary chunks are checked."""
    name = bytes(chunk[4:8])
    # The first letter of a critical chunk's name is upper case.
    if name[:1].isupper():
        return True
    if name in TEXTS or zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
        return False
    if name == b"iCCP":
        return _is_profile(bytes(chunk[8:-4]))
    if name == b"tRNS":
        return _is_key(bytes(chunk[8:-4]), depth, colours)
    return len(chunk) - 12 >= SHORTEST.get(name, 0)


def _is_key(content: bytes, depth: int, colours: int) -> bool:
    """Return whether a tRNS chunk is valid: one grey, three channels, or a palette's alphas."""
    if colours == GREYS:
        return len(content) >= 2 and content[1] < 1 << depth
    return len(content) >= (6 if colours == COLOURS else 1)


def _is_profile(content: bytes) -> bool:
    """Return whether an iCCP chunk has a name, method zero, and data of a limited size."""
    _, separator, packed = content.partition(b"\0")
    unpacking = zlib.decompressobj()
    try:
        unpacking.decompress(packed[1:], MOST_PROFILE)
    except zlib.error:
        return False
    return separator != b"" and packed[:1] == b"\0" and not unpacking.unconsumed_tail


def _of_code_points(cicp: bytes) -> bytes | None:
    """Return the profile for code points: b"" for sRGB itself, None if they are not supported."""
    # The last two bytes: no matrix, as PNG requires, and full range.
    if len(cicp) < 4 or cicp[2:] != b"\0\1" or cicp[0] not in PRIMARIES:
        return None
    gamma = GAMMAS.get(cicp[1])
    if gamma is None and cicp[1] != SRGB_TRANSFER:
        return None
    if cicp[0] == 1 and gamma is None:
        return b""
    return _profile(D65, PRIMARIES[cicp[0]], gamma)


def _profile(
    white: tuple[float, ...], primaries: tuple[float, ...], gamma: float | None
) -> bytes | None:
    """Return the sRGB profile with other primaries, and a gamma instead of its curve if given."""
    try:
        colourants = _colourants(_xyz(*white), primaries)
        return _changed(colourants, gamma)
    except (ZeroDivisionError, struct.error):
        return None  # collinear primaries, or numbers that do not fit into a profile


def _changed(colourants: Matrix, gamma: float | None) -> bytes:
    whole = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    by_name = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), colourants, strict=True))
    for at in range(132, 132 + 12 * int.from_bytes(whole[128:132], "big"), 12):
        name, place = bytes(whole[at : at + 4]), int.from_bytes(whole[at + 4 : at + 8], "big")
        if name in by_name:
            struct.pack_into(">3i", whole, place + 8, *map(_fixed, by_name[name]))
        if name == b"rTRC" and gamma:
            # All three share one parametric curve, with the parameters g, a, b, c and d.
            struct.pack_into(">5i", whole, place + 12, _fixed(gamma), _fixed(1), 0, 0, 0)
    return bytes(whole)


def _fixed(number: float) -> int:
    """Return a number as s15Fixed16, the fixed-point format of ICC profiles."""
    return round(number * 65_536)


def _colourants(white: Vector, primaries: tuple[float, ...]) -> Matrix:
    """Return the XYZ of red, green and blue, which add up to white, adapted to D50."""
    plain = [_xyz(*primaries[at : at + 2]) for at in (0, 2, 4)]
    shares = _solved(_transposed(plain), white)
    scaled = [_scaled(colour, share) for colour, share in zip(plain, shares, strict=True)]
    red, green, blue = (_adapted_to_d50(colour, white) for colour in scaled)
    return red, green, blue


def _adapted_to_d50(colour: Vector, white: Vector) -> Vector:
    cones, source, aim = (_times(BRADFORD, one) for one in (colour, white, D50))
    a, b, c = (cone * to / since for cone, to, since in zip(cones, aim, source, strict=True))
    return _solved(BRADFORD, (a, b, c))


def _xyz(x: float, y: float) -> Vector:
    """Return the XYZ of a chromaticity, with Y = 1."""
    return x / y, 1.0, (1 - x - y) / y


def _scaled(vector: Vector, factor: float) -> Vector:
    return vector[0] * factor, vector[1] * factor, vector[2] * factor


def _transposed(columns: list[Vector]) -> Matrix:
    first, second, third = zip(*columns, strict=True)
    return first, second, third


def _times(matrix: Matrix, vector: Vector) -> Vector:
    a, b, c = (sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)
    return a, b, c


def _solved(matrix: Matrix, right: Vector) -> Vector:
    """Return the vector that `matrix` maps to `right` (Cramer's rule)."""
    columns = _transposed(list(matrix))
    whole = _determinant(columns)
    a, b, c = (_determinant([*columns[:at], right, *columns[at + 1 :]]) / whole for at in range(3))
    return a, b, c


def _determinant(columns: Any) -> float:
    (a, b, c), (d, e, f), (g, h, i) = columns
    determinant: float = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return determinant
