"""The form in a real browser: whole on a laptop, one line on a phone, still while it loads."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from omixa_studio.models import Generation, Person, State
from tests.factories import make_generation, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
GPT, IMAGEN = "gpt-image-1.5", "imagen-4.0-generate-001"
WATCH = """
  window.shifted = 0;
  const add = (entry) => entry.hadRecentInput || (window.shifted += entry.value);
  new PerformanceObserver((list) => list.getEntries().forEach(add))
    .observe({ type: "layout-shift", buffered: true });
"""
# A phone of a few years ago is so many times slower than this machine.
SLOW = 8
LONG = "A lighthouse keeper's kitchen at dusk, rain on the window. " * 70


def height(page: Page, selector: str) -> float:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["height"]


def test_it_shows_the_whole_form_of_a_laptop(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={GPT}")
    form = page.locator("#composer")
    expect(page.get_by_role("button", name="Generate")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("link", name="A list or a comparison")).to_be_in_viewport(ratio=1)
    assert form.evaluate("(form) => form.scrollHeight <= form.clientHeight")
    page.get_by_role("group", name="Quality").get_by_label("What is this?").click()
    expect(page.get_by_text("Auto lets the model decide.").nth(1)).to_be_in_viewport()
    page.locator("#prompt").fill(LONG)
    expect(page.get_by_role("button", name="Generate")).to_be_in_viewport(ratio=1)


def test_it_is_one_line_on_a_phone_that_grows(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={IMAGEN}", width=390, touch=True)
    prompt, go = page.locator("#prompt"), page.get_by_role("button", name="Generate")
    assert height(page, "#composer") <= 64
    assert "about $0.04" in go.inner_text()
    for selector in ("#prompt", ".go", ".handle"):
        assert height(page, selector) >= 42
    prompt.fill("A lighthouse keeper's kitchen at dusk, rain on the window")
    assert 64 < height(page, "#composer") <= 140
    prompt.fill(LONG)
    assert height(page, "#composer") < 300
    expect(go).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 844, "height": 390})
    expect(go).to_be_in_viewport(ratio=1)
    prompt.fill("")
    assert height(page, "#composer") <= 64


def test_it_opens_the_sheet_of_a_phone(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={IMAGEN}", width=390, touch=True)
    expect(page.locator("#n")).to_be_hidden()
    page.locator(".handle").tap()
    expect(page.locator("#n")).to_be_visible()
    page.locator(".picker summary").tap()
    page.locator(".model-option:has([value='MAI-Image-2.5'])").tap()
    expect(page.locator(".picker .chosen")).to_contain_text("MAI Image 2.5")
    expect(page.locator("#n")).to_be_visible()
    expect(page.locator("#prompt")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(page.locator("#n")).to_be_hidden()
    page.set_viewport_size({"width": 844, "height": 390})
    page.locator(".handle").tap()
    for selector in ("#n", "#prompt", ".go"):
        page.locator(selector).scroll_into_view_if_needed()
        expect(page.locator(selector)).to_be_in_viewport(ratio=1)
    page.touchscreen.tap(400, 58)
    expect(page.locator("#n")).to_be_hidden()
    page.locator(".menu.phone summary").tap()
    expect(page.locator(".menu.phone").get_by_role("link", name="Gallery")).to_be_visible()


def shifted(page: Page) -> float:
    """How far things have moved of themselves since the page was opened, as browsers count it."""
    drawn = "new Promise((done) => requestAnimationFrame(() => requestIdleCallback(done)))"
    page.evaluate(f"{drawn}.then(() => {drawn})")
    return float(page.evaluate("shifted"))


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_moves_while_it_loads_after_a_press_and_a_result(
    open_page: OpenPage, person: Person, width: int
) -> None:
    picture = make_picture(make_generation(person), size=(160, 90))
    page = open_page("/account/", width=width)
    page.add_init_script(WATCH)
    page.goto(f"/?edit={picture.pk}&model={GPT}")
    expect(page.locator(".reference[data-kind=upload]")).to_be_visible()
    assert shifted(page) <= 0.01
    page.goto(f"/?model={IMAGEN}&prompt=A+fox")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("[data-generation]")).to_have_count(2)
    made = Generation.objects.get(state=State.QUEUED)
    make_picture(made, size=(100, 100))
    Generation.objects.filter(pk=made.pk).update(
        state=State.DONE, billed_micros=39_000, charged="yes", seconds=4.0
    )
    expect(page.locator(f"#generation-{made.pk} img")).to_be_visible()
    assert shifted(page) <= 0.01
    page.goto(f"/pictures/{picture.pk}/")
    page.get_by_role("button", name="Share with the team").click()
    expect(page.get_by_text("Shared with the team.")).to_be_visible()
    assert shifted(page) <= 0.01


@pytest.mark.parametrize("name", ["mask", "edit"])
def test_a_slow_phone_paints_the_form_when_it_is_whole(
    open_page: OpenPage, person: Person, name: str
) -> None:
    picture = make_picture(make_generation(person, prompt="A paper fox"), size=(100, 100))
    page = open_page("/account/", width=390)
    page.add_init_script(WATCH)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
    page.goto(f"/?{name}={picture.pk}")
    expect(page.locator(".reference[data-kind=upload]").first).to_be_visible()
    assert shifted(page) <= 0.01
