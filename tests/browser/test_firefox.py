"""The main ways through the studio in a real Firefox, which tests/node/firefox.js walks."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from omixa_studio.models import Generation, Person, Picture
from scripts.node import run_node
from tests.browser.screens import furnish, screens_of
from tests.factories import make_generation, make_person, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROWEST = {"width": 320, "height": 640}
IMAGEN = "imagen-4.0-generate-001"


def settle(generation: Generation) -> None:
    """What the worker does at the end, as far as the page can see it."""
    make_picture(generation, size=(100, 100))
    Generation.objects.filter(pk=generation.pk).update(
        state="done", billed_micros=39_000, charged="yes", seconds=4.0
    )


def session_of(person: Person) -> dict[str, str]:
    """The cookie of a person who is logged in."""
    client = Client()
    client.force_login(person)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    return {"name": session.key, "value": session.value, "domain": "localhost", "path": "/"}


def test_it_works_in_firefox(firefox_path: str, live_server: LiveServer, person: Person) -> None:
    masked = make_picture(make_generation(make_person()), size=(640, 400), shared=True)
    told = {
        "firefox": firefox_path,
        "url": live_server.url,
        "cookie": session_of(person),
        "model": IMAGEN,
        "masked": masked.pk,
    }
    steps = {}
    for seen in run_node("firefox.js", told, all_packages=False):
        steps[seen["step"]] = seen
        if seen["step"] in ("a double press buys once", "keys buy in the form alone"):
            settle(Generation.objects.get(state="queued"))
    bought = steps["a double press buys once"]
    assert "about $0.04" in bought["price"]
    assert bought["posted"].count("/generations/") == 1
    assert "practice $0.039" in steps["the picture comes with its bill"]["card"]
    assert steps["keys buy in the form alone"]["before"] == 1
    assert steps["a draft stays"]["cards"] == 2
    newest, older = Picture.objects.filter(person=person).order_by("-pk")
    viewed = steps["pictures open over the gallery"]
    assert viewed["first"] == f"/pictures/{newest.pk}/"
    assert viewed["second"] == f"/pictures/{older.pk}/"
    walked = steps["a mask is painted"]
    assert "of the picture changes" in walked["mask"]
    assert walked["posted"].count("/generations/") == 2
    assert Generation.objects.filter(person=person).count() == 2


def test_no_screen_is_wider_than_a_phone_in_firefox(
    firefox_path: str, live_server: LiveServer, person: Person
) -> None:
    person.role, person.language = "admin", "ru"
    person.save(update_fields=["role", "language"])
    furnish(person)
    told: dict[str, Any] = {
        "firefox": firefox_path,
        "url": live_server.url,
        "cookie": session_of(person),
        "paths": [one.path for one in screens_of(person) if not one.for_strangers],
        "viewport": NARROWEST,
    }
    seen = {one["path"]: one["seen"] for one in run_node("widths.js", told, all_packages=False)}
    assert set(seen) == set(told["paths"])
    assert {path: width for path, width in seen.items() if width > NARROWEST["width"]} == {}


def test_a_long_gallery_works_in_firefox(
    firefox_path: str, live_server: LiveServer, long: list[Picture], person: Person
) -> None:
    told = {
        "browser": "firefox",
        "program": firefox_path,
        "url": live_server.url,
        "cookie": session_of(person),
        "viewport": {"width": 390, "height": 844},
        "path": "/gallery/",
        "backs": 3,
    }
    seen = {one["step"]: one for one in run_node("long-gallery.js", told, all_packages=False)}
    assert seen["it has its length"]["count"] == len(long)
    assert seen["it is scrolled to the oldest"]["last"]
    assert seen["a journey is broken off"]["blank"] == 0
    assert seen["back leads to the same spot"]["moved"] <= 1
