"""Uploads of every honest kind become plain pictures: upright, sRGB, small, without metadata."""

import io
import random
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from omixa_studio.services.decoding import (
    LARGEST_PNG,
    LONGEST_SIDE,
    prepare,
    shrink,
)
from omixa_studio.services.intricate import MOST_CHUNKS
from omixa_studio.services.pixels import ImageRefused
from tests import corpus
from tests.factories import draw_png

RED, BLUE = (200, 30, 40), (20, 40, 190)
SECRET = b"52.5200 N 13.4050 E Mara"


def halves(size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Red at the left, blue at the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def prepared(data: bytes) -> Image.Image:
    made, mime, size = prepare(io.BytesIO(data))
    image = Image.open(io.BytesIO(made))
    assert (Image.MIME[image.format or ""], image.size) == (mime, size)
    image.load()
    return image


def alpha_at(image: Image.Image, x: int, y: int) -> float:
    colour = image.getpixel((x, y))
    assert isinstance(colour, tuple)
    return colour[3]


def near(colour: object, expected: tuple[int, ...], far: int = 12) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) <= far for one, other in zip(colour, expected, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "HEIF"])
def test_it_reads_every_kind(kind: str) -> None:
    image = prepared(saved(halves(), kind, quality=95))
    assert image.size == (120, 80)
    assert near(image.convert("RGB").getpixel((20, 40)), RED)
    assert near(image.convert("RGB").getpixel((100, 40)), BLUE)


