"""One's own account, the login and the doors around it."""

import re

import pytest
from django.test import Client

from omixa_studio.models import Act, Person
from tests.factories import PASSWORD, make_charge, make_generation, make_limit, make_person

pytestmark = pytest.mark.django_db
FRESH = "tall-blue-harbour"
CHANGE = {"now": PASSWORD, "password": FRESH, "again": FRESH}


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person("mara", email="mara@example.org")
    client.force_login(person)
    return person


def test_it_changes_the_password_and_ends_other_sessions(client: Client, person: Person) -> None:
    elsewhere = Client()
    elsewhere.force_login(person)
    assert client.post("/account/password/", CHANGE).status_code == 302
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    person.refresh_from_db()
    assert person.check_password(FRESH)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"now": "wrong"}, "This is not your password."),
        ({"now": ""}, "This field is required."),
        ({"again": "another"}, "The two passwords are not the same."),
        ({"password": "12345678", "again": "12345678"}, "too common"),
        ({"password": "q7-vexing", "again": "q7-vexing"}, "at least 10 characters"),
        ({"password": "OmixaStudio2026", "again": "OmixaStudio2026"}, "name of the studio"),
        ({"password": "maramaramara17", "again": "maramaramara17"}, "name of the studio"),
        ({"password": "mara@example", "again": "mara@example"}, "too similar"),
    ],
)
def test_it_refuses_a_password_with_a_sentence(
    client: Client, person: Person, changed: dict[str, str], sentence: str
) -> None:
    response = client.post("/account/password/", CHANGE | changed)
    assert response.status_code == 422
    html = response.content.decode()
    assert sentence in html
    assert PASSWORD not in html
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"now": "wrong", "again": ""}, "now"), ({"password": "", "again": "another"}, "password")],
)
def test_the_first_fault_of_a_form_is_brought_into_view(
    client: Client, person: Person, changed: dict[str, str], field: str
) -> None:
    html = client.post("/account/password/", CHANGE | changed).content.decode()
    [focused] = re.findall(r"<input[^>]* autofocus[^>]*>", html)
    assert f'name="{field}"' in focused
    assert "autofocus" not in client.get("/account/").content.decode()


def test_it_lets_nobody_guess_the_password_of_an_open_session(
    client: Client, person: Person
) -> None:
    wrong = CHANGE | {"now": "wrong"}
    pages = [client.post("/account/password/", wrong).content.decode() for _ in range(6)]
    assert ["Too many failed login attempts" in page for page in pages] == [False] * 5 + [True]
    assert list(Act.objects.values_list("kind", flat=True)).count("proof_failed") == 5
    assert client.post("/account/password/", CHANGE).status_code == 422
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_guesses_count_together_wherever_the_password_is_asked(
    client: Client, person: Person
) -> None:
    for _ in range(5):
        client.post("/reauthenticate/", {"password": "wrong"})
    assert client.post("/account/password/", CHANGE).status_code == 422


def test_the_field_of_the_new_password_tells_nothing_of_the_old_one(
    client: Client, person: Person
) -> None:
    same, told = {"password": PASSWORD, "again": PASSWORD}, "This is your current password"
    answer = client.post("/account/password/", CHANGE | same | {"now": "wrong"})
    assert told not in answer.content.decode()
    assert told in client.post("/account/password/", CHANGE | same).content.decode()


def test_it_speaks_the_chosen_language_or_the_browsers(client: Client, person: Person) -> None:
    assert client.post("/account/language/", {"language": "ru"}).status_code == 302
    assert '<html lang="ru"' in client.get("/account/").content.decode()
    client.post("/account/language/", {"language": ""})
    russian = client.get("/account/", headers={"accept-language": "ru"})
    assert '<html lang="ru"' in russian.content.decode()


def test_a_browser_keeps_the_language_chosen_at_the_login(client: Client, person: Person) -> None:
    stranger, choice = Client(), {"language": "zh-hans", "next": "/login/?next=/costs/"}
    answer = stranger.post("/language/", choice)
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/costs/")
    english = {"accept-language": "en"}
    assert '<html lang="zh-hans"' in stranger.get("/login/", headers=english).content.decode()
    assert stranger.post("/language/", choice | {"next": "//e.org/"})["Location"] == "/login/"
    stranger.post("/language/", {"language": "xx"})
    assert '<html lang="zh-hans"' in stranger.get("/login/", headers=english).content.decode()
    client.post("/language/", {"language": "zh-hans"})
    client.post("/account/language/", {"language": "ru"})
    assert '<html lang="ru"' in client.get("/account/").content.decode()
    client.post("/account/language/", {"language": ""})
    assert '<html lang="en"' in client.get("/account/", headers=english).content.decode()


