"""Machines of one studio that sign with different secrets notice it, and say so."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from omixa_studio.models import WorkerSeen
from omixa_studio.queries.readiness import look_at_parts, workers_seen
from omixa_studio.services import models_file, secret_marks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_marks, "is_shared", lambda: True)
    monkeypatch.setattr(secret_marks, "_told", set())


def is_ready() -> bool:
    return next(part.ok for part in look_at_parts("sandbox") if part.name == "secret")


def test_another_secret_is_noticed_by_both_and_logged_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.COOKIE_ENDING = "11111111"
    assert secret_marks.compare("there:7") == []
    assert secret_marks.compare("web there:8") == []
    settings.COOKIE_ENDING = "22222222"
    for _twice in range(2):
        assert secret_marks.compare("here:7") == ["there:7", "web there:8"]
    [line] = caplog.messages
    assert "Another STUDIO_SECRET_KEY than here is used by there:7, web there:8" in line
    assert not is_ready()
    settings.COOKIE_ENDING = "11111111"
    assert not is_ready()
    assert secret_marks.compare("here:7") == [], "the machine came back with the right one"
    assert is_ready()
    assert WorkerSeen.objects.filter(worker="here:7").count() == 1


def test_those_that_are_gone_and_queues_are_left_alone(settings: Settings) -> None:
    settings.COOKIE_ENDING = "11111111"
    secret_marks.compare("there:7")
    WorkerSeen.objects.update(seen_at=timezone.now() - timedelta(seconds=91))
    settings.COOKIE_ENDING = "22222222"
    assert secret_marks.compare("here:7") == []
    assert workers_seen("sandbox") == 0


def test_one_machine_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_marks, "is_shared", models_file.is_shared)
    if not models_file.is_shared():
        assert secret_marks.compare("here:7") == []
        assert not WorkerSeen.objects.exists()
