"""The parts of a PNG: those that are damaged, and those that say what its colours are."""

import itertools
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from PIL import ImageCms

HEAD = b"\x89PNG"
# Where red, green, blue and white stand, as x and y, by the numbers of cICP.
WHITE = (0.3127, 0.3290)
POINTS = {
    1: (0.640, 0.330, 0.300, 0.600, 0.150, 0.060),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
# The power that browsers take a curve of cICP for; 13 is that of sRGB. High range is left out.
SRGB_CURVE = 13
POWERS = {1: 2.4, 6: 2.4, 14: 2.4, 15: 2.4, 4: 2.2, 5: 2.8, 8: 1.0}
# A gamma within a twentieth of this one is that of sRGB.
USUAL_GAMMA = 1 / 2.2
# The white of profiles, and the cones by which eyes get used to another one (Bradford).
D50 = (0.9642, 1.0, 0.8249)
CONES = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))

Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]


def parts_of(data: bytes) -> Iterator[int]:
    """Where each part of a PNG begins."""
    at = 8
    while at + 8 <= len(data):
        yield at
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def mended(data: bytes) -> bytes:
    """A PNG without those parts that may be left out and are damaged; b"" where all are well.

    Browsers leave them out too, while Pillow opens no such file.
    """
    ends = [*parts_of(data), len(data)]
    parts = [data[start:end] for start, end in itertools.pairwise(ends)]
    whole = [part for part in parts if part[4:5].isupper() or _is_whole(part)]
    return b"".join([data[:8], *whole]) if len(whole) < len(parts) else b""


def code_points(data: bytes) -> bytes:
    """The four bytes of the part cICP before the pixels, b"" where there is none."""
    for at in parts_of(data):
        name = data[at + 4 : at + 8]
        if name in (b"cICP", b"IDAT"):
            return data[at + 8 : at + 12] if name == b"cICP" else b""
    return b""


def profile_of(info: Mapping[Any, Any], cicp: bytes) -> bytes | None:
    """The ICC profile of a PNG's colours, made from its numbers where it has none itself.

    Takes what Pillow read of it and its `code_points`; None is sRGB. The order is that of
    browsers: cICP, the profile, sRGB, then gamma with the points of the colours.
    """
    if (made := _of_code_points(cicp)) is not None:
        return made or None
    if "icc_profile" in info or "srgb" in info:
        return info.get("icc_profile")
    gamma, points = info.get("gamma"), info.get("chromaticity")
    if not gamma or (not points and abs(gamma / USUAL_GAMMA - 1) < 0.05):
        return None
    white, colours = (points[:2], points[2:]) if points else (WHITE, POINTS[1])
    return _profile(white, colours, 1 / gamma)


def _is_whole(part: bytes) -> bool:
    return zlib.crc32(part[4:-4]) == int.from_bytes(part[-4:], "big")


def _of_code_points(cicp: bytes) -> bytes | None:
    """A profile, b"" for sRGB itself, None where the numbers say nothing that we know."""
    # The last two: a matrix, of which there is none in a PNG, and the full range.
    if len(cicp) < 4 or cicp[2:] != b"\0\1" or cicp[0] not in POINTS:
        return None
    power = POWERS.get(cicp[1])
    if power is None and cicp[1] != SRGB_CURVE:
        return None
    if cicp[0] == 1 and power is None:
        return b""
    return _profile(WHITE, POINTS[cicp[0]], power)


def _profile(
    white: tuple[float, ...], points: tuple[float, ...], power: float | None
) -> bytes | None:
    """The profile of sRGB with other points, and with a plain power for its curve."""
    try:
        colours = _colourants(_xyz(*white), points)
        return _changed(colours, power)
    except (ZeroDivisionError, struct.error):
        return None  # points on one line, or numbers beyond all sense


def _changed(colours: Matrix, power: float | None) -> bytes:
    whole = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    by_name = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), colours, strict=True))
    for at in range(132, 132 + 12 * int.from_bytes(whole[128:132], "big"), 12):
        name, place = bytes(whole[at : at + 4]), int.from_bytes(whole[at + 4 : at + 8], "big")
        if name in by_name:
            struct.pack_into(">3i", whole, place + 8, *map(_fixed, by_name[name]))
        if name == b"rTRC" and power:
            # One curve serves all three; its parameters are g, a, b, c, d.
            struct.pack_into(">5i", whole, place + 12, _fixed(power), _fixed(1), 0, 0, 0)
    return bytes(whole)


def _fixed(number: float) -> int:
    return round(number * 65_536)


def _colourants(white: Vector, points: tuple[float, ...]) -> Matrix:
    """Red, green and blue as x, y, z under the white of profiles."""
    plain = [_xyz(*points[at : at + 2]) for at in (0, 2, 4)]
    shares = _solved(_turned(plain), white)
    bright = [_scaled(colour, share) for colour, share in zip(plain, shares, strict=True)]
    red, green, blue = (_under_d50(colour, white) for colour in bright)
    return red, green, blue


def _under_d50(colour: Vector, white: Vector) -> Vector:
    seen, there, here = (_times(CONES, one) for one in (colour, white, D50))
    a, b, c = (cone * to / since for cone, to, since in zip(seen, here, there, strict=True))
    return _solved(CONES, (a, b, c))


def _xyz(x: float, y: float) -> Vector:
    return x / y, 1.0, (1 - x - y) / y


def _scaled(vector: Vector, factor: float) -> Vector:
    return vector[0] * factor, vector[1] * factor, vector[2] * factor


def _turned(columns: list[Vector]) -> Matrix:
    first, second, third = zip(*columns, strict=True)
    return first, second, third


def _times(matrix: Matrix, vector: Vector) -> Vector:
    a, b, c = (sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)
    return a, b, c


def _solved(matrix: Matrix, right: Vector) -> Vector:
    """The vector that `matrix` turns into `right` (Cramer's rule)."""
    columns = _turned(list(matrix))
    whole = _volume(columns)
    a, b, c = (_volume([*columns[:at], right, *columns[at + 1 :]]) / whole for at in range(3))
    return a, b, c


def _volume(columns: Any) -> float:
    (a, b, c), (d, e, f), (g, h, i) = columns
    volume: float = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return volume
