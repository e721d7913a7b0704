"""What is read of a picture's bytes: how it lies, what is clear, its colours, what is too much.

Chromium is asked the same of the whole corpus in tests/browser/test_as_browsers_show.py.
"""

import io

import pillow_heif
import pytest
from PIL import Image

from omixa_studio.services import png_chunks, reading
from omixa_studio.services.space import Space
from tests import corpus

WIDE = corpus.SIZE
TALL = WIDE[1], WIDE[0]
LINEAR_P3 = bytes((12, 8, 0, 1))


def shape(data: bytes, kind: str = "JPEG") -> tuple[int, int]:
    with reading.opened(io.BytesIO(data), (kind,)) as image:
        return reading.shape_of(image)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("turn 6", TALL),
        ("turn 3", WIDE),
        ("turn 9", WIDE),
        ("turn big-endian", TALL),
        ("turn with sign", WIDE),
        ("two turns", WIDE),
        ("xmp", WIDE),
    ],
)
def test_it_believes_one_short_number_of_how_a_picture_lies(
    name: str, size: tuple[int, int]
) -> None:
    assert shape(corpus.KINDS["jpeg"][name]()) == size


def test_a_long_number_turns_nothing() -> None:
    whole = corpus.saved(corpus.fields(), "JPEG", exif=corpus.odd_exif(3, 1))
    assert shape(whole) == TALL
    assert shape(whole.replace(corpus.odd_exif(3, 1), corpus.odd_exif(4, 1))) == WIDE


@pytest.mark.parametrize(
    ("name", "alphas"),
    [
        ("deep colours key", (0, 255)),
        ("deep grey key", (0, 255)),
        ("deep grey other key", (255, 255)),
        ("colours key", (0, 255)),
    ],
)
def test_a_colour_that_stands_for_clear_is_clear(name: str, alphas: tuple[int, int]) -> None:
    data = corpus.KINDS["png"][name]()
    with reading.opened(io.BytesIO(data), ("PNG",)) as image:
        alpha = reading.read(image, max(WIDE)).getchannel("A")
    # The field of that colour alone; the others stay.
    assert (alpha.getextrema(), alpha.getpixel((20, 20))) == (alphas, alphas[0])


@pytest.mark.parametrize(
    ("gama", "is_srgb"), [(0.45455, True), (0.47, True), (0.6, False), (1.0, False)]
)
def test_a_gamma_near_that_of_srgb_is_srgb(gama: float, is_srgb: bool) -> None:
    assert (png_chunks.profile_of({"gamma": gama}, b"") is None) == is_srgb


@pytest.mark.parametrize(
    ("cicp", "counts"),
    [
        (LINEAR_P3, True),
        (LINEAR_P3[:3] + b"\0", False),
        (LINEAR_P3[:2] + b"\1\1", False),
        (bytes((12, 2, 0, 1)), False),
        (bytes((3, 8, 0, 1)), False),
        (LINEAR_P3[:3], False),
    ],
)
def test_code_points_count_where_they_are_known_and_of_the_full_range(
    cicp: bytes, counts: bool
) -> None:
    profile = b"a profile"
    found = png_chunks.profile_of({"icc_profile": profile}, cicp)
    assert (found != profile) == counts


def test_code_points_behind_the_pixels_are_none() -> None:
    plain, mark = corpus.saved(Image.new("RGB", (8, 8)), "PNG"), corpus.chunk(b"cICP", LINEAR_P3)
    assert png_chunks.code_points(corpus.with_chunks(plain, mark)) == LINEAR_P3
    assert png_chunks.code_points(plain[:-12] + mark + plain[-12:]) == b""


def test_it_leaves_out_damaged_notes_and_nothing_that_the_picture_needs() -> None:
    plain = corpus.saved(Image.new("RGB", (8, 8)), "PNG")
    at = plain.index(b"IDAT")
    size = int.from_bytes(plain[at - 4 : at], "big")
    crc = at + 4 + size
    damaged = plain[:crc] + bytes(4) + plain[crc + 4 :]
    assert png_chunks.mended(damaged) == b""
    note = corpus.chunk(b"tEXt", b"Comment\0made by hand")[:-4] + bytes(4)
    assert png_chunks.mended(corpus.with_chunks(damaged, note)) == damaged


@pytest.mark.parametrize(("mode", "a_pixel"), [("RGB", 8), ("RGB;16", 17)])
def test_it_reserves_twice_the_memory_for_a_heic_of_ten_bits(
    mode: str, a_pixel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []

    class Noted(Space):
        def _enter(self, size: int, seconds: float | None) -> None:
            taken.append(size)
            super()._enter(size, seconds)

    out = io.BytesIO()
    pixels = bytes(80 * 70 * (6 if "16" in mode else 3))
    pillow_heif.from_bytes(mode, (80, 70), pixels).save(out)
    monkeypatch.setattr(reading, "SPACE", Noted(2**20))
    assert shape(out.getvalue(), "HEIF") == (80, 70)
    assert taken == [80 * 70 * a_pixel]
