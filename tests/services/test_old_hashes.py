"""Older rows get their hash and their key in the background, in short batches."""

import io

import pytest

from omixa_studio import storage
from omixa_studio.models import BackgroundJob, Generation, GenerationInput, JobState, Picture
from omixa_studio.services import background, old_hashes
from omixa_studio.services.background_kinds import KINDS
from omixa_studio.services.hashes import request_key
from omixa_studio.services.inputs import keep_picture
from tests.factories import make_generation, make_person, make_picture
from tests.services.test_hashes import scene

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_hashes, "SPAN", 4)
    monkeypatch.setattr(old_hashes, "MOST_PICTURES", 3)
    monkeypatch.setattr(old_hashes, "MOST_GENERATIONS", 3)
    monkeypatch.setattr(background, "LEAST_REST_SECONDS", 0.0)


def older(seed: int) -> Picture:
    """A picture of rows without key and hash, whose thumbnail shows something."""
    thumb = storage.new_name("thumbs", ".jpg")
    out = io.BytesIO()
    scene(seed, (512, 384)).save(out, "JPEG")
    storage.put(thumb, out.getvalue())
    row = make_generation(make_person(), prompt=f"A harbour {seed}")
    return make_picture(row, thumb=thumb, size=(96, 64))


def fill_in(turns: int = 30, seconds: float = 60.0) -> BackgroundJob:
    background.ensure(old_hashes.KIND)
    for _ in range(turns):
        background.take_turn(KINDS, "here:7", seconds=seconds)
    return BackgroundJob.objects.get(kind=old_hashes.KIND)


def test_all_older_rows_are_filled_in_and_their_progress_is_told() -> None:
    pictures = [older(seed) for seed in range(9)]
    Picture.objects.filter(pk=pictures[4].pk).delete()
    job = fill_in()
    assert job.state == JobState.DONE
    last = pictures[-1]
    assert job.done == job.total == last.pk + last.generation_id
    hashes = set(Picture.objects.values_list("perceptual_hash", flat=True))
    assert len(hashes) == 8
    assert None not in hashes
    rows = Generation.objects.all()
    assert all(
        row.request_key == request_key(row.model, row.prompt, row.options, []) for row in rows
    )


def test_a_missing_or_broken_thumbnail_is_passed_over() -> None:
    missing, broken, fine = (older(seed) for seed in range(3))
    storage.remove(missing.thumb)
    storage.put(broken.thumb, b"no picture")
    Picture.objects.filter(pk=broken.pk).update(thumb="thumbs/other")
    fill_in()
    found = dict(Picture.objects.values_list("pk", "perceptual_hash"))
    assert [pk for pk in found if found[pk] is not None] == [fine.pk]


def test_inputs_and_masks_are_part_of_the_key() -> None:
    picture = older(1)
    row = make_generation(picture.person)
    image = keep_picture(row.person, picture) if row.person else None
    assert image
    GenerationInput.objects.create(generation=row, image=image, position=0)
    GenerationInput.objects.create(generation=row, image=image, position=0, is_mask=True)
    fill_in()
    row.refresh_from_db()
    assert row.request_key == request_key(row.model, row.prompt, row.options, [image], image)


def test_it_is_done_once_and_is_short_without_rows() -> None:
    assert fill_in(1).state == JobState.DONE
    background.ensure(old_hashes.KIND)
    assert BackgroundJob.objects.count() == 1
