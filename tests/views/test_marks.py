"""Tags, note and verdict of a picture: put on, taken off, undone, and who reads them."""

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Person, Picture, Tag
from omixa_studio.queries.tags import tags_of
from tests.factories import make_collection, make_generation, make_person, make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def picture(person: Person) -> Picture:
    return make_picture(make_generation(person))


def post(client: Client, picture: Picture, **form: Any) -> str:
    path = reverse("picture_marks", args=[picture.pk])
    return client.post(path, form, headers=SCRIPT).content.decode()


def undo(client: Client, answer: str) -> None:
    found = re.search(r'action="([^"]*(?:tag|note_back)=[^"]*)"', answer)
    assert found, answer
    client.post(html.unescape(found[1]), {"next": "/gallery/"})


def names(picture: Picture) -> list[str]:
    return [tag.name for tag in tags_of(picture)]


def test_tags_are_put_on_taken_off_and_undone(client: Client, picture: Picture) -> None:
    answer = post(client, picture, tag=" #Dawn, harbour\x00 ,, DAWN,\t")
    assert names(picture) == ["Dawn", "harbour"]
    assert f"{reverse('gallery')}?tag=Dawn" in answer
    undo(client, answer)
    assert names(picture) == []
    post(client, picture, tag="Dawn")
    answer = post(client, picture, untag=Tag.objects.get(folded="dawn").pk)
    assert names(picture) == []
    undo(client, answer)
    assert names(picture) == ["Dawn"]
    without_script = client.post(reverse("picture_marks", args=[picture.pk]), {"tag": "x" * 400})
    assert without_script.status_code == 303
    assert "x" * 60 in names(picture)


def test_a_note_is_kept_and_comes_back(client: Client, picture: Picture) -> None:
    post(client, picture, note="First <b>\r\nline")
    answer = post(client, picture, note="Second")
    undo(client, answer)
    picture.refresh_from_db()
    assert picture.note == "First <b>\nline"
    path = reverse("picture_marks", args=[picture.pk])
    assert "First &lt;b&gt;" in client.get(path).content.decode()
    assert client.post(path, {"note": "y" * 2001}, headers=SCRIPT).status_code == 422
    picture.refresh_from_db()
    assert picture.note == "First <b>\nline"


def test_the_team_reads_what_is_shared_and_changes_nothing(client: Client, person: Person) -> None:
    owner = make_person()
    theirs = make_picture(make_generation(owner), shared=True, note="For the client")
    owners = Client()
    owners.force_login(owner)
    post(owners, theirs, tag="Brand")
    answer = client.get(reverse("picture_marks", args=[theirs.pk]), headers=SCRIPT)
    said = answer.content.decode()
    assert "For the client" in said
    assert f"{reverse('team')}?tag=Brand" in said
    assert "<form" not in said
    for form in ({"tag": "x"}, {"note": "x"}, {"untag": Tag.objects.get().pk}):
        assert client.post(reverse("picture_marks", args=[theirs.pk]), form).status_code == 404
    assert names(theirs) == ["Brand"]


def test_it_names_collections_that_the_viewer_may_open(client: Client, person: Person) -> None:
    owner = make_person()
    theirs = make_picture(make_generation(owner), shared=True)
    make_collection(owner, theirs, name="Secret")
    made = make_collection(owner, theirs, name="Open", access="team_read")
    cover = reverse("collection_cover", args=[made.pk])
    said = client.get(reverse("picture_marks", args=[theirs.pk]), headers=SCRIPT).content.decode()
    assert "Open" in said
    assert "Secret" not in said
    assert cover not in said
    owners = Client()
    owners.force_login(owner)
    path = reverse("picture_marks", args=[theirs.pk])
    assert cover in owners.get(path, headers=SCRIPT).content.decode()


def test_suggestions_complete_the_last_name(
    client: Client, picture: Picture, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    post(client, picture, tag="Harbour, Haze")
    path = reverse("tags_suggest")
    with django_assert_max_num_queries(6):
        said = client.get(path, {"tag": "Dawn, HA"}).content.decode()
    assert re.findall(r'value="([^"]*)"', said) == ["Dawn, Harbour", "Dawn, Haze"]
    for odd in ("\x00", "%", "_" * 5000, "😀"):
        assert client.get(path, {"tag": odd}).status_code == 200
