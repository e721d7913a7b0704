"""Collections: who may add what, in which order, how much fits, and what undo brings back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from omixa_studio.forms.collections import CollectionText
from omixa_studio.models import Collection, CollectionItem, Person, Picture
from omixa_studio.queries import collections as read
from omixa_studio.services import collecting, curating
from omixa_studio.services.audit import Actor
from omixa_studio.services.refusals import ChoiceRefused
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara() -> Person:
    return make_person("mara")


@pytest.fixture
def collection(mara: Person) -> Collection:
    return collecting.make_collection(mara, CollectionText("Harbour"))


def pictures_of(person: Person, count: int, **fields: Any) -> list[Picture]:
    made = make_generation(person, count=count)
    ago = timezone.now()
    return [
        make_picture(made, index=n, created_at=ago - timedelta(hours=n), **fields)
        for n in range(count)
    ]


def shown(collection: Collection, person: Person) -> list[int]:
    return [one.pk for one in read.gallery_of(collection, person, {}, {}, team=False).ordered]


def keys(pictures: Sequence[Picture]) -> list[int]:
    return [one.pk for one in pictures]


def test_pictures_are_added_once_at_the_end_and_sorted_by_time_if_asked(
    collection: Collection, mara: Person
) -> None:
    a, b, c = keys(pictures_of(mara, 3))
    assert collecting.add_pictures(collection, mara, [c, a]) == [c, a]
    assert collecting.add_pictures(collection, mara, [a, b, b]) == [b]
    assert shown(collection, mara) == [c, a, b]
    collecting.change_collection(
        collection, CollectionText("Harbour", order="time"), by=Actor(mara.pk)
    )
    assert shown(collection, mara) == [a, b, c]


def test_only_what_one_may_see_is_added_and_shown(collection: Collection, mara: Person) -> None:
    other = make_person()
    (private,) = pictures_of(other, 1)
    (shared,) = pictures_of(other, 1, shared=True)
    (own,) = pictures_of(mara, 1)
    trashed = pictures_of(mara, 1, trashed_at=timezone.now())[0]
    added = collecting.add_pictures(
        collection, mara, [private.pk, shared.pk, own.pk, trashed.pk, 2**62]
    )
    assert added == [shared.pk, own.pk]
    assert shown(collection, other) == [shared.pk]
    assert keys(list(read.private_in(collection, mara))) == [own.pk]
    Picture.objects.filter(pk=own.pk).update(trashed_at=timezone.now())
    assert not read.private_in(collection, mara), "nobody sees it, so nobody asks to share it"
    Picture.objects.filter(pk=own.pk).update(trashed_at=None)
    Picture.objects.filter(pk=shared.pk).update(trashed_at=timezone.now())
    assert shown(collection, mara) == [own.pk]


def test_pictures_move_before_another_and_undo_puts_them_back(
    collection: Collection, mara: Person
) -> None:
    a, b, c, d = keys(pictures_of(mara, 4))
    collecting.add_pictures(collection, mara, [a, b, c, d])
    former = collecting.move_pictures(collection, [c, d], before=a)
    assert shown(collection, mara) == [c, d, a, b]
    assert sorted(former) == [c, d]
    assert collecting.put_pictures(collection, mara, former)
    assert shown(collection, mara) == [a, b, c, d]
    collecting.move_pictures(collection, [a], before=None)
    assert shown(collection, mara) == [b, c, d, a]
    assert collecting.move_pictures(collection, [a], before=2**62) == {}
    assert collecting.move_pictures(collection, [a], before=a) == {}
    assert shown(collection, mara) == [b, c, d, a]


def test_there_is_always_room_between_two(collection: Collection, mara: Person) -> None:
    a, b, c = keys(pictures_of(mara, 3))
    collecting.add_pictures(collection, mara, [a, b, c])
    for n in range(90):  # each time the gap is halved
        order = [[a, b, c], [a, c, b]][n % 2]
        collecting.move_pictures(collection, [order[2]], before=order[1])
        assert shown(collection, mara) == [order[0], order[2], order[1]]


def test_only_the_neighbours_of_a_full_gap_are_spread(
    collection: Collection, mara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "NEAR", 4)
    order = keys(pictures_of(mara, 40))
    collecting.add_pictures(collection, mara, order)
    items = CollectionItem.objects.filter(collection=collection)
    apart = items.filter(picture__in=[*order[8:16], *order[26:34]])
    apart.update(position=F("position") + 7)
    for place in (20, 1, 38):  # in the middle, near the beginning, near the end
        for _n in range(60):
            moved = order.pop(place + 1)
            order.insert(place, moved)
            collecting.move_pictures(collection, [moved], before=order[place + 1])
        assert shown(collection, mara) == order
    assert {one.position % collecting.STEP for one in apart} == {7}, "they were left alone"


def test_a_removed_picture_comes_back_to_its_place(collection: Collection, mara: Person) -> None:
    a, b, c = keys(pictures_of(mara, 3))
    collecting.add_pictures(collection, mara, [a, b, c])
    places = collecting.remove_pictures(collection, [b, 2**62])
    assert list(places) == [b]
    assert shown(collection, mara) == [a, c]
    assert collecting.put_pictures(collection, mara, places) == [b]
    assert shown(collection, mara) == [a, b, c]
    assert collecting.put_pictures(collection, make_person(), {a: 5, 2**62: 1}) == [a]


def test_too_many_are_refused(
    collection: Collection, mara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "MOST_ITEMS", 2)
    monkeypatch.setattr(collecting, "MOST_COLLECTIONS", 2)
    monkeypatch.setattr(collecting, "MOST_DELETED", 1)
    with pytest.raises(ChoiceRefused):
        collecting.add_pictures(collection, mara, keys(pictures_of(mara, 3)))
    assert shown(collection, mara) == []
    second = collecting.make_collection(mara, CollectionText("Two"))
    with pytest.raises(ChoiceRefused):
        collecting.make_collection(mara, CollectionText("Three"))
    by = Actor(mara.pk)
    assert collecting.delete_collection(second, by=by)
    assert not collecting.delete_collection(second, by=by)
    collecting.make_collection(mara, CollectionText("Three"))
    assert not collecting.restore_collection(second, by=by), "there is no room for it"
    collecting.delete_collection(collection, by=by)
    collecting.make_collection(mara, CollectionText("Four"))
    assert not Collection.objects.filter(pk=second.pk).exists(), "the oldest deleted is forgotten"


def test_an_undo_puts_no_more_into_one_than_it_holds(
    collection: Collection, mara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "MOST_ITEMS", 2)
    a, b, c = keys(pictures_of(mara, 3))
    assert collecting.put_pictures(collection, mara, {a: 1, b: 2}) == [a, b]
    assert collecting.put_pictures(collection, mara, {b: 1, a: 2}) == [b, a]
    with pytest.raises(ChoiceRefused):
        collecting.put_pictures(collection, mara, {c: 3})
    assert shown(collection, mara) == [b, a]


def test_who_may_do_what(collection: Collection, mara: Person) -> None:
    other, admin = make_person(), make_person(role="admin")
    may = {"private": (0, 0, 0), "team_read": (1, 0, 0), "team_write": (1, 1, 0)}
    for access, said in may.items():
        Collection.objects.update(access=access)
        rooms = (read.readable_by, read.fillable_by, read.changeable_by)
        assert tuple(room(other).count() for room in rooms) == said
        assert [room(mara).count() for room in rooms] == [1, 1, 1]
        assert read.changeable_by(admin).count() == (access != "private")
    collecting.delete_collection(collection, by=Actor(mara.pk))
    assert read.readable_by(other).count() == read.readable_by(mara).count() == 0


def test_covers_and_counts_show_what_the_viewer_may_see(
    collection: Collection, mara: Person
) -> None:
    first, second = pictures_of(mara, 2)
    other = make_person()
    collecting.add_pictures(collection, mara, [first.pk, second.pk])
    Picture.objects.filter(pk=second.pk).update(shared=True)
    collecting.set_cover(collection, first)
    collection.refresh_from_db()
    assert read.covers_of([collection], mara) == {collection.pk: first}
    assert read.covers_of([collection], other) == {collection.pk: second}
    assert read.counts_of([collection], mara) == {collection.pk: 2}
    assert read.counts_of([collection], other) == {collection.pk: 1}


def test_what_was_erased_meanwhile_is_left_out(
    collection: Collection, mara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, erased = keys(pictures_of(mara, 2))
    lock = curating.lock_pictures

    def lock_later(pks: Sequence[int]) -> set[int]:
        Picture.objects.filter(pk=erased).delete()
        return lock(pks)

    monkeypatch.setattr(collecting, "lock_pictures", lock_later)
    assert collecting.add_pictures(collection, mara, [kept, erased]) == [kept]
    assert shown(collection, mara) == [kept]
