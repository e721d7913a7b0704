"""Tags: one per folded name, on one's own pictures only, and as private as those."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from omixa_studio.models import Person, Picture, PictureTag, Tag
from omixa_studio.queries import marked
from omixa_studio.queries import tags as read
from omixa_studio.queries.prompt_hits import PageStart
from omixa_studio.services import curating, tagging
from omixa_studio.services.refusals import ChoiceRefused
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara() -> Person:
    return make_person("mara")


def picture_of(person: Person, **fields: Any) -> Picture:
    return make_picture(make_generation(person), **fields)


def names(person: Person, picture: Picture) -> list[str]:
    return [tag.name for tag in read.tags_of(picture)]


def test_a_tag_is_put_on_once_and_only_on_own_pictures(mara: Person) -> None:
    one, two, other = picture_of(mara), picture_of(mara), picture_of(make_person(), shared=True)
    assert tagging.tag_pictures(mara, [one.pk, other.pk], "Ёлка").pictures == [one.pk]
    assert tagging.tag_pictures(mara, [one.pk, two.pk], "елка").pictures == [two.pk]
    tag = Tag.objects.get()
    assert tag.name == "Ёлка"
    assert names(mara, other) == []
    assert tagging.untag_pictures(make_person(), [one.pk], tag) == []
    assert tagging.untag_pictures(mara, [one.pk, other.pk], tag) == [one.pk]
    assert names(mara, one) == []


def test_too_many_are_refused(mara: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = picture_of(mara), picture_of(mara)
    monkeypatch.setattr(tagging, "MOST_ON_A_PICTURE", 2)
    monkeypatch.setattr(tagging, "MOST_NEW", 3)
    for name in "ab":
        tagging.tag_pictures(mara, [one.pk], name)
    with pytest.raises(ChoiceRefused):
        tagging.tag_pictures(mara, [one.pk, two.pk], "c")
    assert names(mara, two) == []
    assert tagging.tag_pictures(mara, [one.pk], "a").pictures == []
    tagging.tag_pictures(mara, [two.pk], "c")
    with pytest.raises(ChoiceRefused):
        tagging.tag_pictures(mara, [two.pk], "d")


def test_renaming_changes_own_pictures_alone(mara: Person) -> None:
    other = make_person()
    mine, theirs = picture_of(mara), picture_of(other)
    tagging.tag_pictures(mara, [mine.pk], "bote")
    tag = Tag.objects.get()
    assert tagging.rename_tag(mara, tag, "Boat") == tag, "nobody else uses it"
    tagging.tag_pictures(other, [theirs.pk], "boat")
    tagging.tag_pictures(mara, [mine.pk], "ship")
    ship = tagging.rename_tag(mara, tag, "ship")
    tagging.replace_tag(mara, [mine.pk], into=[tag.pk, ship.pk])
    assert (names(mara, mine), names(other, theirs)) == (["ship"], ["Boat"])
    assert ship != tag


def test_a_tag_of_somebody_who_is_gone_keeps_its_name(mara: Person) -> None:
    mine, theirs = picture_of(mara), picture_of(make_person())
    for picture in (mine, theirs):
        assert picture.person
        tagging.tag_pictures(picture.person, [picture.pk], "bote")
    PictureTag.objects.filter(picture=theirs).update(person=None)
    bote = Tag.objects.get()
    ship = tagging.rename_tag(mara, bote, "ship")
    tagging.replace_tag(mara, [mine.pk], into=[bote.pk, ship.pk])
    assert (names(mara, mine), names(mara, theirs)) == (["ship"], ["bote"])


def test_tags_of_private_pictures_are_private(mara: Person) -> None:
    other = make_person()
    theirs = picture_of(other)
    tagging.tag_pictures(other, [theirs.pk], "secret client")
    tagging.tag_pictures(mara, [picture_of(mara).pk], "my secret")
    assert [tag.name for tag in read.suggestions(mara, "secret")] == ["my secret"]
    curating.share(other, theirs.pk)
    said = [tag.name for tag in read.suggestions(mara, "SECRET")]
    assert said == ["secret client", "my secret"]
    assert [tag.name for tag in read.used_by(mara)] == ["my secret"]


def test_a_verdict_replaces_the_star_and_a_note_comes_back(mara: Person) -> None:
    one = picture_of(mara)
    marks = []
    for step in (curating.star, curating.reject, curating.star, curating.reject, curating.unreject):
        assert step(mara, one.pk)
        one.refresh_from_db()
        marks.append((one.winner, one.verdict))
        assert not step(make_person(role="admin"), one.pk)
    assert marks == [(True, ""), (False, "rejected"), (True, ""), (False, "rejected"), (False, "")]
    assert curating.write_note(mara, one.pk, "First")
    assert curating.write_note(mara, one.pk, "Second")
    assert curating.write_note(mara, one.pk, "Second") is False
    assert curating.write_note(make_person(), one.pk, "x") is None
    assert curating.swap_notes(mara, one.pk)
    one.refresh_from_db()
    assert (one.note, one.earlier_note) == ("First", "Second")


def test_those_of_the_last_moment_that_was_read_are_not_certain(
    mara: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked, "STEPS", (2,))
    moment = datetime(2026, 10, 1, 12, tzinfo=UTC)
    pictures = [picture_of(mara, created_at=moment) for _n in range(4)]
    tagging.tag_pictures(mara, [one.pk for one in pictures], "poster")
    # As SQLite itself writes a time: with digits that Django leaves out.
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE omixa_studio_picture SET created_at = created_at || '.000'")
    items = marked.items_of({"tag": "poster"}, mara, mara.pk)
    assert items is not None
    first, last = marked.item_attempts(lambda **_how: Picture.objects.all(), items, PageStart())
    assert (first.complete, [*first.rows]) == (False, [])
    assert last.complete
