"""Collections, tags and notes in a real browser: from the gallery, the viewer, by drag and key."""

from collections.abc import Callable

import pytest
from playwright.sync_api import FloatRect, Page, expect

from omixa_studio.models import Collection, CollectionItem, Person, Picture
from omixa_studio.queries.tags import tags_of
from tests.factories import make_collection, make_generation, make_picture
from tests.present import present

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def hung(person: Person) -> list[Picture]:
    """Six pictures."""
    rows = [make_generation(person, prompt=f"Fox {n}") for n in range(6)]
    return [make_picture(row, size=(300, 200)) for row in rows]


def order(collection: Collection) -> list[int]:
    items = CollectionItem.objects.filter(collection=collection).order_by("position")
    return [item.picture_id for item in items]


def middle(box: FloatRect) -> float:
    return box["y"] + box["height"] / 2


def test_a_letter_adds_a_picture_and_the_viewer_shows_it(
    open_page: OpenPage, hung: list[Picture], person: Person, axe: Axe
) -> None:
    team = make_collection(person, access="team_read", name="Ours")
    page = open_page("/gallery/")
    page.locator(f'[data-picture="{hung[5].pk}"]').focus()
    page.keyboard.press("a")
    dialog = page.locator("#ask")
    head = present(dialog.get_by_role("heading").bounding_box())
    close = present(dialog.get_by_role("button", name="Close").bounding_box())
    assert close["x"] > head["x"] + head["width"]
    assert abs(middle(close) - middle(head)) <= 2
    cover = dialog.get_by_role("button", name="Ours").locator(".tile")
    boxes = [present(one.bounding_box()) for one in (cover, cover.locator(".icon"))]
    assert abs(middle(boxes[0]) - middle(boxes[1])) <= 2
    dialog.get_by_role("button", name="Ours").click()
    expect(dialog.get_by_role("alert")).to_contain_text("1 of these pictures is private")
    assert axe(page) == []
    dialog.get_by_role("button", name="Share with the team and add").click()
    expect(page.locator(".toast")).to_contain_text("1 picture added to “Ours”.")
    expect(dialog).to_be_hidden()
    assert order(team) == [hung[5].pk]
    hung[5].refresh_from_db()
    assert hung[5].shared
    page.locator(f'[data-picture="{hung[5].pk}"]').click()
    marks = page.locator("#marks")
    page.wait_for_selector("dialog #marks")
    marks.evaluate("one => one.scrollIntoView()")
    expect(marks.get_by_role("link", name="Ours")).to_be_visible()
    page.locator("#new-tag").fill("Dawn, harbour")
    page.locator("#new-tag").press("Enter")
    expect(marks.get_by_role("link", name="harbour")).to_be_visible()
    expect(page.locator("#new-tag")).to_have_value("")
    page.locator("#note-of-picture").fill("For the client")
    page.locator("#note-of-picture").blur()
    expect(page.locator(".toast")).to_contain_text("Note saved.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#note-of-picture")).to_have_value("")
    assert [tag.name for tag in tags_of(hung[5])] == ["Dawn", "harbour"]
    assert axe(page) == []


def test_it_is_arranged_by_mouse_and_by_keyboard(
    open_page: OpenPage, hung: list[Picture], person: Person, axe: Axe
) -> None:
    a, b, c, d, e, f = (one.pk for one in hung)
    made = make_collection(person, *hung)
    page = open_page(f"/collections/{made.pk}/arrange/")
    page.locator(f'li[data-id="{e}"] .grip').drag_to(page.locator(f'li[data-id="{b}"] .grip'))
    expect(page.locator(".toast")).to_contain_text("Moved.")
    assert order(made) == [a, e, b, c, d, f]
    page.locator(f'li[data-id="{a}"] .grip').focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-said]")).to_contain_text("Place 1 of 6")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-said]")).to_contain_text("Place 3 of 6")
    with page.expect_response("**/move/"):
        page.keyboard.press("Space")
    assert order(made) == [e, b, a, c, d, f]
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    assert order(made) == [e, b, a, c, d, f]
    assert axe(page) == []
    page.get_by_role("button", name="Undo").click()
    page.wait_for_load_state()
    assert order(made) == [a, e, b, c, d, f]
