"""Keys of requests and hashes of pictures: equal for the same, near for copies."""

import io
import random

import pytest
from PIL import Image, ImageDraw

from omixa_studio.models import Generation, InputImage, Person
from omixa_studio.queries.similar import distance
from omixa_studio.services.hashes import perceptual_hash, request_key
from omixa_studio.services.renditions import render
from tests.factories import claimed_generation


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture of random rectangles."""
    rng = random.Random(seed)
    image = Image.new("RGB", (640, 480), "grey")
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        left, top = rng.randrange(600), rng.randrange(440)
        box = (left, top, left + rng.randrange(20, 200), top + rng.randrange(20, 200))
        draw.rectangle(box, fill=tuple(rng.randrange(256) for _ in range(3)))
    return image.resize(size)


def hash_of(image: Image.Image) -> int:
    found = perceptual_hash(image)
    assert found is not None
    return found


def encoded(image: Image.Image, kind: str, **options: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return Image.open(io.BytesIO(out.getvalue()))


def test_a_copy_differs_in_few_bits() -> None:
    for seed in range(20):
        image = scene(seed)
        for copy in (encoded(image, "JPEG", quality=60), scene(seed, (200, 150))):
            assert distance(hash_of(image), hash_of(copy)) <= 7


def test_other_pictures_differ_in_many_bits() -> None:
    hashes = [hash_of(scene(seed)) for seed in range(20)]
    pairs = [(one, other) for one in hashes for other in hashes if one is not other]
    assert min(distance(one, other) for one, other in pairs) > 7


@pytest.mark.parametrize("image", [Image.new("RGB", (64, 64), "red"), Image.new("RGBA", (9, 9))])
def test_an_even_picture_has_no_hash(image: Image.Image) -> None:
    assert perceptual_hash(image) is None


def test_what_is_transparent_counts_as_white() -> None:
    image = scene(1).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 320, 480))
    white = scene(1)
    white.paste((255, 255, 255), (0, 0, 320, 480))
    assert hash_of(image) == hash_of(white)


def test_the_hash_fits_a_signed_column_and_comes_with_the_renditions() -> None:
    out = io.BytesIO()
    scene(3).save(out, "PNG")
    found = render(out.getvalue(), "png").perceptual_hash
    assert found is not None
    assert -(2**63) <= found < 2**63


def key(**fields: object) -> int:
    of = {"model": "m", "prompt": "A harbour", "options": {"size": "1K"}, "images": []}
    return request_key(**(of | fields))  # type: ignore[arg-type]


def test_a_request_is_the_same_whatever_its_count() -> None:
    assert key() == key(options={"n": 4, "size": "1K"})
    others = [
        key(model="other"),
        key(prompt="a harbour"),
        key(options={"size": "2K"}),
        key(images=[InputImage(sha256="a")]),
        key(images=[InputImage(sha256="b")]),
        key(images=[InputImage(sha256="a"), InputImage(sha256="b")]),
        key(images=[InputImage(sha256="b"), InputImage(sha256="a")]),
        key(images=[InputImage(sha256="a")], mask=InputImage(sha256="b")),
        key(),
    ]
    assert len(set(others)) == len(others)


def test_copies_that_two_people_prepared_of_a_picture_are_the_same_input() -> None:
    one, other = (InputImage(sha256=sha, picture_id=7) for sha in "ab")
    assert key(images=[one]) == key(images=[other])


@pytest.mark.django_db
def test_a_click_stores_the_key_of_its_request() -> None:
    rows = [claimed_generation("A harbour"), claimed_generation("A harbour", n=2)]
    assert rows[0].request_key == rows[1].request_key is not None
    assert Person.objects.count() == 2
    assert Generation.objects.filter(request_key=rows[0].request_key).count() == 2
