"""The doors: who may guess how often, what caches keep, and which addresses are ours."""

import pytest
from django.conf import LazySettings
from django.conf import settings as real
from django.core.cache import cache
from django.test import Client

from omixa_studio.models import Person
from tests.factories import PASSWORD, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db
WRONG = {"login": "mara", "password": "wrong"}
RIGHT = {"login": "mara", "password": PASSWORD}
TOO_MANY = "Too many failed login attempts"


@pytest.fixture
def person() -> Person:
    return make_person("mara", email="mara@example.org")


def guess(number: int, *, browser: Client | None = None, **form: str) -> str:
    """Guess once from an address of its own; return the page."""
    answer = (browser or Client()).post(
        "/login/", WRONG | form, REMOTE_ADDR=f"10.0.{number // 250}.{number % 250 + 1}"
    )
    return answer.content.decode()


def test_guesses_count_for_the_account_under_whatever_host(person: Person) -> None:
    pages = []
    for number in range(40):
        browser = Client(headers={"host": f"localhost:{8000 + number}"})
        pages.append(guess(number, browser=browser))
    assert [TOO_MANY in page for page in pages] == [False] * 5 + [True] * 35


def test_guesses_count_for_the_account_by_name_or_address(person: Person) -> None:
    logins = ["mara", "MARA", "mara@example.org", "Mara@Example.ORG", " mara ", "mara"]
    pages = [guess(number, login=login) for number, login in enumerate(logins)]
    assert [TOO_MANY in page for page in pages] == [False] * 5 + [True]


def test_a_page_tells_the_browser_what_it_may_load_and_who_may_frame_it(client: Client) -> None:
    make_person()
    answer = client.get("/login/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize(
    ("name", "typed"), [("Ольга", "ОЛЬГА"), ("ольга", "Ольга"), ("jos\u00e9", "jose\u0301")]
)
def test_a_name_of_any_alphabet_leads_in_however_it_is_spelled(name: str, typed: str) -> None:
    make_person(name)
    for number in range(4):
        guess(number, login=typed)
    assert Client().post("/login/", {"login": typed, "password": PASSWORD}).status_code == 302
    guess(5, login=name)
    assert TOO_MANY in guess(6, login=typed)


def test_guesses_are_remembered_past_three_hundred_others(person: Person) -> None:
    for number in range(5):
        guess(number)
    for number in range(700):
        cache.set(f"other-{number}", 1, 300)
    assert TOO_MANY in guess(6)


def test_guesses_of_others_do_not_lock_out_a_known_device(person: Person) -> None:
    owner = Client()
    assert owner.post("/login/", RIGHT).status_code == 302
    owner.post("/logout/")
    for number in range(8):
        guess(number)
    assert Client().post("/login/", RIGHT).status_code == 200
    assert owner.post("/login/", RIGHT).status_code == 302


def test_guesses_from_the_same_address_do_not_lock_out_a_known_device(person: Person) -> None:
    owner = Client()
    owner.post("/login/", RIGHT)
    owner.post("/logout/")
    answers = [
        Client().post("/login/", {"login": f"nobody-{number}", "password": "wrong"})
        for number in range(45)
    ]
    told = [TOO_MANY in answer.content.decode() for answer in answers]
    assert told == [False] * 10 + [True] * 35
    assert owner.post("/login/", RIGHT).status_code == 302


def test_a_known_device_may_not_guess_for_ever(person: Person) -> None:
    device = Client()
    for _ in range(7):
        assert device.post("/login/", RIGHT).status_code == 302
        device.post("/logout/")
    pages = [guess(number, browser=device) for number in range(6)]
    assert [TOO_MANY in page for page in pages] == [False] * 5 + [True]


@pytest.mark.parametrize(("account", "ending"), [("jon", ""), ("mara", "x")])
def test_a_device_is_known_to_its_own_accounts_by_an_untouched_cookie(
    person: Person, account: str, ending: str
) -> None:
    make_person("jon")
    device = Client()
    device.post("/login/", {"login": account, "password": PASSWORD})
    device.post("/logout/")
    name = real.KNOWN_DEVICE_COOKIE_NAME
    device.cookies[name] = device.cookies[name].value + ending
    for number in range(5):
        guess(number)
    assert TOO_MANY in guess(6, browser=device)
    assert TOO_MANY in device.post("/login/", RIGHT).content.decode()


def test_a_shorter_way_than_through_all_proxies_still_leads_in(
    person: Person, settings: LazySettings
) -> None:
    settings.PROXIES = 2
    answer = Client(headers={"x-forwarded-for": "198.51.100.7"}).post("/login/", RIGHT)
    assert answer.status_code == 302


def test_cookies_have_names_of_this_studio(person: Person) -> None:
    browser = Client()
    browser.get("/login/")
    browser.post("/login/", RIGHT)
    assert len(browser.cookies) == 3
    for name in browser.cookies:
        assert name.startswith("studio_")
        assert name.endswith(f"_{real.COOKIE_ENDING}")


@pytest.mark.parametrize("path", ["/", "/costs/", "/costs/export.csv", "/account/", "/no-such/"])
def test_pages_behind_the_login_are_kept_nowhere(client: Client, path: str) -> None:
    client.force_login(make_person(role="admin"))
    assert client.get(path)["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:8000", 302), ("127.0.0.1", 302), ("[::1]:8000", 302), ("studio.example.org", 301)],
)
def test_loopback_is_not_led_to_https(settings: LazySettings, host: str, status: int) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "studio.example.org"]
    make_person()
    answer = Client(headers={"host": host}).get("/")
    assert answer.status_code == status
    assert answer["location"].startswith("https://") == (status == 301)


@pytest.mark.parametrize(
    ("origin", "sentence"),
    [
        ("null", "Your browser hides where this form comes from"),
        ("http://elsewhere.example", "It was sent from http://elsewhere.example"),
        ("http://localhost", "This form is too old"),
    ],
)
def test_a_form_that_is_not_taken_says_why(origin: str, sentence: str) -> None:
    make_person()
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost", "origin": origin})
    answer = strict.post("/login/", WRONG)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert sentence in page
    assert ("too old" in page) == ("too old" in sentence)


@pytest.mark.parametrize("wanted", ["people", "?q=1", "%", "http://[", "//evil.example"])
def test_a_form_that_names_no_path_to_go_to_leads_to_a_page(
    client: Client, person: Person, wanted: str
) -> None:
    assert client.get("/login/", {"next": wanted}).status_code == 200
    given = {"login": "mara", "password": PASSWORD, "next": wanted}
    assert client.post("/login/", given)["location"] == "/"
    picture = make_picture(make_generation(person))
    for path, fallback in (
        ("/reauthenticate/", "/"),
        ("/account/theme/", "/account/"),
        (f"/pictures/{picture.pk}/share", f"/pictures/{picture.pk}/"),
    ):
        form = {"password": PASSWORD, "theme": "dark", "next": wanted}
        assert client.post(path, form)["location"] == fallback
