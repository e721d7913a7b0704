"""The database locked or away, the disk full: one sentence, nothing booked, the form kept."""

import errno
import html
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from omixa_studio import database_file
from omixa_studio.models import Charge, Generation, Person
from omixa_studio.queries.readiness import look_at_parts
from omixa_studio.services.tokens import make_token
from omixa_studio.views.errors import broken
from tests.factories import PASSWORD, draw_png, make_person
from tests.pages import Answer
from tests.servers import PROJECT, free_port

SCRIPT = {"HX-Request": "true"}
HARBOUR = {
    "model": "imagen-4.0-generate-001",
    "prompt": 'A "harbour" at\ndawn',
    "n": "2",
    "click": "press-1",
}
SENTENCE = "one click is never charged twice"
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')

rows = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(transactional_db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(make_person())
    client.get("/")
    return client


@contextmanager
def locked() -> Iterator[None]:
    """Let another connection hold the database for longer than ours waits."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")
    name = settings.DATABASES["default"]["NAME"]
    with closing(sqlite3.connect(name, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def typed(response: Answer | HttpResponse) -> dict[str, str]:
    return {name: html.unescape(text) for name, text in FIELD.findall(response.content.decode())}


FRESH = "another long password"


@rows
def test_it_keeps_a_form_and_books_once_when_pressed_again(
    browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with locked():
        response = browser.post("/generations/", HARBOUR)
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert SENTENCE in response.content.decode()
    assert (Generation.objects.count(), Charge.objects.count()) == (0, 0)
    assert "OperationalError: database is locked" in caplog.text
    fields = typed(response)
    assert fields == HARBOUR
    for _ in range(2):
        assert browser.post("/generations/", fields).status_code == 303
    assert Generation.objects.get().prompt.split() == ["A", '"harbour"', "at", "dawn"]


@rows
def test_a_database_that_takes_no_writes_says_so(browser: Client) -> None:
    """As a copy of PostgreSQL that has taken over before it was told to."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no such copies.")
    browser.get("/")
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        try:
            response = browser.post("/generations/", HARBOUR)
            told = {part.name: part for part in look_at_parts("sandbox")}
        finally:
            cursor.execute("SET default_transaction_read_only = off")
    assert (response.status_code, "is read-only" in response.content.decode()) == (503, True)
    assert told["database"].facts == {"error": "read-only"}
    assert browser.post("/generations/", typed(response)).status_code == 303


@rows
def test_it_lets_programs_ask_again(browser: Client) -> None:
    """Nothing was bought, so that OpenAI's client may send the same again."""
    token = make_token(Person.objects.get(), "tests", ["make"], None)[1]
    with locked():
        answer = browser.post(
            "/v1/images/generations",
            {"prompt": "A harbour"},
            "application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer["x-should-retry"] == "true"
    assert answer.json()["error"]["code"] == "studio_unavailable"
    assert not Generation.objects.exists()


@rows
def test_it_tells_script_in_a_toast(browser: Client) -> None:
    with locked():
        response = browser.post("/generations/", HARBOUR, headers=SCRIPT)
    page = response.content.decode()
    assert response.status_code == 503
    assert 'id="toasts"' in page
    assert SENTENCE in page
    assert "<html" not in page
    assert not Generation.objects.exists()


@rows
def test_it_speaks_the_persons_language(browser: Client) -> None:
    Person.objects.update(language="ru")
    with locked():
        response = browser.post("/generations/", HARBOUR, headers=SCRIPT)
    assert "один щелчок никогда не оплачивается дважды" in response.content.decode()


@rows
def test_it_offers_no_form_whose_files_are_gone(browser: Client) -> None:
    photo = SimpleUploadedFile("photo.png", draw_png((80, 80)), "image/png")
    form = {"model": "gpt-image-1.5", "prompt": "Merge", "input_images": [photo]}
    with locked():
        response = browser.post("/generations/", form)
    assert response.status_code == 503
    assert typed(response) == {}
    assert "Go back" in response.content.decode()


@rows
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/login/", {"login": "mara", "password": PASSWORD}),
        ("/reauthenticate/", {"password": PASSWORD}),
        ("/account/password/", {"now": PASSWORD, "password": FRESH, "again": FRESH}),
    ],
)
def test_a_locked_database_is_not_too_many_guesses(
    transactional_db: None, path: str, form: dict[str, str]
) -> None:
    visitor = Client(raise_request_exception=False)
    mara = make_person("mara")
    if path != "/login/":
        visitor.force_login(mara)
    with locked():
        response = visitor.post(path, form)
    assert response.status_code == 503
    assert SENTENCE in response.content.decode()
    assert PASSWORD not in response.content.decode()