def test_it_reads_the_first_of_two_views_of_a_camera() -> None:
    data = saved(halves(), "MPO", save_all=True, append_images=[Image.new("RGB", (120, 80))])
    assert getattr(Image.open(io.BytesIO(data)), "n_frames", 1) == 2
    assert near(prepared(data).getpixel((20, 40)), RED)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_it_refuses_what_moves(kind: str) -> None:
    frames = [Image.new("RGB", (80, 80), colour) for colour in (RED, BLUE)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(ImageRefused, match=r"Animated|not a PNG"):
        prepare(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "HEIF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_it_takes_all_metadata_out(kind: str, mode: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(0x8825)[1] = SECRET.decode()
    image = halves().convert("RGB" if kind == "JPEG" else mode)
    if image.mode == "RGBA":
        image.putalpha(100)
    options: dict[str, object] = {"exif": exif, "xmp": b"<x:xmpmeta>" + SECRET}
    if kind == "JPEG":
        options["comment"] = SECRET
    data = saved(image, kind, **options)
    assert SECRET in data
    made, _, _ = prepare(io.BytesIO(data))
    assert SECRET not in made
    assert not Image.open(io.BytesIO(made)).getexif()
    assert b"Exif" not in made
    assert b"xmp" not in made.lower()[:2000]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_it_turns_pictures_upright(kind: str, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    image = prepared(saved(halves(), kind, exif=exif, quality=95)).convert("RGB")
    on_its_side = turn > 4
    assert image.size == ((80, 120) if on_its_side else (120, 80))
    first = image.getpixel((40, 20) if on_its_side else (20, 40))
    assert near(first, BLUE if turn in (2, 3, 7, 8) else RED)


@pytest.mark.parametrize(
    ("size", "expected"), [((4096, 1024), (2048, 512)), ((1500, 3000), (1024, 2048))]
)
def test_it_scales_down_and_never_up(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert prepared(saved(halves(size), "JPEG")).size == expected
    assert prepared(saved(halves((70, 66)), "JPEG")).size == (70, 66)


def test_it_refuses_what_is_too_small() -> None:
    with pytest.raises(ImageRefused, match="smaller than 64"):
        prepare(io.BytesIO(draw_png((200, 63))))


@pytest.mark.parametrize("size", [(64, 20_000), (8000, 100)])
def test_it_says_that_a_long_picture_is_too_narrow(size: tuple[int, int]) -> None:
    with pytest.raises(ImageRefused, match="too long and narrow"):
        prepare(io.BytesIO(draw_png(size)))


# Modes


def test_it_scales_sixteen_bits_instead_of_cutting_them() -> None:
    deep = Image.frombytes("I;16", (80, 80), bytes([0, 128]) * 6400)
    assert prepared(saved(deep, "PNG")).getpixel((40, 40)) == (127, 127, 127)


def test_it_reads_cmyk() -> None:
    image = prepared(saved(Image.new("CMYK", (80, 80), (0, 255, 255, 0)), "JPEG", quality=95))
    assert (image.mode, near(image.getpixel((9, 9)), (255, 0, 0), far=20)) == ("RGB", True)


@pytest.mark.parametrize("mode", ["L", "1", "LA", "P"])
def test_it_reads_greys_bits_and_palettes(mode: str) -> None:
    grey = Image.linear_gradient("L").resize((80, 80)).convert(mode)
    assert prepared(saved(grey, "PNG")).mode == ("RGBA" if mode == "LA" else "RGB")


def test_it_keeps_the_clear_colour_of_a_palette() -> None:
    palette = halves().quantize(4)
    clear = palette.getpixel((100, 40))
    image = prepared(saved(palette, "PNG", transparency=clear))
    assert image.mode == "RGBA"
    assert [alpha_at(image, x, 40) for x in (20, 100)] == [255, 0]


def test_it_smooths_a_palette_when_it_scales() -> None:
    stripes = Image.new("1", (4096, 256))
    for x in range(0, 4096, 2):
        stripes.paste(1, (x, 0, x + 1, 256))
    levels = set(prepared(saved(stripes.convert("P"), "PNG")).convert("L").tobytes())
    assert all(60 < level < 200 for level in levels)


@pytest.mark.parametrize("mode", ["P", "RGBA", "LA", "RGB"])
def test_it_scales_large_pictures_with_clear_parts(mode: str) -> None:
    image = Image.new("L", (6401, 2051), 250)
    image.paste(10, (0, 0, 3200, 2051))
    exif = Image.Exif()
    exif[0x0112] = 3
    if mode in ("P", "RGB"):
        image, clear = image.convert(mode), {"transparency": 250 if mode == "P" else (250,) * 3}
    else:
        image.putalpha(image.point(lambda level: 0 if level == 250 else 255))
        image, clear = image.convert(mode), {}
    made = prepared(saved(image, "PNG", exif=exif, **clear))
    assert (made.size, made.mode) == ((2048, 656), "RGBA")
    # Upside down, the clear half is at the left.
    for top in range(5, 656, 50):
        assert alpha_at(made, 1000, top) == 0
        assert made.getpixel((1060, top)) == (10, 10, 10, 255)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_it_keeps_the_clear_colour_of_other_pictures(mode: str) -> None:
    image = halves().convert(mode)
    data = saved(image, "PNG", transparency=image.getpixel((100, 40)))
    assert [alpha_at(prepared(data), x, 40) for x in (20, 100)] == [255, 0]


def test_it_keeps_alpha() -> None:
    image = halves()
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    for kind in ("PNG", "WEBP"):
        alpha = prepared(saved(image, kind, lossless=True)).getchannel("A")
        levels = alpha.tobytes()
        assert min(levels) < 10 < 245 < max(levels)


# Colours


def test_it_converts_to_srgb() -> None:
    lab = ImageCms.createProfile("LAB")
    profile = ImageCms.ImageCmsProfile(lab).tobytes()
    # A profile of other channels is left out instead of refusing the picture.
    assert near(prepared(saved(halves(), "PNG", icc_profile=profile)).getpixel((9, 9)), RED)
    swapped = saved(halves(), "PNG", icc_profile=swapped_profile())
    image = prepared(swapped)
    assert near(image.getpixel((20, 40)), (RED[1], RED[0], RED[2]), far=20)
    assert "icc_profile" not in image.info


def swapped_profile() -> bytes:
    """sRGB whose red and green primaries have changed places: tags of the profile swapped."""
    data = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    whole = bytearray(data)
    whole[red : red + 4], whole[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(whole)


@pytest.mark.parametrize("profile", [b"", b"no profile", bytes(200)])
def test_it_reads_pictures_with_broken_profiles(profile: bytes) -> None:
    image = prepared(saved(halves(), "JPEG", icc_profile=profile, quality=95))
    assert near(image.getpixel((20, 40)), RED)


# Size of the result


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    seeded = random.Random(7)
    return Image.frombytes(mode, size, seeded.randbytes(size[0] * size[1] * len(mode)))


def test_it_sends_small_png_and_large_jpeg() -> None:
    assert prepared(saved(halves(), "PNG")).format == "PNG"
    made, mime, _ = prepare(io.BytesIO(saved(noise((1200, 1200)), "PNG")))
    assert (mime, len(made) < LARGEST_PNG) == ("image/jpeg", True)


def test_it_gives_the_same_bytes_each_time() -> None:
    data = saved(halves((3000, 2000)), "JPEG")
    assert prepare(io.BytesIO(data)) == prepare(io.BytesIO(data))


@pytest.mark.parametrize(("mode", "kind"), [("RGB", "image/jpeg"), ("RGBA", "image/webp")])
@pytest.mark.parametrize("most", [20_000, 60_000, 200_000])
def test_it_shrinks_until_it_fits(mode: str, kind: str, most: int) -> None:
    data = saved(noise((700, 500), mode), "PNG")
    made, mime, (width, height) = shrink(data, most)
    assert (mime, len(made) <= most) == (kind, True)
    assert abs(width / height - 1.4) < 0.02
    assert min(width, height) >= 64


def test_it_says_when_nothing_fits() -> None:
    with pytest.raises(ImageRefused, match="Use fewer"):
        shrink(saved(noise((700, 500)), "PNG"), 500)


# Hostile files


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "HEIF"])
def test_it_refuses_files_that_are_cut_off(kind: str) -> None:
    data = saved(noise((200, 200)), kind)
    for part in (0.1, 0.5, 0.9):
        with pytest.raises(ImageRefused):
            prepare(io.BytesIO(data[: int(len(data) * part)]))


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"%PDF-1.7", b"\x00" * 5000, b"BM"])
def test_it_refuses_other_files(data: bytes) -> None:
    with pytest.raises(ImageRefused, match="not a PNG, JPEG, WebP or HEIC"):
        prepare(io.BytesIO(data))


def test_it_refuses_bombs_by_their_head() -> None:
    data = bytearray(draw_png((80, 80)))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    with pytest.raises(ImageRefused, match="50 megapixels"):
        prepare(io.BytesIO(bytes(data)))
    with pytest.raises(ImageRefused, match="50 megapixels"):
        prepare(io.BytesIO(saved(Image.new("1", (10_000, 5_001)), "PNG")))


def test_it_sends_nothing_of_a_polyglot() -> None:
    page = b"<script>alert(1)</script>"
    for kind in ("PNG", "JPEG", "WEBP"):
        made, _, _ = prepare(io.BytesIO(saved(halves(), kind) + page))
        assert page not in made


def test_it_refuses_files_of_countless_parts() -> None:
    png = draw_png((80, 80))
    chunk = b"\0\0\0\0teSt" + (0x8D4F2A11).to_bytes(4, "big")
    jpeg = saved(halves(), "JPEG")
    scan = b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + bytes(4)
    for data in (
        png[:33] + chunk * 2 * MOST_CHUNKS + png[33:],
        jpeg[:2] + b"\xff\xe5\0\x02" * (MOST_CHUNKS + 1) + jpeg[2:],
        jpeg[:2] + b"\xff" * (MOST_CHUNKS + 2) + jpeg[2:],
        jpeg[:-2] + scan * 101 + jpeg[-2:],
    ):
        with pytest.raises(ImageRefused, match="broken"):
            prepare(io.BytesIO(data))


def test_it_leaves_out_a_profile_without_end() -> None:
    endless = corpus.packed(b"iCCP", corpus.profile(corpus.DISPLAY_P3), 2**25)
    assert prepared(corpus.with_chunks(draw_png((80, 80)), endless)).size == (80, 80)


def test_it_takes_a_large_png_in_many_short_parts() -> None:
    head = struct.pack(">IIBBBBB", 4096, 4000, 8, 0, 0, 0, 0)
    packed = zlib.compress((b"\0" + bytes(4096)) * 4000, 0)
    starts = range(0, len(packed), 1_500)
    assert len(starts) > MOST_CHUNKS
    pixels = [corpus.chunk(b"IDAT", packed[start : start + 1_500]) for start in starts]
    whole = [corpus.chunk(b"IHDR", head), *pixels, corpus.chunk(b"IEND", b"")]
    assert prepared(b"\x89PNG\r\n\x1a\n" + b"".join(whole)).size == (2048, 2000)


def test_it_takes_the_limit_of_a_picture_whole() -> None:
    assert prepared(saved(Image.new("1", (LONGEST_SIDE * 2, 9000)), "PNG")).size == (932, 2048)


# What used to be refused or read wrongly


def deep(size: tuple[int, int], **options: Any) -> bytes:
    """Greys of sixteen bits, each 100 of 255."""
    return saved(
        Image.frombytes("I;16", size, bytes([100]) * (size[0] * size[1] * 2)), "PNG", **options
    )


def test_it_scales_large_greys_of_sixteen_bits() -> None:
    image = prepared(deep((6200, 280)))
    assert (image.size, image.getpixel((9, 9))) == ((2048, 92), (100, 100, 100))


@pytest.mark.parametrize("size", [(80, 70), (6200, 280)])
def test_it_keeps_the_clear_colour_of_sixteen_bits(size: tuple[int, int]) -> None:
    clear = png_chunk(b"tRNS", bytes([100, 100]))
    data = deep(size)
    assert prepared(data[:33] + clear + data[33:]).getchannel("A").getextrema() == (0, 0)
    other = png_chunk(b"tRNS", bytes([100, 101]))
    made = prepared(data[:33] + other + data[33:])
    assert made.getpixel((9, 9)) == (100, 100, 100, 255)


XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


def turned_otherwise() -> dict[str, bytes]:
    """Pictures on their side by marks that browsers do not follow."""
    exif = Image.Exif()
    exif[0x0112] = 6
    block = exif.tobytes()
    png, end = saved(halves(), "PNG"), -12
    late = png_chunk(b"eXIf", block.removeprefix(b"Exif\0\0"))
    return {
        "jpeg": saved(halves(), "JPEG", xmp=XMP),
        "webp": saved(halves(), "WEBP", exif=exif),
        "png": png[:end] + late + png[end:],
    }


@pytest.mark.parametrize("kind", ["jpeg", "webp", "png"])
def test_it_turns_nothing_that_browsers_do_not_turn(kind: str) -> None:
    assert prepared(turned_otherwise()[kind]).size == (120, 80)


def png_chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(name + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + name + content + check


LONG = zlib.compress(b"workflow " * 300_000)


@pytest.mark.parametrize(
    "texts",
    [
        [png_chunk(b"zTXt", b"workflow\0\0" + LONG)],
        [png_chunk(b"iTXt", b"workflow\0\1\0\0\0" + LONG)],
        [png_chunk(b"tEXt", b"workflow\0" + b"x" * 1_000_000)] * 68,
    ],
    ids=["packed", "packed in UTF-8", "plain"],
)
def test_it_passes_over_the_long_texts_of_other_studios(texts: list[bytes]) -> None:
    png = saved(halves(), "PNG")
    assert prepared(png[:33] + b"".join(texts) + png[33:]).size == (120, 80)


@pytest.mark.parametrize(("size", "red"), [(0, 0), (1_500_000, 0), (9_000_000, 255)])
def test_it_believes_a_large_profile_and_passes_over_a_huge_one(size: int, red: int) -> None:
    profile = swapped_profile() + bytes(size)
    profile = len(profile).to_bytes(4, "big") + profile[4:]
    chunk = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))
    png = saved(Image.new("RGB", (120, 80), (255, 0, 0)), "PNG")
    first = prepared(png[:33] + chunk + png[33:]).tobytes()[0]
    assert abs(first - red) < 9


def test_it_leaves_out_a_damaged_part_that_browsers_leave_out_too() -> None:
    note = png_chunk(b"tEXt", b"a\0b")
    png = saved(halves(), "PNG")
    damaged = note[:-1] + bytes([note[-1] ^ 1])
    for at in (33, -12):
        assert prepared(png[:at] + damaged + png[at:]).size == (120, 80)
