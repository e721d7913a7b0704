"""Upscale, cut out, selections, before and after: by mouse, keys, fingers, and without script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from omixa_studio.models import Generation, GenerationInput, Person, Picture, Run
from omixa_studio.services import inputs
from tests.factories import make_generation, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]


@pytest.fixture
def hung(person: Person) -> list[Picture]:
    """Six pictures, in the order of the gallery."""
    made = [
        make_picture(make_generation(person, prompt=f"Harbour {n}"), size=(160, 100))
        for n in range(6)
    ]
    return made[::-1]


@pytest.fixture
def cut(person: Person, hung: list[Picture]) -> Picture:
    """A cut-out of the first one."""
    row = make_generation(person, prompt="", operation="remove_background")
    image = inputs.keep_picture(person, hung[0])
    GenerationInput.objects.create(generation=row, image=image, position=0)
    return make_picture(row, size=(160, 100), transparent=True)


def tile(page: Page, picture: Picture) -> Locator:
    return page.locator(f'[data-picture="{picture.pk}"]')


def selected(page: Page) -> list[int]:
    tiles = page.locator('[aria-checked="true"]')
    return [int(pk) for pk in tiles.evaluate_all("tiles => tiles.map(t => t.dataset.picture)")]


def trashed() -> list[int]:
    return sorted(Picture.objects.exclude(trashed_at=None).values_list("pk", flat=True))


@pytest.mark.parametrize("width", [390, 1440])
def test_it_asks_in_a_dialog_and_starts(
    open_page: OpenPage, hung: list[Picture], axe: Axe, width: int
) -> None:
    page = open_page(f"/pictures/{hung[0].pk}/", width=width)
    page.locator('.actions a[href$="/upscale/"]').click()
    dialog = page.locator("#ask")
    expect(dialog.locator("textarea[name=prompt]")).to_have_value("Harbour 5")
    expect(dialog.locator(".go")).to_contain_text("about $0.60")
    dialog.locator("textarea[name=prompt]").fill("Harbour, sharp")
    dialog.locator("[name=model]").last.check()
    expect(dialog.locator(".go")).to_contain_text("$0.10 reserved")
    expect(dialog.locator("textarea[name=prompt]")).to_have_value("Harbour, sharp")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    dialog.locator(".go").click()
    expect(page.locator(".toast a")).to_have_attribute("href", "/")
    expect(dialog).not_to_be_visible()
    assert Generation.objects.get(operation="upscale").prompt == "Harbour, sharp"


def test_it_says_in_the_dialog_what_is_wrong(open_page: OpenPage, hung: list[Picture]) -> None:
    page = open_page(f"/pictures/{hung[0].pk}/")
    page.locator('.actions a[href$="/upscale/"]').click()
    page.locator("#ask textarea[name=prompt]").fill("")
    page.locator("#ask .go").click()
    expect(page.locator("#ask [role=alert]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#ask")).not_to_be_visible()
    assert not Generation.objects.filter(operation="upscale").exists()


def test_it_selects_by_mouse_and_keys(open_page: OpenPage, hung: list[Picture], axe: Axe) -> None:
    page = open_page("/gallery/")
    tile(page, hung[0]).click(modifiers=["Control"])
    tile(page, hung[2]).click(modifiers=["Shift"])
    assert selected(page) == [picture.pk for picture in hung[:3]]
    tile(page, hung[1]).click()
    tile(page, hung[4]).focus()
    page.keyboard.press("x")
    assert selected(page) == [hung[0].pk, hung[2].pk, hung[4].pk]
    expect(page.locator("#selection output")).to_have_text("3")
    assert axe(page) == []
    page.keyboard.press("Escape")
    assert selected(page) == []
    expect(page.locator("#selection")).not_to_be_visible()
    tile(page, hung[0]).click()
    page.wait_for_url(re.compile(rf"/pictures/{hung[0].pk}/"))


@pytest.mark.parametrize(("first", "last"), [(1, 4), (4, 1)])
def test_it_selects_from_one_to_another_in_both_directions(
    open_page: OpenPage, hung: list[Picture], first: int, last: int
) -> None:
    page = open_page("/gallery/")
    tile(page, hung[first]).click(modifiers=["Control"])
    tile(page, hung[last]).click(modifiers=["Shift"])
    assert selected(page) == [picture.pk for picture in hung[1:5]]
    # What is taken out takes its neighbours along in either direction, too.
    tile(page, hung[last]).click(modifiers=["Control"])
    tile(page, hung[first]).click(modifiers=["Shift"])
    assert selected(page) == []


def test_it_cannot_be_started_twice_in_the_dialog(
    open_page: OpenPage, hung: list[Picture], posted: list[str]
) -> None:
    page = open_page(f"/pictures/{hung[0].pk}/")
    page.locator('.actions a[href$="/upscale/"]').click()
    start = page.locator("#ask .go")
    held: list[Route] = []
    page.route(re.compile("/upscale/$"), lambda route: held.append(route))
    with page.expect_request(re.compile("/upscale/$")):
        start.click()
    expect(start).to_be_disabled()
    held[0].continue_()
    expect(page.locator(".toast a")).to_be_visible()
    assert posted == [f"/pictures/{hung[0].pk}/upscale/"]


def test_it_throws_away_a_selection_and_brings_it_back(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/gallery/")
    page.locator(".filters [data-select]").click()
    for picture in hung[:2]:
        tile(page, picture).click()
    page.locator("#selection [value=trash]").click()
    expect(tile(page, hung[0])).not_to_be_visible()
    expect(page.locator(".toast")).to_contain_text("2 pictures moved to the trash.")
    assert trashed() == sorted(picture.pk for picture in hung[:2])
    page.locator(".toast form button").click()
    expect(tile(page, hung[0])).to_be_visible()
    assert trashed() == []


def test_it_starts_a_selection_as_one_run(open_page: OpenPage, hung: list[Picture]) -> None:
    page = open_page("/gallery/", width=390)
    page.locator(".filters [data-select]").click()
    for picture in hung[:3]:
        tile(page, picture).click()
    page.locator("#selection summary").click()
    page.locator("#selection [value=cutout]").click()
    expect(page.locator("#ask .go")).to_contain_text("about $0.15")
    page.locator("#ask .go").click()
    page.wait_for_url(re.compile("/runs/"))
    assert Run.objects.get().kind == "bulk"
    assert Generation.objects.filter(operation="remove_background").count() == 3


def test_it_selects_by_a_long_press(open_page: OpenPage, hung: list[Picture]) -> None:
    page = open_page("/gallery/", width=390, touch=True)
    box = tile(page, hung[1]).bounding_box()
    assert box is not None
    point = {"x": box["x"] + 30, "y": box["y"] + 30}
    cdp = page.context.new_cdp_session(page)
    cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(tile(page, hung[1])).to_have_attribute("aria-checked", "true")
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    tile(page, hung[2]).tap()
    expect(tile(page, hung[2])).to_have_attribute("aria-checked", "true")
    assert selected(page) == [hung[1].pk, hung[2].pk]
    assert page.url.endswith("/gallery/")


def test_it_has_a_menu_on_each_tile(open_page: OpenPage, hung: list[Picture], axe: Axe) -> None:
    page = open_page("/gallery/")
    tile(page, hung[3]).hover()
    page.locator(".tile-menu summary").click()
    assert axe(page) == []
    page.locator(".tile-menu a[data-route=picture_cutout]").click()
    expect(page.locator("#ask .go")).to_contain_text("about $0.05")
    page.locator("#ask .go").click()
    expect(page.locator(".toast a")).to_be_visible()
    sent = GenerationInput.objects.get(generation__operation="remove_background")
    assert sent.image.picture == hung[3]
    tile(page, hung[4]).focus()
    page.keyboard.press("m")
    page.locator('.tile-menu [data-do="trash"]').click()
    expect(tile(page, hung[4])).not_to_be_visible()


@pytest.mark.parametrize("place", [0, 2, 5])
def test_its_menu_is_seen_whole_on_a_phone(
    open_page: OpenPage, hung: list[Picture], place: int
) -> None:
    page = open_page("/gallery/", width=390)
    tile(page, hung[place]).focus()
    page.keyboard.press("m")
    panel = page.locator(".tile-menu > .panel")
    expect(panel).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.activeElement.closest('.panel') !== null")


def test_it_slides_between_before_and_after(open_page: OpenPage, cut: Picture, axe: Axe) -> None:
    page = open_page(f"/pictures/{cut.pk}/")
    page.locator(".compare summary").click()
    handle = page.get_by_role("slider")
    expect(handle).to_be_focused()
    expect(handle).to_have_attribute("aria-valuenow", "50")
    for key, value in (("ArrowRight", "52"), ("PageDown", "42"), ("Home", "0"), ("End", "100")):
        page.keyboard.press(key)
        expect(handle).to_have_attribute("aria-valuenow", value)
    box = page.locator("before-after .after").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 2, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, middle, steps=4)
    page.mouse.up()
    expect(handle).to_have_attribute("aria-valuenow", "25")
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(handle).not_to_be_visible()
    assert page.url.endswith(f"/pictures/{cut.pk}/")


def test_it_does_all_of_it_without_script(
    open_page: OpenPage, hung: list[Picture], cut: Picture
) -> None:
    page = open_page(f"/pictures/{cut.pk}/", script=False)
    page.locator(".compare summary").click()
    before, after = (page.locator(f"before-after .{name} img") for name in ("before", "after"))
    left, right = before.bounding_box(), after.bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] + left["width"] <= right["x"]
    page.goto(f"/pictures/{hung[0].pk}/")
    page.locator('.actions a[href$="/upscale/"]').click()
    page.locator(".go").click()
    page.wait_for_url(re.compile(r"^http://[^/]+/$"))
    page.goto("/gallery/")
    page.locator(".filters [data-select]").click()
    for picture in hung[:2]:
        page.locator(f'input[name=ids][value="{picture.pk}"]').check()
    page.locator("#selection summary").click()
    page.locator("#selection [value=cutout]").click()
    page.locator(".go").click()
    page.wait_for_url(re.compile("/runs/"))
    assert Generation.objects.filter(group=Run.objects.get().pk).count() == 2
