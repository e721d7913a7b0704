"""A gallery in its whole length: exact rows, the same place again, few elements."""

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from omixa_studio.models import Picture
from tests.present import present
from tests.synthetic import Synthetic

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]
# Notes what moves in a gallery from the first paint on.
SHIFTS = """
    window.shifts = [];
    new PerformanceObserver(list => {
        for (const {value, sources} of list.getEntries()) {
            const moved = sources.filter(one => one.node?.closest?.("studio-gallery"));
            if (moved.length) shifts.push([value, ...moved.map(one => one.node.className)]);
        }
    }).observe({type: "layout-shift", buffered: true});
"""
# The boxes of the pictures in the window, by rows, and what their cells say.
ROWS = """gallery => {
    const rows = new Map();
    for (const cell of gallery.querySelectorAll(".cell")) {
        const {left, right, top, bottom, height} = cell.getBoundingClientRect();
        if (bottom < 60 || top > innerHeight) continue;
        const key = Math.round(top);
        rows.set(key, [...rows.get(key) ?? [], {left, right, height}]);
    }
    return [...rows.values()];
}"""


def tile(page: Page, picture: Picture) -> Locator:
    return page.locator(f'[data-picture="{picture.pk}"]')


def spot(element: Locator) -> float:
    return present(element.bounding_box())["y"]


def unrolled(page: Page) -> Locator:
    """The gallery of a page, as soon as it has its whole length."""
    gallery = page.locator("studio-gallery.laid:not(.returning)")
    gallery.wait_for()
    return gallery


def scroll_to(page: Page, share: float) -> None:
    """Scroll to a part of the page and wait until all tiles in the window are there."""
    page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
    rests(page)


def rests(page: Page) -> None:
    page.wait_for_function(
        """() => {
            const seen = [...document.querySelectorAll(".cell")].filter(cell => {
                const {top, bottom} = cell.getBoundingClientRect();
                return bottom > 0 && top < innerHeight;
            });
            return seen.length && seen.every(cell => cell.children.length);
        }"""
    )


@pytest.mark.parametrize("width", [390, 1440])
def test_it_has_its_whole_length_and_even_rows(
    open_page: OpenPage, axe: Axe, long: list[Picture], width: int
) -> None:
    page = open_page("/account/", width=width)
    page.add_init_script(SHIFTS)
    page.goto("/gallery/")
    gallery = unrolled(page)
    height = page.evaluate("document.documentElement.scrollHeight")
    ends = present(gallery.bounding_box())
    left, right = ends["x"], ends["x"] + ends["width"]
    for share in (0, 0.3, 0.6, 1):
        scroll_to(page, share)
        *full, _ = gallery.evaluate(ROWS)
        for row in full:
            assert row[0]["left"] == pytest.approx(left, abs=1)
            assert row[-1]["right"] <= right + 1
            assert max(box["height"] for box in row) - min(box["height"] for box in row) < 0.1
        assert sum(abs(row[-1]["right"] - right) < 1 for row in full) >= len(full) - 2
        assert page.locator(".cell").count() < 200
        assert page.evaluate("document.documentElement.scrollHeight") == height
    expect(tile(page, long[-1])).to_be_in_viewport()
    last = page.locator(".cell", has=tile(page, long[-1]))
    expect(last).to_have_attribute("aria-posinset", str(last.get_attribute("aria-setsize")))
    assert axe(page) == []
    assert page.evaluate("window.shifts") == []


