"""The form in a real browser: whole on a laptop, one line on a phone, still while it loads."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from omixa_studio.models import Person
from tests.factories import make_generation, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
GPT, IMAGEN = "gpt-image-1.5", "imagen-4.0-generate-001"
SHIFT = """() => new Promise((resolve) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach((one) => (sum += one.value));
  new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 300);
})"""
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


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_nothing_shifts_while_it_loads(open_page: OpenPage, person: Person, width: int) -> None:
    picture = make_picture(make_generation(person), size=(160, 90))
    page = open_page(f"/?edit={picture.pk}&model={GPT}", width=width)
    expect(page.locator(".reference[data-kind=upload]")).to_be_visible()
    assert page.evaluate(SHIFT) <= 0.01
    page.goto(f"/?model={GPT}")
    assert page.evaluate(SHIFT) <= 0.01
