"""Review in a real browser: keys on any layout, swipes, undo, the end, the way back."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from omixa_studio.models import Person, Picture
from omixa_studio.services import curating
from tests.factories import make_generation, make_picture
from tests.servers import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def hung(person: Person) -> list[Picture]:
    """Five pictures, the newest first."""
    rows = [make_generation(person, prompt=f"Fox {n}") for n in range(5)]
    return [make_picture(row, size=(300, 200)) for row in rows][::-1]


def marks(hung: list[Picture]) -> str:
    """Say of each picture whether it has a star (*), is rejected (x) or neither (-)."""
    for one in hung:
        one.refresh_from_db()
    return "".join("*" if one.winner else "x" if one.verdict else "-" for one in hung)


def at(page: Page, picture: Picture) -> None:
    step = page.locator(f'.step-of-review[data-id="{picture.pk}"]')
    expect(step.locator("img")).to_be_visible()


def test_one_key_answers_and_undo_takes_it_back(
    open_page: OpenPage, hung: list[Picture], axe: Axe
) -> None:
    page = open_page("/gallery/")
    page.locator(".filters").get_by_role("link", name="Review pictures").click()
    at(page, hung[0])
    assert axe(page) == []
    for key, place in (("f", 1), ("Space", 2), ("x", 3), ("1", 4)):
        page.keyboard.press(key)
        at(page, hung[place])
    expect(page.locator("[data-progress]")).to_have_text("5 of 5")
    page.keyboard.press("z")
    at(page, hung[3])
    page.keyboard.press("Control+z")
    at(page, hung[2])
    # On a Cyrillic layout the key of R says к.
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " { key: 'к', code: 'KeyR', bubbles: true }))"
    )
    at(page, hung[3])
    wait_until(lambda: marks(hung) == "*-x--")
    page.reload()
    at(page, hung[3])
    expect(page.locator("[data-progress]")).to_have_text("1 of 2")
    page.keyboard.press("Escape")
    page.wait_for_url("**/gallery/")


def test_answers_arrive_though_the_page_is_left(
    open_page: OpenPage, hung: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    starred = curating.star

    def slowly_starred(person: Person, pk: int) -> bool:
        time.sleep(1)
        return starred(person, pk)

    monkeypatch.setattr(curating, "star", slowly_starred)
    page = open_page("/review/")
    at(page, hung[0])
    for key, place in (("f", 1), ("x", 2)):
        page.keyboard.press(key)
        at(page, hung[place])
    page.goto("/gallery/")
    wait_until(lambda: marks(hung) == "*x---")


def test_the_end_tells_and_clears_away(open_page: OpenPage, hung: list[Picture], axe: Axe) -> None:
    page = open_page(f"/review/?at={hung[2].pk}")
    at(page, hung[2])
    page.keyboard.press("x")
    at(page, hung[3])
    page.keyboard.press("x")
    at(page, hung[4])
    page.get_by_role("button", name="Star").click()
    expect(page.get_by_role("heading", name="That was the last one")).to_be_focused()
    assert axe(page) == []
    page.get_by_role("button", name="Move the rejected to the trash (2)").click()
    expect(page.locator(".toast")).to_contain_text("2 pictures moved to the trash")
    assert Picture.objects.filter(trashed_at=None).count() == 3
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("restored")
    assert marks(hung) == "--xx*"


def test_a_refused_answer_comes_back(
    open_page: OpenPage, hung: list[Picture], troubles: list[str]
) -> None:
    page = open_page("/review/")
    at(page, hung[0])
    Picture.objects.filter(pk=hung[0].pk).delete()
    page.keyboard.press("f")
    expect(page.locator(".toast")).to_be_visible()
    at(page, hung[0])
    expect(page.locator(".step-of-review")).to_have_attribute("data-mark", "")
    troubles.clear()
