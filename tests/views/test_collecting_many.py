"""Whole selections go into a collection and out of it in the background, and come back."""

import pytest
from django.test import Client

from omixa_studio.models import BackgroundJob, Collection, JobState, Person, Picture
from omixa_studio.services import background
from omixa_studio.services import selections as steps
from omixa_studio.services.background_kinds import KINDS
from omixa_studio.views import adding, collecting
from tests.factories import make_collection, make_many

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
SCRIPT = {"HX-Request": "true"}
ADD = "/collections/add/"
ALL = {"gallery": "/gallery/", "all": "1"}


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((adding, "MOST_IDS"), (collecting, "MOST_IDS"), (steps, "MOST_AT_ONCE")):
        monkeypatch.setattr(module, name, 10)
    monkeypatch.setattr(background, "LEAST_REST_SECONDS", 0)


def work() -> BackgroundJob:
    while background.take_turn(KINDS, "here:7"):
        continue
    return BackgroundJob.objects.latest("pk")


def order_of(collection: Collection) -> list[int]:
    return list(collection.items.order_by("position").values_list("picture", flat=True))


def test_many_are_added_after_the_question_and_undone(client: Client, person: Person) -> None:
    keys = make_many(person, 30)
    made = make_collection(person, access="team_read", name="Sea")
    asked = client.post(ADD, ALL, headers=SCRIPT)
    assert "+22" in asked.text
    assert 'name="all" value="1"' in asked.text
    into = {**ALL, "collection": str(made.pk), "next": "/gallery/"}
    refused = client.post(ADD, into, headers=SCRIPT)
    assert refused.status_code == 422
    assert "30 of these pictures are private" in refused.text
    answer = client.post(ADD, {**into, "share": "yes"}, headers=SCRIPT)
    assert "job-started" in answer.headers["HX-Trigger-After-Settle"]
    job = work()
    assert order_of(made) == keys[::-1]
    assert Picture.objects.filter(shared=True).count() == 30
    page = client.get("/jobs/").text
    assert "30 pictures added to the collection." in page
    assert f'href="/collections/{made.pk}/"' in page
    client.post(f"/jobs/{job.pk}/undo/")
    work()
    assert order_of(made) == []


def test_many_are_removed_and_come_back_in_their_order(client: Client, person: Person) -> None:
    keys = make_many(person, 30)
    pictures = [Picture.objects.get(pk=pk) for pk in [*keys[7:], *keys[:7]]]
    made = make_collection(person, *pictures)
    before = order_of(made)
    sent = {"gallery": f"/collections/{made.pk}/", "all": "1", "without": str(keys[3])}
    client.post(f"/collections/{made.pk}/remove/", sent)
    job = work()
    assert order_of(made) == [keys[3]]
    assert "29 pictures removed from the collection." in client.get("/jobs/").text
    client.post(f"/jobs/{job.pk}/undo/")
    work()
    assert order_of(made) == before


def test_a_new_one_is_made_and_what_is_gone_is_said(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_many(person, 12)
    monkeypatch.setattr(background, "MOST_OPEN", 0)
    refused = client.post(ADD, {**ALL, "name": "New"}, headers=SCRIPT)
    assert refused.status_code == 422
    assert not Collection.objects.exists(), "nothing was begun, so nothing is left"
    monkeypatch.setattr(background, "MOST_OPEN", 10)
    client.post(ADD, {**ALL, "name": "New"}, headers=SCRIPT)
    first = work()
    made = Collection.objects.get(name="New")
    assert made.items.count() == 12
    client.post(ADD, {**ALL, "collection": made.pk}, headers=SCRIPT)
    client.post(f"/collections/{made.pk}/delete/")
    assert work().state == JobState.FAILED
    assert "The collection is gone" in client.get("/jobs/").text
    monkeypatch.setattr(steps, "MOST_AT_ONCE", 500)
    undone = client.post(f"/jobs/{first.pk}/undo/", follow=True)
    assert "The collection is gone" in undone.text
    assert client.post("/bulk/", {**ALL, "action": "collect"}).status_code == 404
