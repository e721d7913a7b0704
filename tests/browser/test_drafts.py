"""What was typed stays: through a reload, other pages, tools without a prompt, an ended session."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Error, FilePayload, Page, Route, expect

from omixa_studio.models import Generation, Person
from tests import servers
from tests.factories import draw_png, make_generation, make_limit, make_picture, make_project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
IMAGEN, GPT = "imagen-4.0-generate-001", "gpt-image-1.5"


def choose(page: Page, slug: str) -> None:
    page.locator(".picker summary").click()
    with page.expect_response("**/composer/**"):
        page.locator(f".model-option:has([value='{slug}'])").click()


def write(page: Page, prompt: str) -> None:
    page.get_by_role("textbox", name="Prompt").fill(prompt)
    page.wait_for_timeout(400)  # longer than the pause after which it is kept


def test_it_keeps_prompt_options_and_references_through_a_reload(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page(f"/?model={GPT}")
    file = FilePayload(name="a.png", mimeType="image/png", buffer=draw_png((80, 80)))
    page.get_by_label("Reference images").set_input_files([file])
    expect(page.locator(".reference img")).to_have_count(1)
    page.get_by_role("radio", name="High").check()
    write(page, "A fox in the rain")
    page.reload()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A fox in the rain")
    expect(page.get_by_role("radio", name="High")).to_be_checked()
    expect(page.locator(".reference img")).to_have_count(1)
    expect(page.locator(".picker .chosen strong")).to_contain_text("GPT Image 1.5")


def test_it_keeps_the_prompt_over_the_gallery_and_back(open_page: OpenPage, person: Person) -> None:
    page = open_page("/")
    write(page, "A fox in the rain")
    page.goto("/gallery/")
    page.goto("/")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A fox in the rain")


def test_it_keeps_the_prompt_over_a_tool_that_has_none(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={IMAGEN}")
    write(page, "A fox in the rain")
    page.locator(".picker summary").click()
    page.get_by_role("radio", name="Cuts out the subject").click()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_count(0)
    choose(page, IMAGEN)
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A fox in the rain")


def test_each_model_keeps_its_own_options(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={IMAGEN}")
    page.get_by_role("radio", name="16:9").check()
    write(page, "A fox")
    choose(page, GPT)
    page.get_by_role("radio", name="High").check()
    page.wait_for_timeout(400)
    choose(page, IMAGEN)
    expect(page.get_by_role("radio", name="16:9")).to_be_checked()
    choose(page, GPT)
    expect(page.get_by_role("radio", name="High")).to_be_checked()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A fox")


def test_the_project_stays_through_a_reload_and_for_every_model(
    open_page: OpenPage, person: Person
) -> None:
    make_project(person, name="Forest")
    make_project(person, name="Harbour")
    page = open_page(f"/?model={IMAGEN}")
    project = page.get_by_label("Project")
    project.select_option("Harbour")
    page.wait_for_timeout(400)
    page.reload()
    expect(project.locator("option:checked")).to_have_text("Harbour")
    choose(page, GPT)
    expect(project.locator("option:checked")).to_have_text("Harbour")
    write(page, "A fox")
    with page.expect_response("**/generations/"):
        page.locator(".go").click()
    made = Generation.objects.get()
    assert (made.model, str(made.project)) == (GPT, "Harbour")


def test_what_was_typed_outlives_the_session(open_page: OpenPage, person: Person) -> None:
    person.set_password("a long password")
    person.save()
    page = open_page(f"/?model={IMAGEN}")
    write(page, "A fox in the rain")
    Session.objects.all().delete()
    page.locator(".go").click()
    expect(page.locator("#toasts")).to_contain_text("You are logged out")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Log in in a new tab").click()
    tab = opened.value
    tab.locator("#id_password").fill("a long password")
    tab.locator("#id_login").fill(person.username)
    tab.locator("#id_password").press("Enter")
    for one in (tab, page):
        expect(one.get_by_role("textbox", name="Prompt")).to_have_value("A fox in the rain")
    assert not Generation.objects.exists()
    page.wait_for_timeout(800)  # longer than a double press
    page.locator(".go").click()
    expect(page.locator("[data-generation]")).to_have_count(1)


def test_an_address_wins_over_the_draft_until_it_is_changed(
    open_page: OpenPage, person: Person
) -> None:
    old = make_generation(person, prompt="An old hare", model=IMAGEN, options={"n": 1})
    page = open_page("/")
    write(page, "A fox in the rain")
    page.goto(f"/?again={old.pk}")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("An old hare")
    write(page, "A new hare")
    page.reload()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A new hare")


def test_it_opens_with_a_model_that_makes_pictures(open_page: OpenPage, person: Person) -> None:
    make_generation(person, model=IMAGEN)
    make_picture(make_generation(person, model="stability-remove-background", prompt=""))
    page = open_page("/")
    expect(page.get_by_role("textbox", name="Prompt")).to_be_visible()
    expect(page.locator(".picker .chosen strong")).to_have_text("Imagen 4")


def test_what_is_typed_while_an_answer_comes_is_not_replaced(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page(f"/?model={IMAGEN}")
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("A fox")
    held: list[Route] = []
    page.route("**/composer/**", lambda route: held.append(route))
    page.locator(".picker summary").click()
    with page.expect_request("**/composer/**"):
        page.locator(f".model-option:has([value='{GPT}'])").click()
    prompt.fill("A fox in the rain")
    held[0].continue_()
    expect(page.locator(".picker .chosen strong")).to_contain_text("GPT Image 1.5")
    expect(prompt).to_have_value("A fox in the rain")
    # Refused: the form has changed since, so it stays, with what was wrong with the older one.
    make_limit(person.pk, 1)
    sent: list[Route] = []
    page.route("**/generations/", lambda route: sent.append(route))
    with page.expect_request("**/generations/"):
        page.locator(".go").click()
    prompt.fill("A hare")
    sent[0].continue_()
    expect(page.locator("#composer .note[role=alert]")).to_contain_text("left")
    expect(prompt).to_have_value("A hare")
    expect(prompt).to_be_focused()
    assert not Generation.objects.exists()


def test_what_is_used_again_wins_over_a_draft_that_still_comes(
    open_page: OpenPage, person: Person
) -> None:
    make_generation(person, prompt="A heron at dawn")
    page = open_page(f"/?model={IMAGEN}")
    write(page, "A fox in the rain")
    held: list[Route] = []
    page.route("**/composer/**", lambda route: held.append(route))
    page.reload()
    servers.wait_until(lambda: page.title() and held)
    page.locator("#results").get_by_role("link", name="Use again").click()
    servers.wait_until(lambda: page.title() and len(held) == 2)
    draft, again = held
    with suppress(Error):  # given up by the page
        draft.continue_()
        page.wait_for_timeout(300)
    again.continue_()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A heron at dawn")
