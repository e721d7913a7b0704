"""Stored inputs: once per content, shared room, forgotten when nobody used them for a day."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from PIL import Image

from omixa_studio import storage
from omixa_studio.models import GenerationInput, InputImage, Person
from omixa_studio.services.inputs import (
    fit,
    forget_unused,
    keep_picture,
    keep_upload,
    take_up,
)
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.upload_quota import MOST_UNUSED, MOST_UNUSED_BYTES
from tests.factories import draw_png, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def person() -> Person:
    return make_person()


def stored(person: Person, size: tuple[int, int] = (80, 80)) -> InputImage:
    return keep_upload(person, io.BytesIO(draw_png(size)))


def noisy(person: Person, side: int) -> InputImage:
    out = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(out, "PNG")
    return keep_upload(person, io.BytesIO(out.getvalue()))


def aged(image: InputImage, hours: float) -> InputImage:
    InputImage.objects.filter(pk=image.pk).update(created_at=Now() - timedelta(hours=hours))
    return image


def is_stored(image: InputImage) -> bool:
    try:
        return bool(storage.get(image.name))
    except FileNotFoundError:
        return False


def send(image: InputImage, state: str = "done") -> None:
    generation = make_generation(image.person, state=state)
    GenerationInput.objects.create(generation=generation, image=image, position=0)


def test_it_stores_the_same_picture_once_per_person(person: Person) -> None:
    data = draw_png((80, 80))
    first, second = (keep_upload(person, io.BytesIO(data)) for _ in range(2))
    other = keep_upload(make_person(), io.BytesIO(data))
    assert first == second != other
    assert first.name != other.name


def test_it_remembers_the_picture_it_came_from(person: Person) -> None:
    picture = make_picture(make_generation(person), size=(80, 80))
    # It had been uploaded by hand before.
    with storage.open_file(picture.name) as file:
        assert keep_upload(person, file).picture is None
    assert keep_picture(person, picture).picture == picture
    assert InputImage.objects.get().picture == picture


def test_it_leaves_what_fits_alone(person: Person) -> None:
    images = [stored(person), stored(person, (90, 80))]
    assert fit(person, images, 100_000) == images
    assert fit(person, [], 0) == []


def test_it_shares_the_room_and_shrinks_only_the_large(person: Person) -> None:
    small, large, larger = stored(person), noisy(person, 500), noisy(person, 600)
    room = large.bytes // 2
    fitted = fit(person, [larger, small, large], room)
    assert sum(image.bytes for image in fitted) <= room
    assert fitted[1] == small
    assert all(image.bytes > room / 5 for image in (fitted[0], fitted[2]))
    assert {image.mime for image in (fitted[0], fitted[2])} == {"image/jpeg"}
    assert all(is_stored(image) for image in fitted)


def test_it_shrinks_one_that_is_named_twice_once(person: Person) -> None:
    image = noisy(person, 500)
    one, other = fit(person, [image, image], image.bytes // 2)
    assert one == other != image


def test_it_says_when_there_is_no_room(person: Person) -> None:
    with pytest.raises(ImageRefused, match="Use fewer"):
        fit(person, [noisy(person, 500)], 100)


def test_it_forgets_what_nobody_used_for_a_day(person: Person) -> None:
    old, fresh, sent = (stored(person, (80, side)) for side in (80, 90, 100))
    send(sent)
    for image, hours in ((old, 24.1), (fresh, 23.9), (sent, 900)):
        aged(image, hours)
    assert forget_unused() == 1
    assert set(InputImage.objects.all()) == {fresh, sent}
    assert [is_stored(image) for image in (old, fresh, sent)] == [False, True, True]


@pytest.mark.parametrize("again", ["upload", "send"])
def test_it_forgets_nothing_that_was_taken_up_again(person: Person, again: str) -> None:
    data = draw_png((80, 80))
    image = aged(keep_upload(person, io.BytesIO(data)), 30)
    if again == "upload":
        keep_upload(person, io.BytesIO(data))
    else:
        assert take_up(person, [image.pk]) == [image]
    assert forget_unused() == 0


def test_it_takes_up_no_input_of_others(person: Person) -> None:
    theirs = aged(stored(make_person()), 30)
    assert take_up(person, [theirs.pk]) == []
    assert forget_unused() == 1


@pytest.mark.parametrize("state", ["queued", "unknown"])
def test_it_keeps_inputs_of_what_may_still_be_sent(person: Person, state: str) -> None:
    image = aged(stored(person), 900)
    send(image, state)
    assert forget_unused() == 0
    assert is_stored(image)


def many(person: Person, count: int, *, size: int = 100, minutes: float = 60) -> list[InputImage]:
    """Unused inputs of so many bytes, the oldest first."""
    return InputImage.objects.bulk_create(
        InputImage(
            person=person,
            sha256=f"{number:064}",
            name=storage.new_name("inputs", ".png"),
            mime="image/png",
            width=80,
            height=80,
            bytes=size,
            created_at=timezone.now() - timedelta(minutes=minutes, milliseconds=count - number),
        )
        for number in range(count)
    )


def there(images: list[InputImage]) -> list[bool]:
    known = set(InputImage.objects.values_list("pk", flat=True))
    return [image.pk in known for image in images]


def test_it_forgets_the_oldest_unused_one_past_three_hundred(person: Person) -> None:
    old = many(person, MOST_UNUSED)
    send(old[0])
    storage.put(old[1].name, b"an upload")
    stored(person)  # 299 unused ones and this one
    assert all(there(old))
    stored(person, (90, 80))
    assert there(old[:4]) == [True, False, True, True]
    assert not is_stored(old[1])


def test_it_forgets_unused_ones_until_the_bytes_fit(person: Person) -> None:
    old = many(person, 4, size=MOST_UNUSED_BYTES // 4)
    stored(person)
    assert there(old) == [False, True, True, True]
    stored(make_person())


def test_it_forgets_until_both_the_files_and_the_bytes_fit(person: Person) -> None:
    """Two are too many, and the third is the one that is too large."""
    old = many(person, MOST_UNUSED + 1, size=1)
    InputImage.objects.filter(pk=old[2].pk).update(bytes=MOST_UNUSED_BYTES)
    stored(person)
    assert there(old[:4]) == [False, False, False, True]


def test_it_refuses_what_has_no_room_and_keeps_no_file(person: Person) -> None:
    late = many(person, MOST_UNUSED, minutes=5)
    before = files_of_inputs()
    with pytest.raises(ImageRefused, match="ten minutes"):
        stored(person)
    assert all(there(late))
    assert files_of_inputs() == before
    assert stored(make_person()).pk


def test_a_cancelled_generation_uses_nothing(person: Person) -> None:
    old = many(person, MOST_UNUSED)
    send(old[0], "cancelled")
    send(old[1], "cancelled")
    send(old[1], "queued")
    stored(person)
    stored(person, (90, 80))
    assert there(old[:3]) == [False, True, True]


def test_it_takes_a_known_picture_however_full_it_is(person: Person) -> None:
    data = draw_png((80, 80))
    known = keep_upload(person, io.BytesIO(data))
    many(person, MOST_UNUSED, minutes=5)
    assert keep_upload(person, io.BytesIO(data)) == known


def test_uploads_at_the_same_moment_count_each_other(person: Person) -> None:
    many(person, MOST_UNUSED - 1, minutes=5)

    def upload(number: int) -> bool:
        try:
            return bool(stored(person, (80 + number, 80)))
        except ImageRefused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(upload, range(4))) == 1
    assert InputImage.objects.count() == MOST_UNUSED


def files_of_inputs() -> set[str]:
    return {path.name for path in Path(settings.MEDIA_ROOT).glob("inputs/**/*") if path.is_file()}
