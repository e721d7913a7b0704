"""Judging a blind test in a real browser: by keys, by thumb, once per press."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from omixa_studio.models import Person, Vote
from tests.factories import make_blind_test

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOADED = """() => [...document.querySelectorAll('.contender img')]
    .every((image) => image.complete && image.naturalWidth > 0)"""
# Longer than a page takes a further press for the one before.
SETTLED = 300


def judging(open_page: Callable[..., Page], prompts: int, **how: object) -> Page:
    test = make_blind_test(prompts=prompts)
    page = open_page(f"/tests/{test.pk}/vote/", **how)
    page.get_by_role("button", name="Start voting").click()
    expect(page.get_by_text(f"Pair 1 of {prompts}")).to_be_visible()
    return page


def says(page: Page, text: str) -> None:
    expect(page.locator("#ballot")).to_contain_text(text)
    page.wait_for_timeout(SETTLED)


def test_one_judges_by_keys_of_any_layout(
    open_page: Callable[..., Page], person: Person, axe: Callable[[Page], list[str]]
) -> None:
    page = judging(open_page, 5, theme="dark")
    assert not axe(page)
    page.keyboard.press("ArrowRight")
    says(page, "Pair 2 of 5")
    page.wait_for_function(LOADED)
    # Held down: one vote, however often the key repeats.
    for _ in range(4):
        page.keyboard.down("=")
    page.keyboard.up("=")
    says(page, "Pair 3 of 5")
    cyrillic = "new KeyboardEvent('keydown', {key: 'ы', code: 'KeyS', bubbles: true})"
    page.evaluate(f"document.body.dispatchEvent({cyrillic})")
    says(page, "Pair 4 of 5")
    page.keyboard.press("u")
    says(page, "Pair 3 of 5")
    verdicts = list(Vote.objects.order_by("id").values_list("verdict", flat=True))
    assert verdicts[1:] == ["equal"]
    for number in (4, 5):
        page.keyboard.press("ArrowLeft")
        says(page, f"Pair {number} of 5")
    page.keyboard.press("ArrowLeft")
    says(page, "That was the last pair")
    page.get_by_role("button", name="Finish and see the results").click()
    expect(page.get_by_role("heading", name="Too few votes")).to_be_visible()


def test_one_judges_by_thumb_and_a_double_tap_is_one_vote(
    open_page: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    page = judging(open_page, 4, width=390, touch=True)
    assert not axe(page)
    for name in ("A is better", "B is better", "Equally good", "Skip"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["height"] >= 24
        assert box["y"] + box["height"] <= 900
    page.locator(".contender").first.dblclick()
    says(page, "Pair 2 of 4")
    assert Vote.objects.count() == 1
    page.get_by_role("button", name="Equally good").tap()
    says(page, "Pair 3 of 4")
    page.get_by_role("button", name="Undo last vote").tap()
    says(page, "Pair 2 of 4")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
