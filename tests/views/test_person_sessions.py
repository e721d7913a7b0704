"""Where one is logged in: listed on the account page, ended one by one or all at once."""

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django.asserts import assertContains

from omixa_studio.models import Act, Person, PersonSession
from omixa_studio.presenters.person_sessions import MOST_SHOWN, device_name
from omixa_studio.services import people, person_sessions
from omixa_studio.services.audit import Actor
from tests.factories import PASSWORD, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def mara() -> Person:
    return make_person("mara")


def logged_in(browser: str, address: str, person: str = "mara") -> Client:
    """A browser that has logged in through the form."""
    client = Client(headers={"user-agent": browser}, REMOTE_ADDR=address)
    client.post("/login/", {"login": person, "password": PASSWORD})
    assert is_in(client)
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_sessions_are_listed_and_one_ends(mara: Person) -> None:
    desk, phone = logged_in(DESK, "10.0.0.1"), logged_in(PHONE, "10.0.0.2")
    make_person("ada")
    stranger = logged_in(DESK, "10.0.0.3", "ada")
    lines = desk.get("/account/").context["sessions"].lines
    assert [(line.device, line.address, line.is_this) for line in lines] == [
        ("Firefox · Linux", "10.0.0.1", True),
        ("Safari · iPhone", "10.0.0.2", False),
    ]
    path = f"/account/sessions/{lines[1].pk}/end/"
    assert stranger.post(path).status_code == 404
    assert is_in(phone)
    assert desk.post(path).status_code == 303
    assert (is_in(desk), is_in(phone), is_in(stranger)) == (True, False, True)
    assert Act.objects.filter(kind="sessions_ended", who_name="mara").count() == 1
    assert [line.is_this for line in desk.get("/account/").context["sessions"].lines] == [True]


def test_a_long_list_shows_the_newest_and_counts_the_rest(mara: Person) -> None:
    desk = logged_in(DESK, "10.0.0.1")
    for number in range(MOST_SHOWN + 2):
        client = Client(headers={"user-agent": PHONE}, REMOTE_ADDR=f"10.0.1.{number}")
        client.force_login(mara)
    page = desk.get("/account/")
    assert page.context["sessions"].lines[0].is_this
    assert len(page.context["sessions"].lines) == MOST_SHOWN
    assertContains(page, "and 3 older sessions")


def test_all_others_end_also_those_that_were_never_noted(mara: Person) -> None:
    desk, phone, old = (logged_in(DESK, f"10.0.0.{n}") for n in (1, 2, 3))
    PersonSession.objects.filter(address="10.0.0.3").delete()
    assert desk.post("/account/sessions/end/").status_code == 303
    assert (is_in(desk), is_in(phone), is_in(old)) == (True, False, False)


def test_a_new_password_ends_the_others_and_keeps_this_one(mara: Person) -> None:
    desk, phone = logged_in(DESK, "10.0.0.1"), logged_in(PHONE, "10.0.0.2")
    fresh = "quite another sentence"
    form = {"now": PASSWORD, "password": fresh, "again": fresh}
    assert desk.post("/account/password/", form).status_code == 302
    assert (is_in(desk), is_in(phone)) == (True, False)
    lines = desk.get("/account/").context["sessions"].lines
    assert [(line.address, line.is_this) for line in lines] == [("10.0.0.1", True)]
    people.set_password(mara, "given by an admin", by=Actor())
    assert not is_in(desk)
    assert not PersonSession.objects.exists()


def test_notes_go_with_their_sessions(mara: Person) -> None:
    logged_in(DESK, "10.0.0.1"), logged_in(PHONE, "10.0.0.2")
    Session.objects.filter(pk=PersonSession.objects.get(address="10.0.0.1").session_key).delete()
    person_sessions.forget_ended_sessions()
    assert PersonSession.objects.get().address == "10.0.0.2"


@pytest.mark.parametrize(
    ("browser", "name"),
    [
        ("Mozilla/5.0 (X11; Linux) Chrome/141.0 Safari/537.36 Edg/141.0", "Edge · Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141.0 Safari/537.36", "Chrome · Windows"),
        ("curl/8", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_named_in_short(browser: str, name: str) -> None:
    assert device_name(browser) == name


def test_a_session_of_an_older_release_goes_on(mara: Person) -> None:
    desk = logged_in(DESK, "10.0.0.1")
    session = desk.session
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.save()
    assert is_in(desk)
    Person.objects.filter(pk=mara.pk).update(is_active=False)
    assert not is_in(desk)
