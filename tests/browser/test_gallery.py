"""The galleries and the picture page in a real browser: by keyboard, by hand, without script."""

import operator
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone
from playwright.sync_api import FloatRect, Locator, Page, expect

from omixa_studio.models import Person, Picture
from omixa_studio.queries import prompt_hits
from tests.factories import make_generation, make_limit, make_person, make_picture
from tests.present import present

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]
# The studio alone: every address of ours ends with a slash.
STUDIO = re.compile(r"^http://[^/]+/$")
SHAPES = ((160, 90), (90, 160), (100, 100), (130, 91), (91, 130))


@pytest.fixture
def hung(person: Person) -> list[Picture]:
    """Thirteen pictures of several shapes, oldest first."""
    return [
        make_picture(make_generation(person, prompt=f"Picture {n}"), size=SHAPES[n % 5])
        for n in range(13)
    ]


@pytest.fixture
def many(person: Person, hung: list[Picture]) -> list[Picture]:
    """120 more pictures above the thirteen; they share their files."""
    generation = make_generation(person)
    pattern = hung[2]
    same = ("person", "model", "name", "thumb", "sha256", "format", "bytes", "cost_micros")
    values = {name: getattr(pattern, name) for name in same}
    for index in range(120):
        width, height = SHAPES[index % 5]
        Picture.objects.create(
            generation=generation, index=index, width=width, height=height, **values
        )
    return list(Picture.objects.order_by("created_at", "id"))


def tile(page: Page, picture: Picture) -> Locator:
    return page.locator(f'[data-picture="{picture.pk}"]')


def box_of(element: Locator) -> FloatRect:
    return present(element.bounding_box())


def state(picture: Picture) -> tuple[bool, bool]:
    picture.refresh_from_db()
    return picture.shared, picture.trashed_at is not None


def test_it_says_how_many_were_found_once_all_are_counted(
    open_page: OpenPage, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_hits, "STEPS", (55, 2000))
    now = timezone.now()
    for hours in range(60, 0, -1):
        generation = make_generation(person, prompt="A harbour")
        make_picture(generation, created_at=now - timedelta(hours=hours))
    unscripted = open_page("/gallery/?q=harbour", script=False)
    expect(unscripted.get_by_text("56+ pictures found")).to_be_visible()
    expect(open_page("/gallery/?q=harbour").get_by_text("60 pictures found")).to_be_visible()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_it_keeps_the_shape_of_every_picture_in_even_rows(
    open_page: OpenPage, hung: list[Picture], width: int
) -> None:
    page = open_page("/gallery/", width=width)
    boxes = page.locator("[data-picture]").evaluate_all(
        """tiles => tiles.map(tile => {
            const {left, right, top, width, height} = tile.getBoundingClientRect();
            const shown = tile.querySelector("img");
            return {left, right, top, width, height,
                    ratio: shown.getAttribute("width") / shown.getAttribute("height")};
        })"""
    )
    assert len(boxes) == 13
    for box in boxes:
        assert box["width"] / box["height"] == pytest.approx(box["ratio"], rel=0.02)
    rows: dict[int, list[dict[str, float]]] = {}
    for box in boxes:
        rows.setdefault(round(box["top"]), []).append(box)
    full = list(rows.values())[:-1]
    assert full
    for row in full:
        assert row[0]["left"] == pytest.approx(full[0][0]["left"], abs=1)
        assert row[-1]["right"] == pytest.approx(full[0][-1]["right"], abs=1)
        assert max(b["height"] for b in row) - min(b["height"] for b in row) < 4
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_keeps_the_shape_without_script(open_page: OpenPage, hung: list[Picture]) -> None:
    page = open_page("/gallery/", script=False)
    box = box_of(tile(page, hung[0]))
    assert box["width"] / box["height"] == pytest.approx(160 / 90, rel=0.02)


def test_it_pages_by_links_without_script(open_page: OpenPage, many: list[Picture]) -> None:
    page = open_page("/gallery/", script=False)
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Older").click()
    expect(page.locator("[data-picture]")).to_have_count(33)
    expect(page.locator(".month")).to_have_count(1)
    page.get_by_role("link", name="Newer").click()
    expect(page.locator("[data-picture]")).to_have_count(50)


