"""Keys named by a letter, on keyboards of other alphabets and under Caps Lock."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from omixa_studio.models import Person, Picture
from tests.factories import make_generation, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
STUDIO = re.compile(r"^http://[^/]+/$")


@pytest.fixture
def picture(person: Person) -> Picture:
    return make_picture(make_generation(person))


def tile_of(page: Page, picture: Picture) -> Locator:
    return page.locator(f'[data-picture="{picture.pk}"]')


def press_at(page: Page, place: str, sign: str) -> None:
    """Press the key at a place of the keyboard that gives a sign in the layout of now."""
    told = {"code": place, "key": sign, "windowsVirtualKeyCode": ord(place[-1])}
    keyboard = page.context.new_cdp_session(page)
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": sign, **told})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **told})


@pytest.mark.parametrize("sign", ["ы", "Ы", "S", "σ"])
def test_letters_work_in_other_alphabets_and_under_caps_lock(
    open_page: OpenPage, picture: Picture, sign: str
) -> None:
    page = open_page("/gallery/")
    tile_of(page, picture).focus()
    press_at(page, "KeyS", sign)
    expect(page.get_by_role("status").get_by_text("Shared with the team.")).to_be_visible()
    picture.refresh_from_db()
    assert picture.shared


def test_a_letter_is_that_of_a_latin_layout(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/gallery/")
    tile_of(page, picture).focus()
    press_at(page, "KeyS", "o")
    press_at(page, "Semicolon", "s")
    expect(page.get_by_role("status").get_by_text("Shared with the team.")).to_be_visible()
    picture.refresh_from_db()
    assert picture.shared


def test_places_are_named_on_a_cyrillic_layout(open_page: OpenPage, picture: Picture) -> None:
    page = open_page("/gallery/")
    press_at(page, "KeyG", "п")
    press_at(page, "KeyS", "ы")
    expect(page).to_have_url(STUDIO)
