"""Sessions are renewed by use, and end some time after the login all the same."""

from datetime import timedelta

import pytest
import time_machine
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


def test_a_session_ends_a_month_after_the_login_however_often_it_is_used(client: Client) -> None:
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(3):
            clock.shift(timedelta(days=9))
            assert client.get("/account/").status_code == 200
        clock.shift(timedelta(days=4))
        assert client.get("/account/").status_code == 302
        assert not Session.objects.exists()
        client.post("/login/", {"login": "mara", "password": PASSWORD})
        clock.shift(timedelta(days=9))
        assert client.get("/account/").status_code == 200


def test_a_session_from_before_that_rule_ends_a_month_from_now(client: Client) -> None:
    session = client.session
    del session["began"]
    session.save()
    client.get("/account/")
    assert client.session["began"] == pytest.approx(timezone.now().timestamp(), abs=60)