def test_it_searches_while_one_types_and_keeps_it_in_the_address(
    open_page: OpenPage, person: Person, hung: list[Picture]
) -> None:
    fox = make_picture(make_generation(person, prompt="Лиса в снегу"))
    page = open_page("/gallery/")
    page.keyboard.press("/")
    page.keyboard.type("СНЕГУ лиса")
    expect(page.locator("[data-picture]")).to_have_count(1)
    expect(tile(page, fox)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q="))
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.reload()
    expect(page.locator("[data-picture]")).to_have_count(1)
    page.get_by_role("searchbox").fill("owl")
    expect(page.get_by_text("No pictures found")).to_be_visible()
    page.get_by_role("link", name="Show everything").click()
    expect(page.locator("[data-picture]")).to_have_count(14)


def test_it_narrows_and_widens_by_menus_and_chips(
    open_page: OpenPage, person: Person, hung: list[Picture]
) -> None:
    make_picture(make_generation(person, model="gpt-image-1.5"))
    page = open_page("/gallery/")
    page.locator(".apart > summary", has_text="Model").click()
    page.get_by_role("link", name="GPT Image 1.5", exact=True).click()
    expect(page.locator("[data-picture]")).to_have_count(1)
    page.locator(".apart > summary", has_text=re.compile("^Date")).click()
    page.get_by_role("link", name="Last month").click()
    expect(page.get_by_text("No pictures found")).to_be_visible()
    page.get_by_role("link", name="Stop filtering by Last month").click()
    expect(page.locator("[data-picture]")).to_have_count(1)


@pytest.mark.parametrize("width", [320, 390])
def test_all_its_tools_stand_in_one_row_of_a_phone(
    open_page: OpenPage, person: Person, hung: list[Picture], width: int
) -> None:
    Person.objects.filter(pk=person.pk).update(language="ru")
    page = open_page("/gallery/", width=width)
    shown = page.locator("#filters :is(.button, summary.button):visible").all()
    assert len(shown) == 5
    assert len({round(box_of(one)["y"]) for one in shown}) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".facets > summary").click()
    page.locator(".facet > summary", has_text="Модель").click()
    page.get_by_role("link", name="Imagen 4", exact=True).click()
    expect(page.locator("[data-picture]").first).to_be_visible()
    expect(page).to_have_url(re.compile("model="))


