"""What the pictures are: right in size and format, each one different, edits to be seen."""

import hashlib
import random

import pytest
from PIL import Image, ImageChops, ImageStat

from omixa_studio.sandbox.art.brush import Canvas
from omixa_studio.sandbox.art.compose import SCENES, compose
from omixa_studio.sandbox.art.palettes import HEX, Palette, choose_palette
from tests.sandbox.conftest import Opened, Part, Post


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, (1024, 1024)),
        ({"aspect_ratio": "16:9"}, (1408, 768)),
        ({"aspect_ratio": "9:16", "size": "1K"}, (768, 1408)),
        ({"aspect_ratio": "4:3"}, (1280, 896)),
        ({"aspect_ratio": "3:4", "size": "0.5K"}, (448, 640)),
        ({"size": "2K"}, (2048, 2048)),
        ({"size": "4K", "output_format": "jpeg"}, (4096, 4096)),
    ],
)
def test_it_draws_the_shape_and_size_of_google_options(
    post: Post, opened: Opened, options: dict[str, object], size: tuple[int, int]
) -> None:
    answer = post(model="imagen-4.0-generate-001", prompt="hills", **options)
    assert opened(answer).size == size


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        ("auto", (1024, 1024)),
        ("1024x1024", (1024, 1024)),
        ("1024x1536", (1024, 1536)),
        ("1536x1024", (1536, 1024)),
    ],
)
def test_it_draws_the_size_of_openai_options(
    post: Post, opened: Opened, size: str, pixels: tuple[int, int]
) -> None:
    answer = post(model="gpt-image-1.5", prompt="hills", size=size)
    assert opened(answer).size == pixels


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_it_encodes_in_the_format_asked_for(post: Post, opened: Opened, name: str) -> None:
    assert opened(post(output_format=name)).format == name.upper()


@pytest.mark.parametrize("name", ["png", "webp"])
def test_it_leaves_a_transparent_background_transparent(
    post: Post, opened: Opened, name: str
) -> None:
    answer = post(model="gpt-image-1.5", prompt="x", background="transparent", output_format=name)
    alpha = opened(answer).getchannel("A")
    assert alpha.getextrema() == (0, 255)
    assert alpha.getpixel((0, 0)) == 0
    assert alpha.getpixel((512, 512)) == 255


def test_it_draws_a_different_picture_for_each_of_a_hundred_prompts() -> None:
    def print_of(i: int) -> str:
        picture = compose(f"prompt {i}", (96, 96), random.Random(f"prompt {i}"))
        return hashlib.sha256(picture.resize((16, 16)).tobytes()).hexdigest()

    assert len({print_of(i) for i in range(100)}) == 100


@pytest.mark.parametrize("size", [(512, 512), (704, 384), (384, 704)])
@pytest.mark.parametrize("name", sorted(SCENES))
def test_it_fills_every_canvas_with_more_than_one_colour(name: str, size: tuple[int, int]) -> None:
    rng = random.Random(name)
    width, height = size
    picture = SCENES[name](Canvas(width, height, rng, choose_palette("", rng)))
    assert picture.mode == "RGB"
    assert picture.size == size
    assert max(ImageStat.Stat(picture).stddev) > 8


@pytest.mark.parametrize(
    ("words", "palettes"),
    [
        ("A storm over the ocean", {"sea", "lagoon"}),
        ("Осенний лес", {"ember", "fire", "terracotta", "forest", "moss", "mint"}),
        ("night, fire", {"night", "aurora", "cobalt", "fire", "ember"}),
    ],
)
def test_it_takes_colours_from_the_words(words: str, palettes: set[str]) -> None:
    # A random.Random that turns no hue shows which palettes were to choose from.
    class Still(random.Random):
        def uniform(self, a: float, b: float) -> float:
            return 0.0 if a < 0 else 1.0

    def colours(name: str) -> Palette:
        codes = map(bytes.fromhex, HEX[name].split())
        return Palette((red, green, blue) for red, green, blue in codes)

    allowed = [colours(name) for name in palettes]
    for seed in range(12):
        found = choose_palette(words, Still(seed))
        assert any(near(found, palette) for palette in allowed)


