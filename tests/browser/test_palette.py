"""The command palette: one key finds places, models, actions and prompts, on any keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from omixa_studio.models import Person
from tests.factories import make_generation, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
AxeFaults = Callable[[Page], list[str]]

IMAGEN = "imagen-4.0-fast-generate-001"


def active(page: Page) -> str:
    named = page.locator("#palette-words").get_attribute("aria-activedescendant")
    return page.locator(f"#{named}").inner_text()


def test_it_finds_and_opens_a_place_by_keys_alone(
    open_page: OpenPage, person: Person, axe: AxeFaults
) -> None:
    make_picture(make_generation(person, prompt="Ein Café am Pier"))
    page = open_page("/trash/")
    # As a Cyrillic keyboard sends it.
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        "{key: 'л', code: 'KeyK', ctrlKey: true, bubbles: true, cancelable: true}))"
    )
    expect(page.get_by_role("option", name="Café")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("ArrowDown")
    assert active(page).startswith("Many pictures")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert active(page).startswith("Log out")
    page.keyboard.type("TÉAM")
    expect(page.get_by_role("option")).to_have_count(2)
    assert active(page).startswith("Team")
    page.keyboard.press("ArrowDown")
    assert active(page) == "Search my pictures for TÉAM"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/team/")
    page.keyboard.press("Control+k")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox")).to_be_hidden()


def test_it_acts_in_the_studio_without_losing_what_is_written(
    open_page: OpenPage, person: Person, posted: list[str]
) -> None:
    make_generation(person, prompt="Ein Café am Pier")
    make_generation(person, prompt=f"{'rain ' * 900}Leuchtturm")
    page = open_page("/")
    prompt = page.locator("#prompt")
    prompt.fill("A tower")
    page.keyboard.press("Control+k")
    page.keyboard.type("4 fast")
    page.get_by_role("option", name="Imagen 4 Fast").click()
    expect(page.locator(f"#composer[data-model='{IMAGEN}']")).to_be_visible()
    expect(prompt).to_have_value("A tower")
    page.keyboard.press("Control+k")
    page.keyboard.type("cafe")
    expect(page.get_by_role("option", name="Café")).to_be_visible()
    page.keyboard.press("Enter")
    expect(prompt).to_have_value("Ein Café am Pier")
    expect(prompt).to_be_focused()
    page.keyboard.press("Control+z")
    expect(prompt).to_have_value("A tower")
    page.keyboard.press("Control+k")
    page.keyboard.type("turm")
    expect(page.get_by_role("option", name="rain")).to_be_visible()
    page.keyboard.type("zzz")
    expect(page.get_by_role("option", name="rain")).to_be_hidden()
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    page.goto("/gallery/")
    page.keyboard.press("Control+k")
    page.keyboard.type("gpt image 1.5")
    page.locator("[data-model='gpt-image-1.5']").click()
    expect(page.locator("#composer[data-model='gpt-image-1.5']")).to_be_visible()
    expect(prompt).to_have_value("A tower")
    assert "/generations/" not in posted


def test_its_button_serves_a_phone_and_leads_on_without_script(
    open_page: OpenPage, axe: AxeFaults
) -> None:
    page = open_page("/team/", width=390, theme="dark", touch=True)
    button = page.get_by_role("link", name="Search")
    box = button.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24
    button.tap()
    expect(page.get_by_role("combobox")).to_be_focused()
    assert axe(page) == []
    page.get_by_role("button", name="Close").tap()
    expect(page.get_by_role("combobox")).to_be_hidden()
    bare = open_page("/team/", script=False)
    bare.get_by_role("link", name="Search").click()
    bare.wait_for_url("**/prompts/")
    assert bare.get_by_role("heading", name="Your prompts will appear here").is_visible()


def test_a_preset_is_saved_and_chosen_in_the_form(
    open_page: OpenPage, person: Person, axe: AxeFaults, posted: list[str]
) -> None:
    page = open_page("/")
    page.locator("#prompt").fill("A tower")
    page.get_by_role("radio", name="16:9").check(force=True)
    page.locator(".presets > summary").click()
    page.get_by_label("Name of the preset").fill("Wide")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save these settings").click()
    expect(page.locator("#toasts")).to_contain_text("Preset saved.")
    assert axe(page) == []
    page.get_by_role("radio", name="1:1").check(force=True)
    page.locator("#prompt").fill("A horse")
    page.locator(".presets > summary").click()
    page.locator("#preset-menu").get_by_role("link", name="Wide").click()
    expect(page.get_by_role("radio", name="16:9")).to_be_checked()
    expect(page.locator("#prompt")).to_have_value("A horse")
    expect(page.locator(".presets > summary")).to_have_text("Wide")
    page.goto("/presets/")
    page.get_by_role("link", name="Use").click()
    expect(page.locator("#prompt")).to_have_value("A horse")
    assert "/generations/" not in posted


def test_a_variable_gets_a_field_as_it_is_written(open_page: OpenPage, axe: AxeFaults) -> None:
    page = open_page("/")
    page.locator("#prompt").fill("A {subject} on {{linen}}, {тема}")
    page.get_by_role("textbox", name="subject").fill("fox")
    expect(page.locator(".variables input")).to_have_count(2)
    assert axe(page) == []
    page.wait_for_timeout(300)
    page.reload()
    expect(page.get_by_role("textbox", name="subject")).to_have_value("fox")
    page.locator("#prompt").fill("Another {subject}")
    expect(page.locator(".variables input")).to_have_count(1)
    expect(page.get_by_role("textbox", name="subject")).to_have_value("fox")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#results h3").first).to_contain_text("Another fox")
