"""A selection in a gallery: told before, refused without a loss, undone as a whole."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import BackgroundJob, Collection, Person, Picture, PictureTag, Tag
from omixa_studio.services import background, tagging
from omixa_studio.services.background_kinds import KINDS
from tests.factories import make_many, make_person

pytestmark = pytest.mark.django_db

BULK = "/pictures/bulk/"
SCRIPT = {"HX-Request": "true"}
ALL = {"gallery": "/gallery/", "all": "1"}


def shared() -> int:
    return Picture.objects.filter(shared=True).count()


def work() -> None:
    while background.take_turn(KINDS, "here:7"):
        continue


def test_few_are_changed_at_once_and_undone(client: Client, person: Person) -> None:
    make_many(person, 20)
    answer = client.post(BULK, {**ALL, "action": "share"}, headers=SCRIPT)
    assert "20 pictures shared with the team." in answer.text
    assert shared() == 20
    [undo] = re.findall(r'action="(/jobs/\d+/undo/)"', answer.text)
    assert "Made private: 20 pictures." in client.post(undo, headers=SCRIPT).text
    assert "undone already" in client.post(undo, headers=SCRIPT).text
    assert shared() == 0
    assert client.get("/jobs/shown/").status_code == 204


def test_many_are_told_first_and_done_in_the_background(client: Client, person: Person) -> None:
    make_many(person, 510)
    asked = client.post(BULK, {**ALL, "action": "share", "next": "/gallery/"})
    assert "Share 510 pictures with the team?" in asked.text
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    assert not BackgroundJob.objects.exists()
    assert client.post(BULK, sent)["Location"] == "/gallery/"
    page = client.get("/gallery/").text
    assert "Sharing 510 pictures" in page
    [seen] = re.findall(r"/jobs/shown/\?seen=([^\"]*)", page)
    work()
    told = client.get(f"/jobs/shown/?seen={seen}", headers=SCRIPT).text
    assert "510 pictures shared with the team." in told
    assert shared() == 510
    job = BackgroundJob.objects.get()
    assert "Sharing 510 pictures" in client.get("/jobs/").text
    assert f'data-job="{job.pk}"' in client.get(f"/jobs/{job.pk}/", headers=SCRIPT).text
    client.post(f"/jobs/{job.pk}/close/")
    assert "Sharing 510 pictures" not in client.get("/gallery/").text


def test_a_tag_is_asked_for_and_undone_where_it_is_new(client: Client, person: Person) -> None:
    first, *_others, full = make_many(person, 20)
    for n in range(tagging.MOST_ON_A_PICTURE):
        tagging.tag_pictures(person, [full], f"Tag {n}")
    tagging.tag_pictures(person, [first], "Fox")
    asked = client.post(BULK, {**ALL, "action": "tag"}, headers=SCRIPT)
    assert "Tag 20 pictures?" in asked.text
    assert 'name="tag"' in asked.text
    assert "Tag 1 picture?" in client.post(BULK, {"action": "tag", "ids": first}).text
    said = client.post(BULK, {**ALL, "action": "tag", "tag": "fox"}, headers=SCRIPT).text
    assert "18 pictures tagged." in said
    assert "1 has as many tags" in said
    assert PictureTag.objects.filter(tag__name="Fox").count() == 19
    [undo] = re.findall(r'action="(/jobs/\d+/undo/)"', said)
    assert "Tag removed from 18 pictures." in client.post(undo, headers=SCRIPT).text
    assert PictureTag.objects.get(tag__name="Fox").picture_id == first


def test_a_tag_is_taken_off_many_in_the_background(client: Client, person: Person) -> None:
    made = make_many(person, 510)
    tagging.tag_pictures(person, made, "Fox")
    sent = {**ALL, "action": "untag", "tag": "FOX", "next": "/gallery/"}
    assert "Remove a tag from 510 pictures?" in client.post(BULK, sent).text
    client.post(BULK, {**sent, "confirmed": "yes"})
    work()
    assert not PictureTag.objects.exists()
    [job] = BackgroundJob.objects.all()
    client.post(f"/jobs/{job.pk}/undo/")
    work()
    assert PictureTag.objects.count() == 510


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"action": "tag", "tag": "a,b"}, "one tag at a time"),
        ({"action": "untag", "tag": "nowhere"}, "no such tag"),
    ],
)
def test_an_odd_tag_changes_nothing(
    client: Client, person: Person, sent: dict[str, str], said: str
) -> None:
    make_many(person, 2)
    answer = client.post(BULK, {**ALL, **sent}, headers=SCRIPT)
    assert answer.status_code == 422
    assert said in answer.text
    assert not Tag.objects.exists()


def test_it_says_how_many_are_left_out(client: Client, person: Person) -> None:
    make_many(make_person(), 3, shared=True)
    mine = make_many(person, 2, shared=True)
    team = {"gallery": "/team/", "all": "1", "action": "private"}
    asked = client.post(BULK, team, headers=SCRIPT).text
    assert "Make 2 pictures private?" in asked
    assert "3 selected pictures are not yours" in asked
    client.post(BULK, {**team, "confirmed": "yes"}, headers=SCRIPT)
    assert set(Picture.objects.filter(shared=False).values_list("pk", flat=True)) == set(mine)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"gallery": "/costs/", "all": "1"}, "cannot be read"),
        ({"gallery": "/gallery/", "ranges": "x"}, "cannot be read"),
        ({"gallery": "/gallery/", "ranges": "999-998"}, "is gone"),
        ({"gallery": "/collections/999/", "all": "1"}, "is gone"),
        ({"gallery": "/gallery/", "ids": "999"}, "is there any more"),
        ({"gallery": "/team/", "all": "1"}, "None of the selected pictures is yours"),
    ],
)
@pytest.mark.parametrize("action", ["trash", "cutout"])
def test_a_refusal_changes_nothing(
    client: Client, person: Person, sent: dict[str, str], said: str, action: str
) -> None:
    make_many(make_person(), 2, shared=True)
    answer = client.post(BULK, {**sent, "action": action}, headers=SCRIPT)
    if action == "trash" or "yours" not in said:
        assert answer.status_code == 422
        assert said in answer.text
    assert not Picture.objects.exclude(trashed_at=None).exists()


def test_a_star_and_a_rejection_leave_each_other_alone(client: Client, person: Person) -> None:
    made = make_many(person, 4)
    Picture.objects.filter(pk=made[0]).update(verdict="rejected")
    answer = client.post(BULK, {**ALL, "action": "star"}, headers=SCRIPT)
    assert "3 pictures starred. 1 is rejected and stays so." in answer.text
    answer = client.post(BULK, {**ALL, "action": "reject"}, headers=SCRIPT)
    assert "Nothing had to be changed. 3 have a star and keep it." in answer.text


def test_a_page_asks_for_jobs_only_of_those_who_have_some(
    client: Client, person: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/jobs/shown/")  # the first request of all looks for an account
    with django_assert_num_queries(2):  # the session and the person
        assert client.get("/jobs/shown/").status_code == 204


def test_jobs_of_others_are_not_there(client: Client, person: Person) -> None:
    theirs = background.start(make_person(), "step", {"step": "share"}, wake=lambda: None)
    for act in ("cancel", "undo", "close"):
        assert client.post(f"/jobs/{theirs.pk}/{act}/").status_code == 404
    assert client.get(f"/jobs/{theirs.pk}/", headers=SCRIPT).status_code == 404


def test_admins_see_what_the_studio_does(client: Client, person: Person) -> None:
    background.ensure("hashes")
    assert "older pictures" not in client.get("/jobs/").text
    Person.objects.filter(pk=person.pk).update(role="admin")
    assert "older pictures" in client.get("/jobs/").text


def test_a_range_goes_into_a_collection(client: Client, person: Person) -> None:
    newest = make_many(person, 9)[::-1]
    chosen = {"gallery": "/gallery/", "ranges": f"{newest[2]}-x{newest[5]}", "name": "Harbour"}
    answer = client.post("/collections/add/", chosen, headers=SCRIPT)
    assert "3 pictures added to “Harbour”." in answer.text
    collection = Collection.objects.get()
    assert set(collection.items.values_list("picture", flat=True)) == set(newest[2:5])
    within = {"gallery": f"/collections/{collection.pk}/", "all": "1"}
    client.post(BULK, {**within, "action": "share"})
    assert shared() == 3
    client.post(f"/collections/{collection.pk}/remove/", within)
    assert not collection.items.exists()
