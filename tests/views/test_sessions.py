"""Sessions are renewed by use: who comes at least every two weeks never has to log in again."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import PASSWORD, make_person

pytestmark = pytest.mark.django_db
AGE = timedelta(seconds=settings.SESSION_COOKIE_AGE)


@pytest.fixture
def client(client: Client) -> Client:
    """The browser of somebody who has logged in through the form."""
    make_person("mara")
    client.post("/login/", {"login": "mara", "password": PASSWORD})
    return client


def pass_time(days: int) -> None:
    Session.objects.update(expire_date=F("expire_date") - timedelta(days=days))


def left() -> timedelta:
    return Session.objects.get().expire_date - timezone.now()


def test_use_renews_a_session_once_a_day(client: Client) -> None:
    for _ in range(3):
        pass_time(13)
        answer = client.get("/account/")
        assert answer.status_code == 200
        assert left() > AGE - timedelta(minutes=1)
        cookie = answer.cookies[settings.SESSION_COOKIE_NAME]
        assert cookie["max-age"] == AGE.total_seconds()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get("/account/")
    assert not [one for one in asked if "UPDATE" in one["sql"]]
    assert settings.SESSION_COOKIE_NAME not in answer.cookies


def test_a_session_that_is_not_used_ends(client: Client) -> None:
    pass_time(14)
    assert client.get("/account/").status_code == 302
