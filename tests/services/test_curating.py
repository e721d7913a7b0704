"""Sharing, the trash, and what thirty days in it mean."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from omixa_studio import storage
from omixa_studio.models import Charge, Generation, InputImage, Person, Picture
from omixa_studio.services import curating
from tests.factories import make_charge, make_generation, make_person, make_picture
from tests.present import present

pytestmark = pytest.mark.django_db


def thrown_away(days: float) -> Picture:
    at = timezone.now() - timedelta(days=days)
    return make_picture(make_generation(make_person()), trashed_at=at)


def is_stored(name: str) -> bool:
    try:
        storage.open_file(name).close()
    except FileNotFoundError:
        return False
    return True


def test_it_shares_and_hides_a_picture_as_often_as_asked() -> None:
    picture = make_picture(make_generation(make_person()))
    for step, shared in ((curating.share, True), (curating.make_private, False)):
        assert step(present(picture.person), picture.pk)
        assert step(present(picture.person), picture.pk)
        picture.refresh_from_db()
        assert picture.shared is shared


@pytest.mark.parametrize(
    "step", [curating.share, curating.make_private, curating.trash, curating.restore]
)
def test_it_leaves_the_pictures_of_others_alone(step: Callable[[Person, int], object]) -> None:
    shared = make_picture(make_generation(make_person()), shared=True)
    thrown = thrown_away(days=1)
    stranger = make_person(role="admin")
    assert not step(stranger, shared.pk)
    assert not step(stranger, thrown.pk)
    before = (shared.shared, shared.trashed_at, thrown.trashed_at)
    shared.refresh_from_db()
    thrown.refresh_from_db()
    assert (shared.shared, shared.trashed_at, thrown.trashed_at) == before


def test_it_throws_away_once_and_keeps_the_first_date() -> None:
    picture = make_picture(make_generation(make_person()))
    assert curating.trash(present(picture.person), picture.pk)
    picture.refresh_from_db()
    first = picture.trashed_at
    assert not curating.trash(present(picture.person), picture.pk)
    picture.refresh_from_db()
    assert picture.trashed_at == first


def test_it_brings_a_picture_back_as_shared_as_it_was() -> None:
    picture = make_picture(make_generation(make_person()), shared=True)
    curating.trash(present(picture.person), picture.pk)
    assert curating.restore(present(picture.person), picture.pk)
    picture.refresh_from_db()
    assert picture.shared
    assert picture.trashed_at is None


def test_it_shares_nothing_out_of_the_trash() -> None:
    picture = thrown_away(days=1)
    assert not curating.share(present(picture.person), picture.pk)


def test_it_deletes_rows_and_files_after_thirty_days_and_not_before() -> None:
    old, young, kept = thrown_away(days=30.1), thrown_away(days=29.9), thrown_away(days=0)
    Picture.objects.filter(pk=kept.pk).update(trashed_at=None)
    Picture.objects.filter(pk=old.pk).update(preview=old.thumb)
    assert curating.empty_trash() == 1
    assert set(Picture.objects.values_list("pk", flat=True)) == {young.pk, kept.pk}
    assert not is_stored(old.name)
    assert not is_stored(old.thumb)
    assert is_stored(young.name)
    assert is_stored(kept.thumb)


def test_it_refuses_to_restore_what_may_be_losing_its_files() -> None:
    picture = thrown_away(days=30.1)
    assert not curating.restore(present(picture.person), picture.pk)


def test_it_finishes_what_a_crash_left_without_files() -> None:
    picture = thrown_away(days=31)
    storage.remove(picture.name)
    storage.remove(picture.thumb)
    assert curating.empty_trash() == 1
    assert not Picture.objects.exists()


def test_it_deletes_only_so_many_at_once_oldest_first() -> None:
    ages = [thrown_away(days=days) for days in (40, 60, 50)]
    assert curating.empty_trash(most=2) == 2
    assert Picture.objects.get() == ages[0]


def test_it_keeps_the_money_the_request_and_the_copies_that_were_sent() -> None:
    picture = thrown_away(days=31)
    make_charge(picture.generation)
    sent = InputImage.objects.create(
        person=picture.person,
        picture=picture,
        sha256="0" * 64,
        name="inputs/00/0.png",
        mime="image/png",
        width=64,
        height=64,
        bytes=1,
    )
    curating.empty_trash()
    sent.refresh_from_db()
    assert sent.picture is None
    assert Charge.objects.get().amount_micros == 40_000
    assert Generation.objects.filter(pk=picture.generation_id).exists()