def test_it_moves_with_the_arrows_and_opens_with_enter(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/gallery/")
    page.keyboard.press("ArrowRight")
    expect(tile(page, hung[12])).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(tile(page, hung[11])).to_be_focused()
    page.keyboard.press("ArrowDown")
    below = page.locator(":focus")
    assert box_of(below)["y"] > box_of(tile(page, hung[12]))["y"]
    page.keyboard.press("ArrowUp")
    assert box_of(page.locator(":focus"))["y"] == box_of(tile(page, hung[12]))["y"]
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/pictures/\d+/"))


def test_a_key_held_down_throws_away_one(open_page: OpenPage, hung: list[Picture]) -> None:
    page = open_page("/gallery/")
    expect(page.locator(".laid")).to_be_visible()
    for opened in (False, True):
        tile(page, hung[6 if opened else 9]).focus()
        if opened:
            page.keyboard.press("Enter")
            expect(page.locator("#viewer studio-picture [data-trash]")).to_be_visible()
        for _ in range(5):
            page.keyboard.down("Delete")
            page.wait_for_timeout(150)
        page.keyboard.up("Delete")
    expect(page.locator(".toast")).to_contain_text("Moved to the trash.")
    assert Picture.objects.exclude(trashed_at=None).count() == 2


def test_it_throws_away_with_delete_and_brings_back_in_place(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/gallery/")
    tile(page, hung[6]).focus()
    page.keyboard.press("Delete")
    expect(tile(page, hung[6])).to_be_hidden()
    expect(tile(page, hung[5])).to_be_focused()
    expect(page.get_by_role("status").get_by_text("Moved to the trash.")).to_be_visible()
    assert state(hung[6]) == (False, True)
    page.get_by_role("button", name="Undo").click()
    expect(tile(page, hung[6])).to_be_focused()
    assert state(hung[6]) == (False, False)


@pytest.mark.parametrize("held", ["hover", "focus"])
def test_an_undo_stays_while_one_reaches_for_it(
    open_page: OpenPage, hung: list[Picture], held: str
) -> None:
    page = open_page("/gallery/")
    page.clock.install()
    tile(page, hung[6]).focus()
    page.keyboard.press("Delete")
    undo = page.locator(".toast").get_by_role("button", name="Undo")
    getattr(undo, held)()
    for _ in range(4):
        page.clock.run_for(10_000)
    expect(undo).to_be_visible()
    page.mouse.move(5, 5)
    undo.evaluate("button => button.blur()")
    page.clock.run_for(10_000)
    expect(page.locator(".toast")).to_have_count(0)


def test_it_shares_with_s_and_hides_with_s(open_page: OpenPage, hung: list[Picture]) -> None:
    page = open_page("/gallery/")
    tile(page, hung[3]).focus()
    page.keyboard.press("s")
    expect(tile(page, hung[3]).get_by_text("Shared with the team")).to_be_attached()
    expect(page.get_by_role("status").get_by_text("Shared with the team.")).to_be_visible()
    assert state(hung[3]) == (True, False)
    page.keyboard.press("s")
    expect(page.get_by_text("Made private: only you see it now.")).to_be_visible()
    assert state(hung[3]) == (False, False)


def test_it_does_not_share_on_the_way_to_the_studio(
    open_page: OpenPage, hung: list[Picture], posted: list[str]
) -> None:
    page = open_page("/gallery/")
    tile(page, hung[3]).focus()
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page).to_have_url(STUDIO)
    assert posted == []
    assert state(hung[3]) == (False, False)


def test_it_does_not_share_a_picture_s_page_on_the_way(
    open_page: OpenPage, hung: list[Picture], posted: list[str]
) -> None:
    page = open_page(f"/pictures/{hung[3].pk}/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page).to_have_url(STUDIO)
    assert posted == []


def test_it_takes_a_picture_out_of_the_teams_gallery_with_s(
    open_page: OpenPage, hung: list[Picture], posted: list[str]
) -> None:
    Picture.objects.update(shared=True)
    theirs = make_picture(make_generation(make_person("jon")), shared=True)
    page = open_page("/team/")
    tile(page, theirs).focus()
    page.keyboard.press("Delete")
    page.keyboard.press("s")
    tile(page, hung[12]).focus()
    page.keyboard.press("s")
    expect(page.get_by_text("Made private: only you see it now.")).to_be_visible()
    expect(tile(page, hung[12])).to_be_hidden()
    assert posted == [f"/pictures/{hung[12].pk}/private"]
    assert state(hung[12]) == (False, False)
    assert state(theirs) == (True, False)


def test_it_comes_back_to_the_same_place(open_page: OpenPage, many: list[Picture]) -> None:
    page = open_page("/gallery/")
    page.locator(".laid").wait_for()
    page.keyboard.press("End")
    tile(page, many[0]).wait_for()
    tile(page, many[20]).click()
    for _ in range(2):
        expect(page.locator("studio-picture")).to_be_attached()
        address = page.url
        page.keyboard.press("j")
        page.wait_for_url(partial(operator.ne, address))
    seen = page.locator("studio-picture").get_attribute("data-id")
    page.keyboard.press("Escape")
    page.wait_for_url("**/gallery/**")
    expect(page.locator(f'[data-picture="{seen}"]')).to_be_focused()
    expect(page.locator(f'[data-picture="{seen}"]')).to_be_in_viewport()


def test_it_steps_along_the_gallery_with_arrows(open_page: OpenPage, hung: list[Picture]) -> None:
    page = open_page(f"/pictures/{hung[5].pk}/")
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/pictures/{hung[4].pk}/")
    page.keyboard.press("k")
    page.wait_for_url(f"**/pictures/{hung[5].pk}/")
    page.get_by_role("link", name="Next picture").click()
    page.wait_for_url(f"**/pictures/{hung[4].pk}/")
    page.keyboard.press("Escape")
    page.wait_for_url(f"**/gallery/?at={hung[4].pk}")


def test_it_shows_the_original_pixel_by_pixel(open_page: OpenPage, person: Person) -> None:
    large = make_picture(make_generation(person), size=(2600, 1800))
    Picture.objects.filter(pk=large.pk).update(preview=large.thumb)
    page = open_page(f"/pictures/{large.pk}/")
    page.locator("[data-zoom]").click()
    image = page.locator("[data-zoom] img")
    expect(image).to_have_attribute("src", re.compile(rf"/pictures/{large.pk}/file"))
    expect(page.locator(".zoom output")).to_have_text("100 %")
    page.keyboard.press("Escape")
    expect(page.locator(".zoomed")).to_have_count(0)
    expect(page).to_have_url(re.compile(rf"/pictures/{large.pk}/"))


def test_it_folds_a_long_prompt_and_unfolds_it(open_page: OpenPage, person: Person) -> None:
    long = make_picture(make_generation(person, prompt="rain on a window " * 235))
    page = open_page(f"/pictures/{long.pk}/")
    folded = box_of(page.locator("#prompt-text"))["height"]
    page.get_by_role("button", name="Whole prompt").click()
    assert box_of(page.locator("#prompt-text"))["height"] > folded * 3


def test_it_copies_the_prompt(open_page: OpenPage, person: Person) -> None:
    picture = make_picture(make_generation(person, prompt="Лиса & co"))
    page = open_page(f"/pictures/{picture.pk}/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy prompt").click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Лиса & co"


def test_it_deletes_goes_on_to_the_next_and_undoes(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page(f"/pictures/{hung[5].pk}/")
    page.keyboard.press("Delete")
    page.wait_for_url(f"**/pictures/{hung[4].pk}/")
    assert state(hung[5]) == (False, True)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Restored.")).to_be_visible()
    assert state(hung[5]) == (False, False)


@pytest.mark.parametrize("script", [True, False])
def test_it_shares_and_hides_from_the_page(
    open_page: OpenPage, hung: list[Picture], script: bool
) -> None:
    page = open_page(f"/pictures/{hung[0].pk}/", script=script)
    page.get_by_role("button", name="Share with the team").click()
    expect(page.get_by_role("button", name="Make private")).to_be_visible()
    assert state(hung[0]) == (True, False)


def test_it_restores_from_the_trash_without_script(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page(f"/pictures/{hung[0].pk}/", script=False)
    page.get_by_role("button", name="Delete").click()
    page.goto("/trash/")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert state(hung[0]) == (False, False)


@pytest.mark.parametrize("path", ["/gallery/", "/team/"])
def test_its_filters_fit_the_narrowest_window_in_the_longer_language(
    open_page: OpenPage, person: Person, path: str
) -> None:
    make_picture(make_generation(person), shared=True)
    person.language = "ru"
    person.save(update_fields=["language"])
    page = open_page(path, width=320)
    expect(page.locator(".filters [data-select]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("width", [390, 600, 700, 900])
def test_its_menus_stay_in_the_window(open_page: OpenPage, person: Person, width: int) -> None:
    make_picture(make_generation(person), shared=True)
    page = open_page("/team/", width=width)
    menus = page.locator(".filter:visible").all()
    assert len(menus) >= 2
    for menu in menus:
        menu.locator("> summary").click()
        box = menu.locator(".panel").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_a_narrow_bar_keeps_the_name_of_its_place(open_page: OpenPage, person: Person) -> None:
    make_picture(make_generation(person))
    make_limit(person.pk, 50_000_000)
    Person.objects.update(language="ru")
    page = open_page("/gallery/", width=320)
    for job in ("", '<details class="jobs menu"><summary></summary></details>'):
        page.locator("#jobs").evaluate("(jobs, html) => jobs.innerHTML = html", job)
        assert present(page.locator(".bar .here").bounding_box())["width"] > 40
        expect(page.locator(".status .short")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 320
