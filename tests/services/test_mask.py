"""A mask becomes a PNG of exactly the picture's pixels; its alpha says what may change."""

import io

import pytest
from PIL import Image

from omixa_studio.models import Person
from omixa_studio.services.inputs import keep_mask, keep_upload, prepare_mask
from omixa_studio.services.pixels import ImageRefused
from tests.factories import draw_png, make_person


def png(image: Image.Image) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return file


def hole(size: tuple[int, int], box: tuple[int, int, int, int], *, alpha: int = 0) -> Image.Image:
    """An opaque picture with a clear (or half clear) box."""
    image = Image.new("RGBA", size, (200, 30, 90, 255))
    image.paste((200, 30, 90, alpha), box)
    return image


def prepared(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    made = Image.open(io.BytesIO(prepare_mask(png(image), size)))
    assert (made.format, made.mode, made.size) == ("PNG", "RGBA", size)
    return made


def test_it_keeps_every_value_of_alpha_of_a_mask_that_fits() -> None:
    drawn = Image.new("RGBA", (256, 90), (9, 9, 9, 255))
    drawn.putalpha(Image.linear_gradient("L").rotate(90).crop((0, 0, 256, 90)))
    assert prepared(drawn, (256, 90)).getchannel("A").tobytes() == drawn.getchannel("A").tobytes()


def test_it_says_the_same_in_its_colours() -> None:
    made = prepared(hole((80, 80), (10, 10, 20, 20), alpha=99), (80, 80))
    assert {band.tobytes() for band in made.split()} == {made.getchannel("A").tobytes()}


@pytest.mark.parametrize(
    ("drawn", "size"),
    [((400, 300), (200, 150)), ((5000, 3333), (2048, 1365)), ((100, 75), (401, 300))],
)
def test_it_scales_a_mask_to_exactly_the_pixels(
    drawn: tuple[int, int], size: tuple[int, int]
) -> None:
    left = hole(drawn, (0, 0, drawn[0] // 2, drawn[1]))
    alpha = prepared(left, size).getchannel("A")
    assert alpha.crop((0, 0, size[0] // 2 - 4, size[1])).getextrema() == (0, 0)
    assert alpha.crop((size[0] // 2 + 4, 0, *size)).getextrema() == (255, 255)


@pytest.mark.parametrize("size", [(80, 60), (60, 80), (84, 80), (1, 80)])
def test_it_refuses_another_shape(size: tuple[int, int]) -> None:
    with pytest.raises(ImageRefused, match="proportions as the first image"):
        prepare_mask(png(hole((80, 80), (0, 0, 9, 9))), size)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "I;16", "P"])
def test_it_reads_a_mask_without_alpha_as_greys(mode: str) -> None:
    grey = Image.new("L", (64, 64), 255)
    grey.paste(0, (0, 0, 32, 64))
    drawn = grey.convert(mode) if mode != "I;16" else deep(grey)
    alpha = prepared(drawn, (64, 64)).getchannel("A")
    assert alpha.tobytes() == grey.tobytes()


def deep(grey: Image.Image) -> Image.Image:
    """The same greys with sixteen bits."""
    values = bytes(byte for value in grey.tobytes() for byte in (value, value))
    return Image.frombytes("I;16", grey.size, values)


def test_it_keeps_the_middle_of_sixteen_bits_in_the_middle() -> None:
    drawn = deep(Image.new("L", (64, 64), 100))
    assert prepared(drawn, (64, 64)).getchannel("A").getextrema() == (100, 100)


def test_it_reads_an_opaque_mask_as_greys() -> None:
    grey = Image.new("L", (64, 64), 255)
    grey.paste(0, (0, 0, 32, 64))
    assert prepared(grey.convert("RGBA"), (64, 64)).getchannel("A").tobytes() == grey.tobytes()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_it_takes_clear_parts_in_every_format(kind: str) -> None:
    file = io.BytesIO()
    hole((80, 64), (0, 0, 40, 64)).save(file, kind, quality=100)
    alpha = Image.open(io.BytesIO(prepare_mask(file, (80, 64)))).getchannel("A")
    assert [alpha.getpixel((x, 30)) for x in (10, 70)] == [0, 255]


@pytest.mark.parametrize("turn", [1, 6, 8])
def test_it_turns_a_mask_as_browsers_do(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    file = io.BytesIO()
    hole((80, 64), (0, 0, 40, 64)).save(file, "PNG", exif=exif)
    made = Image.open(io.BytesIO(prepare_mask(file, (80, 64) if turn == 1 else (64, 80))))
    clear = {1: (20, 20), 6: (20, 20), 8: (20, 60)}[turn]
    assert made.getchannel("A").getpixel(clear) == 0


def test_it_compares_shapes_before_anything_is_unpacked() -> None:
    whole = png(hole((80, 80), (0, 0, 9, 9))).getvalue()
    with pytest.raises(ImageRefused, match="proportions as the first image"):
        prepare_mask(io.BytesIO(whole[:100]), (80, 60))


def test_it_refuses_a_mask_on_which_nothing_is_painted() -> None:
    with pytest.raises(ImageRefused, match="no transparent area"):
        prepare_mask(png(Image.new("RGBA", (64, 64), (0, 0, 0, 255))), (64, 64))


@pytest.mark.parametrize("data", [b"", b"not a picture", draw_png((64, 64))[:60]])
def test_it_refuses_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(ImageRefused):
        prepare_mask(io.BytesIO(data), (64, 64))


@pytest.mark.django_db
def test_it_fits_the_stored_input_not_the_upload() -> None:
    person: Person = make_person()
    # Turned upright and scaled down, the upload becomes another size and shape.
    photo = Image.new("RGB", (4000, 3000), (10, 120, 200))
    turned = Image.Exif()
    turned[0x0112] = 6
    file = io.BytesIO()
    photo.save(file, "JPEG", exif=turned)
    file.seek(0)
    first = keep_upload(person, file)
    assert (first.width, first.height) == (1536, 2048)
    mask = keep_mask(person, png(hole((3000, 4000), (0, 0, 1000, 1000))), first)
    assert (mask.width, mask.height, mask.mime) == (1536, 2048, "image/png")
