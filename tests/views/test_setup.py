"""The first visit: who may make the first admin, and that it happens once."""

import logging
import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from omixa_studio.models import Limit, Person
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.views.setup import CODE
from tests.factories import make_person

pytestmark = pytest.mark.django_db
GOOD = "tall-blue-harbour"
HERE = {"host": "localhost:8000"}
FORM = {"username": "mara", "email": "", "password": GOOD, "again": GOOD}


@pytest.fixture
def visitor(settings: Settings) -> Client:
    """Somebody whose browser calls the studio by a name that is not this machine's."""
    settings.STUDIO_URL = "https://studio.example.org"
    settings.ALLOWED_HOSTS = ["studio.example.org"]
    settings.SECURE_SSL_REDIRECT = False
    return Client(headers={"host": "studio.example.org"})


@pytest.mark.parametrize("path", ["/", "/login/", "/costs/", "/nothing/here"])
def test_it_leads_every_page_to_setup(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response["location"]) == (302, "/setup/")


def test_it_speaks_the_language_that_one_chooses(client: Client) -> None:
    page = client.get("/setup/", headers=HERE).content.decode()
    assert 'name="next" value="/setup/"' in page
    chosen = {"language": "ru", "next": "/setup/"}
    answer = client.post("/language/", chosen, headers=HERE)
    assert (answer.status_code, answer["location"]) == (302, "/setup/")
    assert 'lang="ru"' in client.get("/setup/", headers=HERE).content.decode()[:200]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"limit": "40"}, 40_000_000),
        ({"limit": "", "no_limit": "on"}, None),
        ({"limit": "40", "no_limit": "on"}, None),
        ({}, None),
    ],
)
def test_it_asks_for_the_limit_of_each_person(
    client: Client, sent: dict[str, str], expected: int | None
) -> None:
    assert 'name="limit" value="100.00"' in client.get("/setup/", headers=HERE).content.decode()
    refused = client.post("/setup/", FORM | {"limit": ""}, headers=HERE)
    assert refused.status_code == 422
    assert client.post("/setup/", FORM | sent, headers=HERE).status_code == 302
    assert studio_settings().default_limit_micros == expected
    limits = list(Limit.objects.values_list("amount_micros", "subject"))
    assert limits == ([(expected, str(Person.objects.get().pk))] if expected else [])


def test_it_offers_no_empty_limit_to_whoever_mistypes_one(client: Client) -> None:
    """Empty is refused here, so that a mistyped limit must not say that it may be."""
    page = client.post("/setup/", FORM | {"limit": "ten"}, headers=HERE).content.decode()
    assert "such as 25 or 12.50." in page


def test_it_makes_an_admin_and_logs_in(client: Client) -> None:
    response = client.post("/setup/", FORM, headers=HERE)
    assert (response.status_code, response["location"]) == (302, "/")
    made = Person.objects.get()
    assert (made.username, made.role) == ("mara", "admin")
    assert client.get("/people/").status_code == 200


def test_it_is_gone_afterwards(client: Client) -> None:
    make_person()
    assert client.get("/setup/", headers=HERE).status_code == 404
    assert client.post("/setup/", FORM, headers=HERE).status_code == 404
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"username": ""}, "This field is required."),
        ({"username": "two words"}, "Enter a valid username."),
        ({"email": "nowhere"}, "Enter a valid email address."),
        ({"password": "short1x", "again": "short1x"}, "This password is too short."),
        ({"password": "password", "again": "password"}, "This password is too common."),
        ({"again": "another-harbour"}, "The two passwords are not the same."),
        ({"username": "blueharbour", "password": "blueharbour", "again": "blueharbour"}, "similar"),
    ],
)
def test_it_refuses_with_a_sentence(client: Client, changed: dict[str, str], sentence: str) -> None:
    response = client.post("/setup/", FORM | changed, headers=HERE)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Person.objects.exists()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_it_asks_no_code_on_this_machine(client: Client, host: str) -> None:
    assert "id_code" not in client.get("/setup/", headers={"host": host}).content.decode()


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via", "CF-Connecting-IP"],
)
def test_it_asks_a_code_behind_a_proxy(client: Client, header: str) -> None:
    html = client.get("/setup/", headers={**HERE, header: "127.0.0.1"}).content.decode()
    assert "id_code" in html


def test_it_asks_a_code_where_a_host_is_made_up(client: Client) -> None:
    response = client.get("/setup/", headers=HERE, REMOTE_ADDR="192.168.1.7")
    assert "id_code" in response.content.decode()


def test_it_asks_a_code_under_a_public_address(visitor: Client, settings: Settings) -> None:
    assert "id_code" in visitor.get("/setup/").content.decode()
    settings.ALLOWED_HOSTS = ["localhost"]
    assert "id_code" in visitor.get("/setup/", headers=HERE).content.decode()


def test_it_writes_the_code_into_the_log_in_one_line(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "omixa_studio"):
        html = visitor.get("/setup/").content.decode()
    [line] = [one.getMessage() for one in caplog.records if one.name.startswith("omixa_studio")]
    assert re.search(r"Setup code for the first account: \w{5}-\w{5}$", line)
    assert CODE in line
    assert CODE not in html


# By names, because the code is another one in each process.
TYPINGS: dict[str, Callable[[str], str]] = {
    "as written": str,
    "in small letters": str.lower,
    "with a space": lambda code: f" {code.replace('-', ' ')} ",
}


@pytest.mark.parametrize("how", TYPINGS)
def test_it_takes_the_code_however_it_is_typed(visitor: Client, how: str) -> None:
    assert visitor.post("/setup/", {**FORM, "code": TYPINGS[how](CODE)}).status_code == 302
    assert Person.objects.count() == 1


@pytest.mark.parametrize("typed", ["", "AAAAA-AAAAA", "Ж" * 10, "A"])
def test_it_refuses_another_code(visitor: Client, typed: str) -> None:
    response = visitor.post("/setup/", {**FORM, "code": typed})
    assert response.status_code == 422
    assert not Person.objects.exists()


def test_it_lets_nobody_guess_for_long(visitor: Client) -> None:
    answers = [visitor.post("/setup/", {**FORM, "code": "no"}).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert visitor.post("/setup/", {**FORM, "code": CODE}).status_code == 429


def test_it_makes_the_admin_of_the_environment_on_the_first_request(
    client: Client, settings: Settings
) -> None:
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD, settings.ADMIN_EMAIL = "mara", GOOD, ""
    assert client.get("/setup/", headers=HERE).status_code == 404
    response = client.post("/login/", {"login": "mara", "password": GOOD})
    assert (response.status_code, response["location"]) == (302, "/")


def test_it_refuses_a_post_without_its_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/setup/", FORM, headers=HERE).status_code == 403
    assert not Person.objects.exists()