@pytest.mark.parametrize(("width", "touch"), [(390, True), (1440, False)])
def test_it_leads_back_to_the_very_same_spot(
    open_page: OpenPage, long: list[Picture], width: int, touch: bool
) -> None:
    page = open_page("/gallery/", width=width, touch=touch)
    unrolled(page)
    for index in (130, 377, 640):
        page.evaluate("share => scrollTo(0, share * document.body.scrollHeight)", index / len(long))
        rests(page)
        opened = page.locator(".cell:nth-last-child(4 of .cell) [data-picture]").last
        opened = page.locator(f'[data-picture="{opened.get_attribute("data-picture")}"]')
        opened.scroll_into_view_if_needed()
        rests(page)
        before = spot(opened)
        opened.click(position={"x": 20, "y": 20})
        page.locator("#viewer studio-picture").wait_for()
        page.go_back()
        expect(opened).to_be_focused()
        assert spot(opened) == pytest.approx(before, abs=1)
    page.reload()
    unrolled(page)
    assert spot(opened) == pytest.approx(before, abs=1)
    opened.click(position={"x": 20, "y": 20})
    page.locator("#viewer studio-picture").wait_for()
    page.reload()
    page.locator("studio-picture").wait_for()
    page.keyboard.press("Escape")
    unrolled(page)
    expect(opened).to_be_focused()
    assert spot(opened) == pytest.approx(before, abs=1)
    page.goto("/account/")
    page.go_back()
    unrolled(page)
    assert spot(opened) == pytest.approx(before, abs=1)
    page.get_by_role("searchbox").fill("harbour")
    expect(page).to_have_url(re.compile(r"\?q=harbour$"))
    expect(page.locator(".count")).to_be_in_viewport()


def test_it_goes_where_arrows_and_addresses_lead(open_page: OpenPage, long: list[Picture]) -> None:
    page = open_page("/gallery/")
    unrolled(page)
    tile(page, long[9]).click()
    for picture in long[10:13]:
        page.keyboard.press("ArrowRight")
        expect(page.locator("#viewer studio-picture")).to_have_attribute("data-id", str(picture.pk))
    page.goto(f"/pictures/{long[500].pk}/")
    page.keyboard.press("Escape")
    page.wait_for_url("**/gallery/?at=*")
    unrolled(page)
    expect(tile(page, long[500])).to_be_focused()
    expect(tile(page, long[500])).to_be_in_viewport(ratio=1)
    above = spot(tile(page, long[500]))
    page.keyboard.press("Delete")
    expect(tile(page, long[501])).to_be_focused()
    expect(tile(page, long[500])).to_have_count(0)
    assert spot(tile(page, long[501])) == pytest.approx(above, abs=400)
    page.get_by_role("button", name="Undo").click()
    expect(tile(page, long[500])).to_be_focused()
    first = page.evaluate("document.querySelector('studio-gallery').view.anchor.id")
    seen = page.locator(f'[data-picture="{first}"]')
    before = spot(seen)
    values = {"generation_id": long[0].generation_id, "person_id": long[0].person_id}
    fresh = Picture.objects.create(
        name="x", sha256="", format="png", width=9, height=9, bytes=9, index=9999, **values
    )
    page.evaluate("document.querySelector('studio-gallery').refresh()")
    page.wait_for_function(
        "count => document.querySelector('studio-gallery').count === count", arg=len(long) + 1
    )
    assert spot(seen) == pytest.approx(before, abs=1)
    page.evaluate("scrollTo(0, 0)")
    expect(tile(page, fresh)).to_be_visible()


def test_it_restores_from_a_long_trash(open_page: OpenPage, long: list[Picture]) -> None:
    Picture.objects.update(trashed_at=timezone.now())
    page = open_page("/account/")
    page.add_init_script(SHIFTS)
    page.goto("/trash/")
    unrolled(page)
    days = page.locator(".thrown .left").first
    expect(days).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    scroll_to(page, 0.5)
    assert page.evaluate("window.shifts") == []
    gone = page.locator("[data-picture]:has(button)").nth(20)
    picture = int(present(gone.get_attribute("data-picture")))
    gone.get_by_role("button", name="Restore").click()
    expect(page.locator(f'[data-picture="{picture}"]')).to_have_count(0)
    expect(page.locator(":focus")).to_have_text("Restore")
    assert Picture.objects.get(pk=picture).trashed_at is None


@pytest.fixture
def million(open_page: OpenPage, long: list[Picture]) -> tuple[Page, Synthetic]:
    """A page with a million pictures, of which the first ones are real."""
    real = long[:50]
    shapes = bytes(picture.aspect for picture in real)
    made = Synthetic(1_000_000, [picture.pk for picture in real], shapes)
    page = open_page("/account/")
    page.add_init_script(SHIFTS)
    made.answer(page)
    page.goto("/gallery/")
    unrolled(page)
    return page, made


