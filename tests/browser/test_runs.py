"""Many at once in a real browser: a list, its price, its run, its winners."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from omixa_studio.models import Generation, GenerationInput, Person, Picture, Run
from tests.factories import draw_png, make_generation, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
IMAGEN = "imagen-4.0-generate-001"
BANANA = "gemini-2.0-flash-preview-image-generation"


@pytest.mark.parametrize("width", [390, 1440])
def test_it_prices_a_list_and_starts_it(open_page: Callable[..., Page], width: int) -> None:
    page = open_page(f"/many/?model={IMAGEN}", width=width)
    page.get_by_label("Prompts, one per line").fill("A {red|blue} kite\nA harbour")
    expect(page.locator("#total .go")).to_contain_text(re.compile(r"Generate 3\s+about \$0.12"))
    page.locator("#total .go").click()
    expect(page.locator(".cell")).to_have_count(3)
    assert Generation.objects.count() == 3
    page.get_by_role("button", name="Pause").click()
    expect(
        page.get_by_text("Paused. Running requests finish and their pictures are kept.")
    ).to_be_visible()
    page.get_by_role("button", name="Cancel 3 queued").click()
    expect(page.locator('[data-state="cancelled"]')).to_have_count(3)


def test_it_sends_references_with_every_row(
    open_page: Callable[..., Page], person: Person, axe: Callable[[Page], list[str]]
) -> None:
    picture = make_picture(make_generation(person), size=(160, 100))
    page = open_page(f"/many/?model={BANANA}", width=390)
    file = FilePayload(name="a.png", mimeType="image/png", buffer=draw_png((80, 80)))
    page.locator("input[type=file]").set_input_files([file])
    expect(page.locator(".reference img")).to_have_count(1)
    page.get_by_role("link", name="From the gallery").click()
    page.locator(f'#choosing [data-choice="{picture.pk}"]').click()
    expect(page.locator(".reference img")).to_have_count(2)
    page.get_by_role("button", name="Done").click()
    page.get_by_label("Prompts, one per line").fill("A {red|blue} kite")
    expect(page.locator("#total .go")).to_contain_text("Generate 2")
    page.goto("/gallery/")
    page.go_back()
    expect(page.locator(".reference img")).to_have_count(2)
    expect(page.locator("#total .go")).to_contain_text("Generate 2")
    page.get_by_role("button", name="Its options").click()
    expect(page.locator(".reference img")).to_have_count(2)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#total .go").click()
    expect(page.locator(".cell")).to_have_count(2)
    sent = GenerationInput.objects.filter(generation__operation="merge").values("image")
    assert (sent.count(), sent.distinct().count()) == (4, 2)


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1440, "dark")])
def test_it_marks_winners_and_leads_to_their_final_quality(
    open_page: Callable[..., Page],
    person: Person,
    axe: Callable[[Page], list[str]],
    width: int,
    theme: str,
) -> None:
    run = Run.objects.create(person=person, kind="compare", axis="model")
    picture = make_picture(make_generation(person, group=run.pk), size=(96, 96))
    page = open_page(f"/runs/{run.pk}/", width=width, theme=theme)
    page.get_by_role("button", name="Winner").click()
    final = page.get_by_role("link", name="Final quality for 1 winner")
    expect(final).to_be_visible()
    assert Picture.objects.get(pk=picture.pk).winner
    assert not axe(page)
    final.click()
    expect(page.locator("#total .go")).to_contain_text("Generate 1")
    assert not axe(page)


def test_the_menu_says_menu_where_no_place_is_open(open_page: Callable[..., Page]) -> None:
    page = open_page("/many/", width=390)
    word = page.locator(".menu.phone summary").get_by_text("Menu", exact=True).bounding_box()
    assert word is not None
    assert word["width"] > 20
    page.goto("/gallery/")
    hidden = page.locator(".menu.phone summary").get_by_text("Menu", exact=True).bounding_box()
    assert hidden is not None
    assert hidden["width"] < 2