@rows
def test_a_locked_database_is_not_too_many_setup_codes(transactional_db: None) -> None:
    visitor = Client(raise_request_exception=False)
    with locked():
        response = visitor.post("/setup/", {"code": "wrong"}, REMOTE_ADDR="10.0.0.5")
    assert response.status_code == 503


@rows
def test_a_guess_that_cannot_be_counted_is_not_compared(transactional_db: None) -> None:
    make_person("mara")
    visitor = Client(raise_request_exception=False)
    with locked():
        for _ in range(7):
            visitor.post("/login/", {"login": "mara", "password": "wrong"})
    response = visitor.post("/login/", {"login": "mara", "password": PASSWORD})
    assert response.status_code == 302


@rows
def test_toasts_that_cannot_be_put_away_are_no_bad_request(browser: Client) -> None:
    Person.objects.update(role="admin")
    browser.post("/queue/pause/", {"everybody": "yes"})
    with locked():
        response = browser.get("/people/")
    assert response.status_code == 503
    assert "Paused. Running requests finish" in browser.get("/people/").content.decode()


def told(error: Exception, request: HttpRequest) -> HttpResponse:
    try:
        raise error
    except type(error):
        return broken(request)


def test_it_holds_no_password() -> None:
    request = RequestFactory().post("/login/", {"login": "mara", "password": "four words"})
    assert request.POST["password"]
    response = told(InterfaceError("closed"), request)
    assert response.status_code == 503
    assert typed(response) == {}
    assert "four words" not in response.content.decode()


def test_it_holds_nothing_whose_token_was_not_judged() -> None:
    response = told(InterfaceError("closed"), RequestFactory().post("/people/add/", {"a": "b"}))
    assert typed(response) == {}


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told_and_other_errors_stay_ours(number: int) -> None:
    request = RequestFactory().get("/")
    assert told(OSError(number, "full"), request).status_code == 503
    assert told(OSError(errno.EIO, "damaged"), request).status_code == 500


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EROFS, "", "/srv/media/a.png"), "/srv/media is on a read-only disk"),
        (OSError(errno.ENOSPC, "", "/srv/media/a.png"), "The disk of /srv/media is full"),
        (
            PermissionError(errno.EACCES, "", str(settings.DATA_DIR / "media" / "a.png")),
            f"no permission to write to {settings.DATA_DIR / 'media'}.",
        ),
        (OperationalError("database or disk is full"), "The disk with the studio&#x27;s database"),
        (OperationalError("attempt to write a readonly database"), "database is read-only."),
        (
            OperationalError("database is locked"),
            "database is busy or unavailable.",
        ),
    ],
    # Each test process has a data folder of its own: a name with its path would differ.
    ids=["read-only", "full", "denied", "database full", "database read-only", "locked"],
)
def test_it_tells_the_true_cause(error: Exception, words: str) -> None:
    response = told(error, RequestFactory().get("/"))
    assert response.status_code == 503
    assert words in response.content.decode()
    assert ("full" in response.content.decode()) == ("full" in str(error) or "full" in words)


def test_a_file_of_others_that_is_closed_to_us_stays_an_error_of_ours() -> None:
    error = PermissionError(errno.EACCES, "", "/etc/shadow")
    assert told(error, RequestFactory().get("/")).status_code == 500


def test_a_postgresql_that_is_away_is_told() -> None:
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "answer = Client(raise_request_exception=False, headers={'host': 'localhost'}).get('/')\n"
        "print(answer.status_code, answer.content.decode())"
    )
    away = f"postgres://studio@127.0.0.1:{free_port()}/studio"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": away},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.startswith("503 "), done.stderr
    assert SENTENCE in done.stdout
    assert "Try again" in done.stdout


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a database has no file")
def test_it_says_that_the_file_of_the_database_was_replaced(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database_file._opened, connection.settings_dict["NAME"], (0, 0))
    page = browser.get("/", headers={"Accept-Language": "ru"})
    assert (page.status_code, "Студию нужно перезапустить" in page.content.decode()) == (503, True)
    assert "was replaced" in browser.post("/generations/", HARBOUR, headers=SCRIPT).content.decode()
    assert browser.get("/health").status_code == 503
    assert not Generation.objects.exists()