def test_a_million_pictures_fit_into_a_page(million: tuple[Page, Synthetic]) -> None:
    page, made = million
    assert page.evaluate("document.documentElement.scrollHeight") < 8_000_000
    page.keyboard.press("End")
    last = page.locator(f'[data-picture="{made.id_at(999_999)}"]')
    last.wait_for()
    rests(page)
    expect(last).to_be_in_viewport(ratio=1)
    assert present(page.viewport_size)["height"] - spot(last) < 400
    for place in (3_000_000, 6_900_000, 950_000):
        page.evaluate("place => scrollTo(0, place)", place)
        rests(page)
        seen = page.evaluate("document.querySelector('studio-gallery').view.anchor")
        one = page.locator(f'[data-picture="{seen["id"]}"]')
        before = spot(one)
        page.mouse.move(600, 500)
        page.mouse.wheel(0, 300)
        page.wait_for_function("place => scrollY !== place", arg=place)
        page.wait_for_timeout(300)
        assert spot(one) == pytest.approx(before - 300, abs=2)
        assert page.locator(".cell").count() < 200
    page.keyboard.press("Home")
    expect(page.locator(f'[data-picture="{made.newest[0]}"]')).to_be_in_viewport()
    assert page.evaluate("window.shifts") == []


def test_no_cell_stays_empty_after_a_broken_off_journey(
    million: tuple[Page, Synthetic], troubles: list[str]
) -> None:
    page, made = million
    slider = page.get_by_role("slider", name="Month")
    box = present(slider.bounding_box())
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    for part in range(1, 30):
        page.mouse.move(box["x"] + 9, box["y"] + part * box["height"] / 32)
    expect(page.locator(".bubble")).to_be_visible()
    page.mouse.up()
    assert len(made.asked) < 30
    rests(page)
    made.fails = 2
    page.keyboard.press("ArrowDown")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^\w+ 20\d\d$"))
    said = slider.get_attribute("aria-valuetext")
    page.keyboard.press("PageDown")
    expect(slider).not_to_have_attribute("aria-valuetext", present(said))
    rests(page)
    assert made.fails == 0
    troubles.clear()


def test_arrows_move_over_what_is_not_loaded(million: tuple[Page, Synthetic]) -> None:
    page, made = million
    page.keyboard.press("ArrowRight")
    expect(page.locator(f'[data-picture="{made.newest[0]}"]')).to_be_focused()
    at = "Number(document.activeElement.closest('.cell').dataset.ordinal)"
    for _ in range(40):
        page.keyboard.press("ArrowDown")
    far = page.evaluate(at)
    assert far > 100
    expect(page.locator(f'[data-picture="{made.id_at(far)}"]')).to_be_focused()
    page.evaluate("scrollTo(0, 5e6)")
    rests(page)
    assert page.evaluate(at) == far
    page.keyboard.press("ArrowLeft")
    expect(page.locator(f'[data-picture="{made.id_at(far - 1)}"]')).to_be_focused()
    expect(page.locator(":focus")).to_be_in_viewport()


def test_a_million_are_laid_out_in_slices(open_page: OpenPage, long: list[Picture]) -> None:
    page = open_page("/gallery/")
    unrolled(page)
    seen = page.evaluate(
        """async () => {
            const path = document.querySelector('[href*="gallery/layout."]').href;
            const { layOut, layOutInSlices } = await import(path);
            const count = 1_000_000;
            const shapes = Uint8Array.from({length: count}, (_, n) => 90 + n % 89);
            const sections = [0, 1, 2].map(n => ({key: "2026-01", start: n, count: 1}));
            sections[2].count = count - 2;
            const sizes = {width: 1392, row: 200, gap: 8, head: 60, first: 40};
            const geometry = {count, shapes, sections};
            let turns = 0;
            const go = scheduler.yield.bind(scheduler);
            scheduler.yield = () => (turns += 1, go());
            const sliced = await layOutInSlices(geometry, sizes);
            const whole = layOut(geometry, sizes);
            const same = (name) => whole[name].every((one, n) => one === sliced[name][n]);
            return [turns, ["starts", "tops", "heads"].every(same), whole.height - sliced.height];
        }"""
    )
    turns, same, differs = seen
    assert (same, differs) == (True, 0)
    assert turns >= 9, "nothing else could be done meanwhile"
