"""The page for probes: true while the database answers, whatever they call the studio."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from tests.factories import make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dead_database() -> Iterator[None]:
    """Lead every new connection to a database that is not there."""
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "/no/such/folder/studio.sqlite3"
    yield
    connection.close()
    connection.settings_dict["NAME"] = name


@pytest.fixture
def known() -> Client:
    """A browser with a session."""
    client = Client()
    client.force_login(make_person())
    return client


@pytest.mark.parametrize("host", ["localhost", "10.0.0.7:8000", "elsewhere.example"])
def test_it_answers_under_every_name(client: Client, host: str) -> None:
    answer = client.get("/health", headers={"host": host})
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert not answer.cookies


def test_it_says_when_the_database_is_gone(known: Client, dead_database: None) -> None:
    answer = known.get("/health", headers={"accept-language": "ru"})
    assert (answer.status_code, answer.content) == (503, b"no database")


def test_it_takes_no_posts(client: Client) -> None:
    assert client.post("/health").status_code == 405
