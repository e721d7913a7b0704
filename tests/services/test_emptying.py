"""The worker empties the trash, all of it, and apart from its sweep."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from omixa_studio import storage
from omixa_studio.models import InputImage, Picture
from omixa_studio.services import curating, inputs
from omixa_studio.worker import Worker, chores
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


def throw_away(days: int) -> Picture:
    since = timezone.now() - timedelta(days=days)
    return make_picture(make_generation(make_person()), size=(80, 64), trashed_at=since)


def test_it_deletes_what_was_thrown_away_for_long(worker: Worker) -> None:
    throw_away(31)
    young = throw_away(29)
    chores.empty(worker)
    assert list(Picture.objects.all()) == [young]


def test_it_leaves_the_trash_to_a_thread_of_its_own(worker: Worker) -> None:
    throw_away(31)
    worker.sweep()
    assert Picture.objects.count() == 1


def test_it_goes_on_until_all_is_gone(worker: Worker) -> None:
    one = throw_away(31)
    many = range(1, curating.MOST_AT_ONCE + 2)
    Picture.objects.bulk_create(_another(one, index) for index in many)
    chores.empty(worker)
    assert not Picture.objects.exists()


def test_what_cannot_be_deleted_holds_up_nothing_else(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As files of another owner are, where a copy was put back by hand."""
    stuck, other = throw_away(40), throw_away(35)
    remove = storage.remove

    def refuse(name: str) -> None:
        if name == stuck.name:
            raise PermissionError(13, "Permission denied", name)
        remove(name)

    monkeypatch.setattr(storage, "remove", refuse)
    Session.objects.create(session_key="old", expire_date=timezone.now())
    chores.empty(worker)
    assert list(Picture.objects.all()) == [stuck]
    assert storage.size(other.name) is None
    assert not Session.objects.exists()
    monkeypatch.undo()
    chores.empty(worker)
    assert not Picture.objects.exists()


def test_it_forgets_sessions_that_have_run_out(worker: Worker) -> None:
    Session.objects.create(session_key="old", expire_date=timezone.now())
    chores.empty(worker)
    assert not Session.objects.exists()


def test_it_stops_with_the_worker(worker: Worker) -> None:
    throw_away(31)
    worker.stopping.set()
    chores.empty(worker)
    assert Picture.objects.count() == 1


def _another(picture: Picture, index: int) -> Picture:
    """A copy whose files are gone already, as after a crash."""
    values = {field.attname: getattr(picture, field.attname) for field in Picture._meta.fields}
    changed = {"id": None, "index": index, "name": f"gone/{index}", "thumb": f"gone/t{index}"}
    return Picture(**(values | changed))


def test_it_forgets_inputs_that_nobody_sent(worker: Worker) -> None:
    person = make_person()
    old, new = (
        inputs.keep_picture(person, make_picture(make_generation(person), size=(80, 64)))
        for _ in range(2)
    )
    InputImage.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    chores.empty(worker)
    assert list(InputImage.objects.all()) == [new]
