"""Rows that are made without a look at the columns that were not read."""

import pickle

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from omixa_studio.models import Generation, Person, Picture
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def picture() -> Picture:
    return make_picture(make_generation(make_person("ada"), prompt="A pier"))


def test_a_row_has_the_columns_read_and_fetches_others_when_asked(picture: Picture) -> None:
    some = Picture.objects.only("width").get()
    assert some.get_deferred_fields() >= {"height", "sha256"}
    with CaptureQueriesContext(connection) as asked:
        assert (some.pk, some.width) == (picture.pk, picture.width)
        assert len(asked) == 0
        assert some.sha256 == picture.sha256
        assert len(asked) == 1
    assert some == picture


def test_a_related_row_is_there_with_its_own(picture: Picture) -> None:
    found = Picture.objects.select_related("generation__person").get()
    with CaptureQueriesContext(connection) as asked:
        assert found.generation.person == picture.person
        assert found.generation.prompt == "A pier"
    assert len(asked) == 0


@pytest.mark.usefixtures("picture")
def test_a_row_is_changed_in_its_place() -> None:
    row, person = Generation.objects.get(), Person.objects.get()
    row.prompt, person.first_name = "A bridge", "Ada"
    row.save()
    person.save()
    assert (Generation.objects.get().prompt, Generation.objects.count()) == ("A bridge", 1)
    assert (Person.objects.get().first_name, Person.objects.count()) == ("Ada", 1)
    row.refresh_from_db(fields=["prompt"])
    assert row.prompt_search == "a bridge"


def test_a_row_survives_being_packed(picture: Picture) -> None:
    packed = pickle.dumps(Picture.objects.defer("note").get())
    assert pickle.loads(packed).note == picture.note