@pytest.mark.parametrize(
    ("path", "data"),
    [("language", {"language": "xx"}), ("theme", {"theme": "pink"}), ("theme", {})],
)
def test_it_refuses_what_it_does_not_have(
    client: Client, person: Person, path: str, data: dict[str, str]
) -> None:
    assert client.post(f"/account/{path}/", data).status_code == 422
    person.refresh_from_db()
    assert (person.language, person.theme) == ("", "auto")


def test_it_remembers_the_theme_and_goes_back(client: Client, person: Person) -> None:
    response = client.post("/account/theme/", {"theme": "dark", "next": "/gallery/?q=fox"})
    assert response["location"] == "/gallery/?q=fox"
    assert 'data-theme="dark"' in client.get("/account/").content.decode()


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "javascript:x()", ""])
def test_it_never_leads_away_from_the_studio(client: Client, person: Person, away: str) -> None:
    response = client.post("/account/theme/", {"theme": "dark", "next": away})
    assert response["location"] == "/account/"


def test_it_shows_the_own_month(client: Client, person: Person) -> None:
    make_limit(person.pk, 20_000_000)
    make_charge(make_generation(person), amount_micros=3_120_000)
    make_charge(make_generation(make_person()), amount_micros=9_000_000)
    html = client.get("/account/").content.decode()
    for amount in ("$3.12", "$20.00", "$16.88"):
        assert f"<strong>{amount}</strong>" in html


def test_it_names_the_studios_limit_where_that_is_nearer(client: Client, person: Person) -> None:
    make_limit(person.pk, 20_000_000)
    make_limit(None, 5_000_000)
    html = client.get("/account/").content.decode()
    assert "<strong>$5.00</strong>" in html
    assert "the studio's limit: $5.00 a month" in html.replace("&#x27;", "'")


@pytest.mark.parametrize("login", ["mara", "MARA", "mara@example.org", "Mara@Example.org"])
def test_it_logs_in_by_name_or_address(person: Person, login: str) -> None:
    response = Client().post("/login/", {"login": login, "password": PASSWORD})
    assert (response.status_code, response["location"]) == (302, "/")


def test_it_leads_back_to_the_page_that_was_asked_for(person: Person) -> None:
    stranger = Client()
    asked = stranger.get("/costs/?by=person")
    assert asked["location"] == "/login/?next=/costs/%3Fby%3Dperson"
    html = stranger.get(asked["location"]).content.decode()
    assert 'name="next" value="/costs/?by=person"' in html
    form = {"login": "mara", "password": PASSWORD, "next": "/costs/?by=person"}
    assert stranger.post("/login/", form)["location"] == "/costs/?by=person"


def test_it_does_not_tell_who_has_an_account(person: Person) -> None:
    pages = [
        Client().post("/login/", {"login": login, "password": "wrong"}).content.decode()
        for login in ("mara", "nobody")
    ]
    assert all("not correct" in page for page in pages)


def test_it_stops_guessing_at_the_login(person: Person) -> None:
    wrong = {"login": "mara", "password": "wrong"}
    pages = [Client().post("/login/", wrong) for _ in range(6)]
    assert "Too many failed login attempts" in pages[-1].content.decode()
    right = Client().post("/login/", {"login": "mara", "password": PASSWORD})
    assert "location" not in right.headers


def test_it_logs_out_by_post_alone(client: Client, person: Person) -> None:
    assert client.get("/logout/").status_code == 200
    assert client.get("/account/").status_code == 200
    assert client.post("/logout/").status_code == 302
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize("path", ["/signup/", "/forgotten/", "/inactive/", "/login/"])
def test_it_has_a_page_of_its_own_for_strangers(person: Person, path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 200
    assert 'class="door"' in response.content.decode()


def test_it_makes_no_account_by_sign_up(person: Person) -> None:
    form = {"username": "jon", "password1": FRESH, "password2": FRESH}
    Client().post("/signup/", form)
    assert Person.objects.count() == 1
