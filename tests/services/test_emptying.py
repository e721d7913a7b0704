"""The worker's sweep empties the trash, once an hour and not more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from omixa_studio.gateway.client import Gateway
from omixa_studio.models import InputImage, Picture
from omixa_studio.services import inputs
from omixa_studio.worker import Times, Worker
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> Worker:
    gateway = Gateway("http://127.0.0.1:9/api/v1", "none", call_seconds=1, answer_bytes=2**20)
    return Worker(threads=1, times=Times(), target="sandbox", gateway=gateway)


def throw_away(days: int) -> Picture:
    since = timezone.now() - timedelta(days=days)
    return make_picture(make_generation(make_person()), size=(80, 64), trashed_at=since)


def test_it_deletes_what_was_thrown_away_for_long(worker: Worker) -> None:
    throw_away(31)
    young = throw_away(29)
    worker.sweep()
    assert list(Picture.objects.all()) == [young]


def test_it_does_so_once_an_hour(worker: Worker) -> None:
    worker.sweep()
    throw_away(31)
    worker.sweep()
    assert Picture.objects.count() == 1


def test_it_forgets_inputs_that_nobody_sent(worker: Worker) -> None:
    person = make_person()
    old, new = (
        inputs.keep_picture(person, make_picture(make_generation(person), size=(80, 64)))
        for _ in range(2)
    )
    InputImage.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    worker.sweep()
    assert list(InputImage.objects.all()) == [new]
