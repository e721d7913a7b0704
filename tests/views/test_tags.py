"""The page of one's tags: counted, renamed, merged, deleted; each comes back as it was."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Person, Picture, PictureTag, Tag
from omixa_studio.queries import tags as read
from omixa_studio.services import background, tagging
from omixa_studio.services import selections as steps
from omixa_studio.services.background_kinds import KINDS
from tests.factories import make_generation, make_many, make_person, make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
UNDO = re.compile(r'action="([^"]*)" method="post">\s*<input[^>]*>\s*<input[^>]*>\s*<button>Undo')


def tagged(person: Person, name: str, pks: list[int]) -> Tag:
    return tagging.tag_pictures(person, pks, name).tag


def names_on(person: Person) -> list[tuple[str, int]]:
    on = PictureTag.objects.filter(person=person).order_by("tag__folded", "picture")
    return list(on.values_list("tag__name", "picture"))


def post(client: Client, path: str, **sent: str) -> str:
    """Send a form; the path of the undo that its toast offers, "" for none."""
    page = client.post(path, sent, follow=True)
    assert page.status_code == 200
    found = UNDO.search(page.text)
    return found[1].replace("&amp;", "&") if found else ""


def test_one_is_renamed_merged_and_deleted_and_comes_back(client: Client, person: Person) -> None:
    a, b, c = make_many(person, 3)
    other = make_person()
    theirs = make_picture(make_generation(other), shared=True)
    boat, ship = tagged(person, "Boat", [a, b]), tagged(person, "ship", [b, c])
    Picture.objects.filter(pk=a).update(trashed_at="2026-01-02T00:00:00Z")
    before = names_on(person)
    undo = post(client, f"/tags/{boat.pk}/rename/", name="Лодка")
    assert names_on(person)[-1] == ("Лодка", b)
    assert post(client, undo) == ""
    assert names_on(person) == before
    undo = post(client, f"/tags/{boat.pk}/rename/", name=" SHIP ")
    assert names_on(person) == [("ship", a), ("ship", b), ("ship", c)]
    post(client, undo)
    assert names_on(person) == before
    undo = post(client, f"/tags/{boat.pk}/delete/")
    assert names_on(person) == [("ship", b), ("ship", c)]
    post(client, undo)
    assert names_on(person) == before
    tagged(other, "boat", [theirs.pk])
    undo = post(client, f"/tags/{boat.pk}/rename/", name="Yacht")
    assert names_on(other) == [("Boat", theirs.pk)]
    assert names_on(person)[-2:] == [("Yacht", a), ("Yacht", b)]
    post(client, undo)
    assert names_on(person) == before
    odd = client.post(f"/tags/{ship.pk}/rename/", {"name": "a, b"}, follow=True)
    assert "A tag needs a name" in odd.text
    assert names_on(person) == before


def test_many_are_changed_in_the_background(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "MOST_AT_ONCE", 5)
    monkeypatch.setattr("omixa_studio.queries.selections.IDS_AT_A_TIME", 4)
    monkeypatch.setattr(background, "LEAST_REST_SECONDS", 0)
    keys = make_many(person, 12)
    boat = tagged(person, "boat", keys)
    tagged(person, "ship", keys[:3])
    before = names_on(person)
    for path, sent, after in (
        (f"/tags/{boat.pk}/rename/", {"name": "ship"}, [("ship", pk) for pk in keys]),
        (f"/tags/{boat.pk}/delete/", {}, [("ship", pk) for pk in keys[:3]]),
    ):
        assert post(client, path, **sent) == ""
        while background.take_turn(KINDS, "here:7"):
            continue
        assert names_on(person) == after
        [undo] = re.findall(r'action="(/jobs/\d+/undo/)"', client.get("/gallery/").text)
        post(client, undo)
        while background.take_turn(KINDS, "here:7"):
            continue
        assert names_on(person) == before
        client.post(undo.replace("undo", "close"))


def test_the_page_counts_finds_and_goes_on(
    client: Client,
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    a, b = make_many(person, 2)
    assert "No tags yet" in client.get("/tags/").text
    for name, pks in (("Ёлка", [a]), ("<b>", [a, b]), ("елочный шар", [b])):
        tagged(person, name, pks)
    other = make_person()
    tagged(other, "secret", make_many(other, 1))
    with django_assert_max_num_queries(8):
        page = client.get("/tags/").text
    assert re.findall(r"<bdi>(.*?)</bdi>", page)[-3:] == ["&lt;b&gt;", "Ёлка", "елочный шар"]
    assert "2 pictures" in page
    assert "secret" not in page
    assert "Ёлка" in client.get("/tags/?q=ЕЛКА").text
    assert "No tags found" in client.get("/tags/?q=%00zz").text
    monkeypatch.setattr(read, "MOST_LISTED", 2)
    monkeypatch.setattr(read, "MOST_COUNTED", 1)
    first = client.get("/tags/").text
    [further] = re.findall(r'href="\?(q=&amp;after=[^"]*)"', first)
    assert "елочный шар" in client.get("/tags/?" + further.replace("&amp;", "&")).text
