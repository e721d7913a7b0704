"""Styles and scripts: few files, compressed, and kept for ever; pages compressed too."""

import gzip
import re
from typing import Any

import pytest
from django.test import Client

from omixa_studio import settings as real
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db
CSS = f"{real.STATIC_URL}css/"


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_it_joins_sheets_in_their_order(client: Client) -> None:
    answer = client.get(f"{CSS}tokens+base.css")
    folder = real.STATIC_DIR / "css"
    parts = [(folder / f"{name}.css").read_text(encoding="utf-8") for name in ("tokens", "base")]
    assert answer["Content-Type"] == "text/css"
    assert answer.content.decode() == "\n".join(parts)


@pytest.mark.parametrize("names", ["tokens+none", "base+base", "+", "base+", "base+../js/shell"])
def test_it_joins_nothing_else(client: Client, names: str) -> None:
    assert client.get(f"{CSS}{names}.css").status_code == 404


def test_it_keeps_static_files_for_ever(client: Client) -> None:
    for name in ("base", "tokens+base"):
        answer = client.get(f"{CSS}{name}.css")
        assert answer["Cache-Control"] == "max-age=315360000, public, immutable"


def test_a_page_asks_for_few_sheets(client: Client) -> None:
    client.force_login(make_person(role="admin"))
    for path in ("/", "/gallery/", "/costs/", "/people/", "/many/", "/models/"):
        html = client.get(path).content.decode()
        sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', html)
        assert len(sheets) <= 2, path
        for sheet in sheets:
            assert client.get(sheet).status_code == 200, sheet


def test_texts_are_compressed_and_pictures_are_not(client: Client) -> None:
    person = make_person()
    picture = make_picture(make_generation(person))
    client.force_login(person)
    for path in ("/", f"{CSS}base.css", f"{CSS}tokens+base.css", f"{real.STATIC_URL}js/shell.js"):
        plain = body(client.get(path))
        answer = client.get(path, headers={"accept-encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip", path
        packed = body(answer)
        assert len(packed) < len(plain) / 2, path
        assert abs(len(gzip.decompress(packed)) - len(plain)) < 100, path
        assert "Content-Length" not in answer or int(answer["Content-Length"]) == len(packed)
    original = client.get(f"/pictures/{picture.pk}/file", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in original
    assert int(original["Content-Length"]) == len(body(original))


def test_the_length_of_a_compressed_page_tells_nothing(client: Client) -> None:
    """A page with a secret has another length each time (BREACH)."""
    client.force_login(make_person())
    pages = [client.get("/account/", headers={"accept-encoding": "gzip"}) for _ in range(8)]
    assert len({len(page.content) for page in pages}) > 1


def test_a_part_of_a_file_stays_as_it_is(client: Client) -> None:
    asked = {"accept-encoding": "gzip", "range": "bytes=0-9"}
    answer = client.get(f"{CSS}base.css", headers=asked)
    assert answer.status_code == 206
    assert "Content-Encoding" not in answer
    assert len(body(answer)) == 10
