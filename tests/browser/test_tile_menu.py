"""The menu of a tile, the same on every page: by right click, long press, key and letter."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from omixa_studio.models import Person, Picture, Run
from tests.factories import make_generation, make_picture
from tests.present import present

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def run(person: Person) -> Run:
    return Run.objects.create(person=person, kind="list")


@pytest.fixture
def hung(person: Person, run: Run) -> list[Picture]:
    """Three pictures of a run."""
    rows = [make_generation(person, group=run.pk, prompt=f"Fox {n}") for n in range(3)]
    return [make_picture(row, size=(300, 200)) for row in rows]


def tile(page: Page, picture: Picture) -> Locator:
    return page.locator(f'a.tile:not(.thumb)[href^="/pictures/{picture.pk}/"]')


def menu(page: Page) -> Locator:
    return page.locator(".tile-menu > .panel")


def is_starred(picture: Picture) -> bool:
    picture.refresh_from_db()
    return picture.winner


def test_it_fills_the_form_of_the_board(open_page: OpenPage, hung: list[Picture], axe: Axe) -> None:
    page = open_page("/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tile(page, hung[1]).click(button="right")
    expect(menu(page)).to_be_in_viewport(ratio=1)
    assert axe(page) == []
    menu(page).get_by_role("link", name="Use again").click()
    expect(page.locator("#prompt")).to_have_value("Fox 1")
    tile(page, hung[2]).focus()
    page.keyboard.press("Shift+F10")
    expect(menu(page).get_by_role("link", name="Use again")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(menu(page).get_by_role("link", name="Edit")).to_be_focused()
    page.keyboard.press("Escape")
    expect(tile(page, hung[2])).to_be_focused()
    page.keyboard.press("f")
    expect(tile(page, hung[2])).to_have_attribute("data-starred", "")
    assert is_starred(hung[2])
    page.keyboard.press("c")
    expect(page.get_by_text("Picture copied.")).to_be_visible()
    copied = "navigator.clipboard.read().then(items => items[0].types)"
    assert page.evaluate(copied) == ["image/png"]
    page.keyboard.press("p")
    expect(page.get_by_text("Prompt copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Fox 2"
    page.keyboard.press("Delete")
    expect(tile(page, hung[2])).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(tile(page, hung[2])).to_be_visible()
    assert page.url.count("/") == 3


def test_a_star_in_a_run_is_a_winner(open_page: OpenPage, run: Run, hung: list[Picture]) -> None:
    page = open_page(f"/runs/{run.pk}/")
    tile(page, hung[1]).hover()
    page.locator(".candidate").nth(1).get_by_role("button", name="Winner").click()
    expect(page.get_by_role("link", name="Final quality for 1 winner")).to_be_visible()
    page.locator(".candidate").nth(1).get_by_role("button", name="Winner").click()
    expect(page.get_by_text("Mark winners with")).to_be_visible()
    tile(page, hung[0]).focus()
    page.keyboard.press("f")
    expect(page.get_by_role("link", name="Final quality for 1 winner")).to_be_visible()
    tile(page, hung[0]).click()
    dialog = page.get_by_role("dialog", name="Picture")
    star = dialog.get_by_role("button", name="Star")
    expect(star).to_have_attribute("aria-pressed", "true")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    expect(star).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(rf"/pictures/{hung[1].pk}/\?in=run"))
    page.keyboard.press("Escape")
    expect(page.get_by_text("Mark winners with")).to_be_visible()


@pytest.mark.parametrize(("path", "selects"), [("/", False), ("/gallery/", True)])
def test_a_long_press_opens_it_or_selects(
    open_page: OpenPage, hung: list[Picture], path: str, selects: bool
) -> None:
    page = open_page(path, width=390, touch=True)
    box = present(tile(page, hung[2]).bounding_box())
    point = {"x": box["x"] + 40, "y": box["y"] + 40}
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    if selects:
        expect(page.locator('[aria-checked="true"]')).to_have_count(1)
    else:
        expect(menu(page)).to_be_in_viewport(ratio=1)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    if selects:
        expect(menu(page)).to_be_hidden()
        page.locator(".selection").get_by_role("button", name="Picture actions").click()
    expect(menu(page)).to_be_in_viewport(ratio=1)
    menu(page).get_by_role("button", name="Star").click()
    expect(menu(page)).to_be_hidden()
    expect(page.locator("[data-starred]")).to_have_count(1)
    assert is_starred(hung[2])
