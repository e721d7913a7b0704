"""The large view over the page that a picture hangs on: by keyboard, by mouse and by finger."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession, Locator, Page, Route, expect

from omixa_studio.models import Person, Picture
from tests.factories import make_generation, make_picture
from tests.present import present
from tests.servers import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]
SHIFTS = """
    window.shifts = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) window.shifts += entry.value;
    }).observe({type: "layout-shift", buffered: true});
"""


@pytest.fixture
def hung(person: Person) -> list[Picture]:
    """Twenty pictures of one request and one of another, oldest first; they share their files."""
    generation = make_generation(person, prompt="A grey harbour", count=20)
    first = make_picture(generation, size=(600, 400))
    same = ("person", "model", "used_prompt_id", "name", "thumb", "sha256", "format", "bytes")
    values = {name: getattr(first, name) for name in (*same, "width", "height")}
    for index in range(1, 20):
        Picture.objects.create(generation=generation, index=index, **values)
    make_picture(make_generation(person, prompt="rain on a window " * 235), size=(1400, 900))
    return list(Picture.objects.order_by("created_at", "id"))


def tile(page: Page, picture: Picture) -> Locator:
    return page.locator(f'a.tile:not(.thumb)[href^="/pictures/{picture.pk}/"]')


def view(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Picture")


def shows(page: Page, picture: Picture) -> None:
    expect(view(page).locator("studio-picture")).to_have_attribute("data-id", str(picture.pk))
    expect(page).to_have_url(re.compile(rf"/pictures/{picture.pk}/"))


def hold_views(page: Page) -> list[Route]:
    """Hold back what the server draws of pictures; `let_go` lets it come."""
    held: list[Route] = []
    page.route(re.compile(r"/pictures/\d+/($|\?)"), lambda route: held.append(route))
    return held


def let_go(page: Page, held: list[Route]) -> None:
    expect(view(page).locator("[aria-busy]")).to_be_visible()
    while held:
        held.pop().continue_()
    page.unroute_all()


def spot(element: Locator) -> float:
    return present(element.bounding_box())["y"]


def test_it_opens_over_its_gallery_and_leaves_that_as_it_was(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/gallery/")
    opened = tile(page, hung[10])
    opened.scroll_into_view_if_needed()
    page.evaluate("window.stays = true")
    before = spot(opened)
    opened.click()
    shows(page, hung[10])
    expect(view(page).get_by_role("heading", name="A grey harbour")).to_be_attached()
    page.keyboard.press("ArrowRight")
    shows(page, hung[9])
    page.keyboard.press("k")
    shows(page, hung[10])
    page.keyboard.press("Escape")
    for close in (
        lambda: view(page).get_by_role("button", name="Close").click(),
        lambda: page.mouse.click(200, 450),
        page.go_back,
    ):
        expect(view(page)).to_be_hidden()
        expect(page).to_have_url(re.compile("/gallery/$"))
        expect(opened).to_be_focused()
        assert spot(opened) == pytest.approx(before, abs=1)
        page.keyboard.press("Enter")
        shows(page, hung[10])
        close()
    expect(view(page)).to_be_hidden()
    assert page.evaluate("window.stays")


def test_it_keeps_keys_that_are_pressed_before_it_came(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/gallery/")
    held = hold_views(page)
    tile(page, hung[15]).click()
    for key in ("ArrowRight", "j", "Escape"):
        page.keyboard.press(key)
    expect(view(page)).to_be_hidden()
    tile(page, hung[5]).click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    let_go(page, held)
    shows(page, hung[3])
    page.keyboard.press("Escape")
    expect(view(page)).to_be_hidden()


def test_forward_opens_it_again_and_a_reload_keeps_the_way_back(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/gallery/")
    opened = tile(page, hung[10])
    opened.click()
    shows(page, hung[10])
    page.keyboard.press("Escape")
    expect(view(page)).to_be_hidden()
    before = spot(opened)
    page.go_forward()
    shows(page, hung[10])
    page.reload()
    expect(page.get_by_role("heading", name="A grey harbour")).to_be_attached()
    expect(view(page)).to_have_count(0)
    page.keyboard.press("Escape")
    page.wait_for_url("**/gallery/")
    expect(opened).to_be_focused()
    assert spot(opened) == pytest.approx(before, abs=1)
    page.goto("/prompts/")
    leads_through_the_pictures_of_its_prompt(page, hung)


def test_its_actions_have_names_and_room_for_a_thumb(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/gallery/", width=390, touch=True)
    tile(page, hung[10]).click()
    shows(page, hung[10])
    actions = view(page).locator(".side > :is(.actions, .icons) :is(a, button)")
    expect(actions).to_have_count(13)
    for action in actions.all():
        box = present(action.bounding_box())
        assert min(box["width"], box["height"]) >= 44, action.inner_text()
        assert action.inner_text().strip(), "a screen reader would only say that it is a button"
    icons = view(page).locator(".icons :is(a, button)")
    assert all(icon.get_attribute("title") for icon in icons.all())


def leads_through_the_pictures_of_its_prompt(page: Page, hung: list[Picture]) -> None:
    """The best picture of a prompt opens over the list of prompts, and has neighbours there."""
    best = tile(page, hung[19])
    words = page.locator(".used-prompt .words", has_text="harbour")
    before = present(words.bounding_box())
    best.click()
    shows(page, hung[19])
    expect(view(page).get_by_role("link", name="Previous picture")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    shows(page, hung[18])
    page.keyboard.press("Escape")
    expect(view(page)).to_be_hidden()
    expect(page).to_have_url(re.compile("/prompts/$"))
    expect(best).to_be_focused()
    page.keyboard.press("Delete")
    expect(best).to_be_hidden()
    assert present(words.bounding_box()) == before


def test_it_zooms_pans_and_swipes(open_page: OpenPage, hung: list[Picture]) -> None:
    page = open_page("/gallery/", width=390, touch=True)
    page.emulate_media(reduced_motion="reduce")
    tile(page, hung[-1]).click()
    shows(page, hung[-1])
    touch = page.context.new_cdp_session(page)
    image = view(page).get_by_role("img").first
    percent = view(page).get_by_role("group", name="Zoom").locator("output")
    fits = present(image.bounding_box())["width"]
    page.keyboard.press("z")
    expect(percent).to_have_text("100 %")
    expect(image).to_have_attribute("src", re.compile("/file$"))
    left = present(image.bounding_box())["x"]
    drag(touch, [(200, 300)], (60, 0))
    wait_until(lambda: present(image.bounding_box())["x"] == pytest.approx(left + 60, abs=9), 5)
    page.keyboard.press("Escape")
    expect(view(page)).to_be_visible()
    pinch(touch, (195, 300), 20, 80)
    wait_until(lambda: present(image.bounding_box())["width"] > fits * 2, 5)
    page.keyboard.press("0")
    page.mouse.move(195, 300)
    page.mouse.wheel(0, -360)
    expect(percent).to_have_text(f"{round(fits * 2 / 1400 * 100)} %")
    twice = pytest.approx(fits * 2, rel=0.02)
    wait_until(lambda: present(image.bounding_box())["width"] == twice, 5)
    page.keyboard.press("0")
    drag(touch, [(300, 300)], (-150, 0))
    shows(page, hung[-2])
    drag(touch, [(100, 300)], (150, 0))
    shows(page, hung[-1])
    drag(touch, [(200, 300)], (20, 0))
    shows(page, hung[-1])
    page.keyboard.press("Escape")
    expect(view(page)).to_be_hidden()
    held = hold_views(page)
    tile(page, hung[5]).tap()
    drag(touch, [(300, 300)], (-150, 0))
    let_go(page, held)
    shows(page, hung[4])


def drag(touch: CDPSession, fingers: list[tuple[float, float]], by: tuple[float, float]) -> None:
    """Move fingers from where they are put down, in ten steps."""
    paths = [
        [(x + by[0] * part / 10, y + by[1] * part / 10) for part in range(11)] for x, y in fingers
    ]
    play(touch, paths)


def pinch(touch: CDPSession, middle: tuple[float, float], near: float, far: float) -> None:
    """Spread two fingers about a place."""
    x, y = middle
    steps = [near + (far - near) * part / 10 for part in range(11)]
    play(touch, [[(x - step, y) for step in steps], [(x + step, y) for step in steps]])


def play(touch: CDPSession, paths: list[list[tuple[float, float]]]) -> None:
    for part, places in enumerate(zip(*paths, strict=True)):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        kind = "touchMove" if part else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_it_shares_throws_away_and_undoes_over_the_gallery(
    open_page: OpenPage, hung: list[Picture], posted: list[str]
) -> None:
    page = open_page("/gallery/")
    tile(page, hung[10]).click()
    shows(page, hung[10])
    view(page).get_by_role("button", name="Share with the team").click()
    expect(view(page).get_by_role("button", name="Make private")).to_be_focused()
    expect(tile(page, hung[10])).to_have_attribute("data-shared", "")
    page.keyboard.press("Delete")
    shows(page, hung[9])
    expect(tile(page, hung[10])).to_be_hidden()
    view(page).get_by_role("button", name="Undo").click()
    expect(view(page).get_by_text("Restored.")).to_be_visible()
    expect(tile(page, hung[10])).to_be_attached()
    previous = view(page).get_by_role("link", name="Previous picture")
    expect(previous).to_have_attribute("href", f"/pictures/{hung[10].pk}/")
    previous.click()
    shows(page, hung[10])
    page.keyboard.press("Escape")
    expect(tile(page, hung[10])).to_be_focused()
    pk = hung[10].pk
    held = hold_views(page)
    tile(page, hung[1]).click()
    for key in ("ArrowLeft", "s"):
        page.keyboard.press(key)
    let_go(page, held)
    shows(page, hung[2])
    expect(tile(page, hung[2])).to_have_attribute("data-shared", "")
    assert posted.pop() == f"/pictures/{hung[2].pk}/share"
    assert posted == [f"/pictures/{pk}/{name}" for name in ("share", "trash", "restore")]


def test_it_fills_the_form_of_the_board_that_it_lies_over(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/")
    page.get_by_role("textbox", name="Prompt").fill("not touched")
    tile(page, hung[5]).click()
    shows(page, hung[5])
    page.keyboard.press("ArrowRight")
    shows(page, hung[6])
    view(page).get_by_role("link", name="Upscale").click()
    question = page.get_by_role("dialog", name="Upscale")
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    shows(page, hung[5])
    expect(page.locator("#prompt")).to_have_value("not touched")
    view(page).get_by_role("link", name="Use again").click()
    expect(view(page)).to_be_hidden()
    expect(page.locator("#prompt")).to_have_value("A grey harbour")
    expect(page).to_have_url(re.compile("^http://[^/]+/$"))


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_it_has_no_fault_that_axe_knows_and_nothing_moves(
    open_page: OpenPage, axe: Axe, hung: list[Picture], width: int, theme: str
) -> None:
    page = open_page("/gallery/", width=width, theme=theme)
    page.evaluate(SHIFTS)
    tile(page, hung[-1]).click()
    shows(page, hung[-1])
    faults = {"open": axe(page)}
    page.keyboard.press("ArrowRight")
    shows(page, hung[-2])
    page.keyboard.press("z")
    expect(view(page).locator(".zoomed")).to_be_visible()
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    # axe reads colours that the window does not show then.
    told = axe(page)
    faults["forced colours"] = [one for one in told if not one.startswith("color-contrast")]
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(view(page)).to_be_hidden()
    assert page.evaluate("window.shifts") <= 0.01
    page.add_init_script(SHIFTS)
    page.goto(f"/pictures/{hung[-1].pk}/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("ArrowRight")
    expect(page.locator("studio-picture")).to_have_attribute("data-id", str(hung[-2].pk))
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Make private")).to_be_visible()
    assert page.evaluate("window.shifts") <= 0.01
    assert {where: found for where, found in faults.items() if found} == {}