def near(one: Palette, other: Palette) -> bool:
    pairs = zip(one, other, strict=True)
    return all(abs(a - b) <= 2 for x, y in pairs for a, b in zip(x, y, strict=True))


def test_it_edits_so_that_one_can_see_it(
    post: Post, opened: Opened, part: Part, photo: Image.Image
) -> None:
    def changed(fidelity: str) -> float:
        answer = post(
            model="gpt-image-1.5",
            prompt="gold",
            size="1024x1024",
            input_images=[part(photo.resize((1024, 1024)))],
            input_fidelity=fidelity,
        )
        difference = ImageChops.difference(
            opened(answer).convert("RGB"), photo.resize((1024, 1024))
        )
        return sum(ImageStat.Stat(difference).mean)

    low, high = changed("low"), changed("high")
    assert low > high > 10


def test_it_merges_all_sources_into_one_picture(
    post: Post, opened: Opened, part: Part, photo: Image.Image
) -> None:
    def merged(*others: Image.Image) -> Image.Image:
        sources = [part(picture) for picture in (photo, *others)]
        answer = post(
            model="gemini-2.0-flash-preview-image-generation",
            prompt="merge",
            input_images=sources,
            size="0.5K",
        )
        return opened(answer)

    green = Image.new("RGB", (200, 200), (10, 250, 20))
    picture = merged(green)
    data = picture.convert("RGB").tobytes()
    pixels = zip(data[::3], data[1::3], data[2::3], strict=True)
    assert any(g > 200 and r < 80 and b < 80 for r, g, b in pixels)
    assert picture.width / picture.height == pytest.approx(photo.width / photo.height, rel=0.05)


def test_it_changes_only_what_the_mask_leaves_transparent(
    post: Post, opened: Opened, part: Part
) -> None:
    source = Image.linear_gradient("L").resize((1024, 1024)).convert("RGB")
    mask = Image.new("RGBA", source.size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (300, 300, 700, 700))
    answer = post(
        model="gpt-image-1.5",
        prompt="sea",
        size="1024x1024",
        input_images=[part(source)],
        mask=part(mask),
    )
    difference = ImageChops.difference(opened(answer).convert("RGB"), source)
    assert difference.getbbox() == (300, 300, 700, 700)


@pytest.mark.parametrize("name", ["png", "webp"])
def test_it_removes_the_background_and_keeps_the_rest(
    post: Post, opened: Opened, part: Part, photo: Image.Image, name: str
) -> None:
    answer = post(
        model="stability-remove-background", input_images=[part(photo)], output_format=name
    )
    picture = opened(answer)
    assert picture.size == photo.size
    alpha = picture.getchannel("A")
    assert alpha.getpixel((5, 5)) == 0
    assert alpha.getpixel((160, 120)) == 255


def test_it_upscales_and_adds_detail_where_asked(
    post: Post, opened: Opened, part: Part, photo: Image.Image
) -> None:
    def large(model: str) -> Image.Image:
        return opened(post(model=model, prompt="sharper", seed=3, input_images=[part(photo)]))

    plain, creative = large("stability-upscale-conservative"), large("stability-upscale-creative")
    assert plain.size == creative.size == (photo.width * 4, photo.height * 4)
    flat = (0, 0, 200, 200)
    assert detail(creative.crop(flat)) > detail(plain.crop(flat)) + 1


def detail(picture: Image.Image) -> float:
    return sum(ImageStat.Stat(picture.convert("RGB")).stddev)


def test_it_never_upscales_beyond_4096_pixels(post: Post, opened: Opened, part: Part) -> None:
    long = Image.new("RGB", (3000, 300), "teal")
    answer = post(
        model="stability-upscale-conservative",
        prompt="x",
        input_images=[part(long, "WEBP")],
        output_format="jpeg",
    )
    assert opened(answer).size == (4096, 410)


def test_it_gives_the_same_picture_for_the_same_seed(
    post: Post, part: Part, photo: Image.Image
) -> None:
    def picture() -> str:
        fields = {"model": "stability-upscale-creative", "prompt": "x", "seed": 7}
        return str(post(**fields, input_images=[part(photo)]).json()["data"][0]["b64_json"])

    assert picture() == picture()
