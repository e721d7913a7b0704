"""What is too large is refused before anything of it is read, and so are files of strangers."""

import errno
import gc
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import make_person
from tests.pages import Answer

pytestmark = pytest.mark.django_db

MEGABYTE = 2**20
SCRIPT = {"HX-Request": "true"}


class Unread(io.BytesIO):
    """A body that notes whether anybody reads it."""

    was_read = False

    def read(self, *args: int | None) -> bytes:
        self.was_read = True
        return super().read(*args)


def send(client: Client, megabytes: float) -> tuple[Answer, Unread]:
    body = Unread(b"--b\r\n")
    told: dict[str, Any] = {
        "CONTENT_TYPE": "multipart/form-data; boundary=b",
        "CONTENT_LENGTH": str(int(megabytes * MEGABYTE)),
        "wsgi.input": body,
    }
    return client.generic("POST", "/references/", **told), body


@pytest.fixture
def strict() -> Client:
    """A browser with half of a form's token, so that the other half is looked for in the body."""
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    return client


@pytest.mark.parametrize("megabytes", [0.07, 1.5])
def test_it_reads_no_files_of_strangers(strict: Client, megabytes: float) -> None:
    make_person()
    answer, body = send(strict, megabytes)
    assert (answer.status_code, answer["location"]) == (302, "/login/?next=/references/")
    assert not body.was_read


def test_it_reads_no_more_than_a_form_may_bring(strict: Client) -> None:
    strict.force_login(make_person())
    answer, body = send(strict, 4 * 25 + 2.5)
    assert answer.status_code == 413
    assert "One file may be up to 25 MB" in answer.content.decode()
    assert not body.was_read


def test_it_reads_what_a_form_may_bring(strict: Client) -> None:
    strict.force_login(make_person())
    answer, body = send(strict, 4 * 25 + 1.5)
    assert body.was_read
    assert answer.status_code == 403


TOO_LARGE: list[tuple[dict[str, Any], str]] = [
    ({"prompt": "x" * (2 * MEGABYTE)}, "The text of a form may be up to 2 MB"),
    ({"file": [io.BytesIO(b"x") for _ in range(33)]}, "A form may have at most 32 files"),
    ({"ids": ["1"] * 1001}, "A form or an address may have at most 1000 fields"),
]
URLENCODED = ["x" * (2 * MEGABYTE + 1), urlencode([("ids", "1")] * 1001)]


@pytest.mark.parametrize("path", ["/generations/", "/pictures/bulk/", "/login/", "/lines/", "/no/"])
@pytest.mark.parametrize(("form", "sentence"), TOO_LARGE, ids=["text", "files", "fields"])
def test_it_says_what_of_a_form_is_too_large(
    client: Client,
    caplog: pytest.LogCaptureFixture,
    path: str,
    form: dict[str, Any],
    sentence: str,
) -> None:
    client.force_login(make_person(language="ru" if path == "/login/" else ""))
    for answer in (client.post(path, form), client.post(path, form, headers=SCRIPT)):
        page = answer.content.decode()
        assert answer.status_code == 413
        assert ("ничего не куплено" if path == "/login/" else sentence) in page
    assert 'id="toasts"' in page
    assert "<html" not in page
    assert [(line.levelname, line.exc_info) for line in caplog.records] == [("WARNING", None)] * 2


@pytest.mark.parametrize("body", URLENCODED, ids=["text", "fields"])
def test_it_says_so_of_a_form_without_files(client: Client, body: str) -> None:
    client.force_login(make_person())
    answer = client.post("/many/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def test_it_says_so_of_an_address(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.force_login(make_person())
    answer = client.get("/gallery/?" + URLENCODED[1])
    assert answer.status_code == 413
    assert "at most 1000 fields" in answer.content.decode()
    assert [line.exc_info for line in caplog.records] == [None]


def test_it_reads_small_forms_of_strangers() -> None:
    make_person("mara")
    large = {"login": "mara", "password": "wrong", "file": io.BytesIO(bytes(1000))}
    assert Client().post("/login/", large).status_code == 200


class BrokenOff(io.BytesIO):
    """A body whose sender goes away before its end."""

    def read(self, *args: int | None) -> bytes:
        some = super().read(*args)
        if not some:
            raise ConnectionResetError(errno.ECONNRESET, "The client has gone.")
        return some


def test_nothing_of_an_upload_that_broke_off_stays_on_the_disk(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    client.raise_request_exception = False
    client.force_login(make_person())
    begun = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    whole = begun + b"x" * 300_000 + b"\r\n"
    told: dict[str, Any] = {
        "CONTENT_TYPE": "multipart/form-data; boundary=b",
        "CONTENT_LENGTH": str(20 * MEGABYTE),
        "wsgi.input": BrokenOff(whole + begun + b"x" * 300_000),
    }
    gc.disable()
    try:
        answer = client.generic("POST", "/references/", **told)
        assert list(tmp_path.iterdir()) == []
    finally:
        gc.enable()
    assert answer.status_code == 400


@pytest.mark.parametrize("token", [{}, {"X-CSRFToken": "a" * 32}])
def test_a_form_that_broke_off_is_one_quiet_line(
    strict: Client, caplog: pytest.LogCaptureFixture, token: dict[str, str]
) -> None:
    strict.force_login(make_person())
    begun = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    told: dict[str, Any] = {
        "CONTENT_TYPE": "multipart/form-data; boundary=b",
        "CONTENT_LENGTH": str(MEGABYTE),
        "wsgi.input": BrokenOff(begun + b"x" * 300_000),
    }
    assert strict.generic("POST", "/generations/", headers=token, **told).status_code == 400
    [line] = caplog.records
    assert (line.levelname, line.getMessage()) == (
        "WARNING",
        "The form broke off: /generations/",
    )
    assert line.exc_info is None
