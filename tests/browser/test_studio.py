"""The studio in a real browser: with a mouse, by keyboard, on a phone, without script."""

import re
from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from playwright.sync_api import APIResponse, FilePayload, Page, Route, expect

from omixa_studio.middleware import TEXT_TOO_LONG
from omixa_studio.models import Generation, Person, State
from omixa_studio.sessions import SessionStore
from omixa_studio.views.errors import broken, too_large
from tests.factories import draw_png, make_generation, make_limit, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
IMAGEN = "imagen-4.0-generate-001"
MERGER = "gpt-image-1.5"


def settle(generation: Generation) -> None:
    """What the worker does at the end, as far as the page can see it."""
    make_picture(generation, size=(160, 90))
    Generation.objects.filter(pk=generation.pk).update(
        state=State.DONE, billed_micros=39_000, charged="yes", seconds=4.0
    )


def test_it_shows_a_tile_at_once_and_the_picture_when_it_comes(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page(f"/?model={IMAGEN}")
    page.get_by_role("textbox", name="Prompt").fill("A paper fox")
    page.get_by_role("radio", name="16:9").check()
    page.get_by_role("button", name="Generate").click()
    card = page.locator("[data-generation]")
    expect(card).to_have_attribute("data-state", "queued")
    expect(card).to_contain_text("Queued, 1st")
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    made = Generation.objects.get()
    assert made.options == {"aspect_ratio": "16:9", "n": 1}
    settle(made)
    expect(card).to_have_attribute("data-state", "done")
    expect(card.get_by_role("img", name="A paper fox")).to_be_visible()
    expect(card).to_contain_text("practice $0.039")
    expect(page).to_have_title(re.compile(r"^Studio"))


def test_it_asks_only_while_something_is_open(open_page: OpenPage, person: Person) -> None:
    running = make_generation(person, state="running")
    page = open_page("/")
    asked: list[str] = []
    with page.expect_response("**/generations/cards/**"):
        pass
    settle(running)
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", "done")
    page.on("request", lambda request: asked.append(request.url))
    # Three times as long as the pause between two questions: silence has no event to wait for.
    page.wait_for_timeout(1500)
    assert not [url for url in asked if "/cards/" in url]


def test_it_takes_a_double_press_for_one(
    open_page: OpenPage, person: Person, posted: list[str]
) -> None:
    page = open_page(f"/?model={IMAGEN}&prompt=A+fox")
    page.get_by_role("button", name="Generate").dblclick()
    expect(page.locator("[data-generation]")).to_have_count(1)
    with page.expect_response("**/generations/cards/**"):
        pass
    assert posted.count("/generations/") == 1
    assert Generation.objects.count() == 1


def test_it_cannot_be_pressed_while_it_starts(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={IMAGEN}&prompt=A+fox")
    start = page.locator(".go")
    held: list[Route] = []
    page.route("**/generations/", lambda route: held.append(route))
    with page.expect_request("**/generations/"):
        start.click()
    expect(start).to_be_disabled()
    held[0].continue_()
    expect(page.locator("[data-generation]")).to_have_count(1)
    expect(start).to_be_enabled()


def test_it_takes_another_prompt_while_the_first_one_starts(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page(f"/?model={IMAGEN}&prompt=A+fox")
    held: list[Route] = []
    page.route("**/generations/", lambda route: held.append(route))
    page.locator(".go").click()
    page.get_by_role("textbox", name="Prompt").fill("A hare")
    page.locator(".go").click()
    expect(page.locator("[data-state=sending]")).to_have_count(2)
    for route in held:
        route.continue_()
    expect(page.locator("[data-generation]")).to_have_count(2)
    expect(page.locator("[data-state=sending]")).to_have_count(0)
    made = Generation.objects.order_by("pk").values_list("prompt", flat=True)
    assert sorted(made) == ["A fox", "A hare"]


def test_it_shows_the_shapes_that_were_asked_for_at_once(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page(f"/?model={IMAGEN}&prompt=A+fox")
    page.get_by_role("radio", name="16:9").check()
    page.locator("#n").fill("3")
    held: list[Route] = []
    page.route("**/generations/", lambda route: held.append(route))
    page.locator(".go").click()
    sending = page.locator("[data-state=sending] .tile")
    expect(sending).to_have_count(3)
    before = sending.first.bounding_box()
    held[0].continue_()
    queued = page.locator("[data-generation] .tile")
    expect(queued).to_have_count(3)
    assert queued.first.bounding_box() == before
    settle(Generation.objects.get())
    expect(page.locator("[data-generation] img")).to_have_count(1)


def test_it_takes_the_tile_back_when_nothing_was_sent(
    open_page: OpenPage, person: Person, troubles: list[str]
) -> None:
    page = open_page(f"/?model={IMAGEN}&prompt=A+fox")
    page.route("**/generations/", lambda route: route.abort())
    page.locator(".go").click()
    expect(page.locator("#toasts")).to_contain_text("did not answer")
    expect(page.locator("[data-state=sending]")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A fox")
    expect(page.locator(".go")).to_be_enabled()
    troubles.clear()


def test_an_answer_that_was_lost_is_not_bought_again(
    open_page: OpenPage, person: Person, troubles: list[str]
) -> None:
    page = open_page(f"/?model={IMAGEN}&prompt=A+fox")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/generations/", lose)
    page.locator(".go").click()
    expect(page.locator("#toasts")).to_contain_text("did not answer")
    page.unroute("**/generations/")
    page.wait_for_timeout(800)  # longer than a double press
    page.locator(".go").click()
    expect(page.locator("[data-generation]")).to_have_count(1)
    assert Generation.objects.count() == 1
    troubles.clear()


def test_a_key_that_is_held_buys_once(
    open_page: OpenPage, person: Person, posted: list[str]
) -> None:
    page = open_page(f"/?model={IMAGEN}&prompt=A+fox")
    page.get_by_role("textbox", name="Prompt").focus()
    page.keyboard.down("Control")
    for _ in range(8):
        page.keyboard.down("Enter")
        page.wait_for_timeout(250)
    page.keyboard.up("Enter")
    page.keyboard.up("Control")
    expect(page.locator("[data-generation]")).to_have_count(1)
    assert posted.count("/generations/") == 1


@pytest.mark.parametrize("where", ["keys", "references", "search", "link", "page"])
def test_ctrl_enter_buys_in_the_form_alone(
    open_page: OpenPage, person: Person, posted: list[str], where: str
) -> None:
    make_picture(make_generation(person, prompt="An old one"))
    page = open_page(f"/?model={MERGER}&prompt=A+fox")
    if where == "keys":
        page.locator("body").press("?")
        expect(page.locator("#keys")).to_be_visible()
    elif where in ("references", "search"):
        page.get_by_role("link", name="From the gallery").click()
        expect(page.locator("dialog.choosing")).to_be_visible()
        if where == "search":
            page.locator("dialog.choosing input[type=search]").focus()
    elif where == "link":
        page.locator("#composer a").last.focus()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(500)
    assert "/generations/" not in posted
    assert Generation.objects.count() == 1


def test_quick_arrow_keys_choose_the_last_model(
    open_page: OpenPage, person: Person, troubles: list[str]
) -> None:
    page = open_page("/?model=imagen-4.0-fast-generate-001&prompt=A+fox")
    page.locator(".picker summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    held: list[Route] = []
    page.route("**/composer/**", lambda route: held.append(route))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    wanted = page.locator(".picker :checked").get_attribute("value")
    for route in held:
        route.continue_()
    expect(page.locator(".picker :checked")).to_have_value(wanted or "")
    expect(page.locator(".picker :checked")).to_be_focused()
    assert [one for one in troubles if "Abort" not in one and "afterRequest" not in one] == []
    troubles.clear()


def test_it_makes_a_picture_by_keyboard_alone(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={IMAGEN}")
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Prompt")).to_be_focused()
    page.keyboard.type("A fox")
    expect(page.locator("studio-count")).to_have_text("5")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="1:1")).to_be_checked()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-generation]")).to_have_count(1)
    assert Generation.objects.get().options["aspect_ratio"] == "1:1"


def test_it_chooses_a_model_with_the_arrow_keys(
    open_page: OpenPage, person: Person, posted: list[str]
) -> None:
    page = open_page("/?model=imagen-4.0-fast-generate-001&prompt=A+fox")
    page.locator(".picker summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".picker .chosen strong")).to_have_text("Imagen 4")
    expect(page.locator(".picker :checked")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".picker")).not_to_have_attribute("open", "")
    expect(page.locator(".picker summary")).to_be_focused()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A fox")
    assert "/generations/" not in posted
    assert not Generation.objects.exists()


def test_it_prices_what_changed_while_it_was_asking(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={IMAGEN}")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        route.continue_() if held else held.append(route)

    page.route("**/generations/estimate/**", hold_the_first)
    more = page.get_by_role("button", name="One picture more")
    with page.expect_request("**/generations/estimate/**"):
        more.click()
    more.click()
    # The change is heard after 40 ms, and must wait for the answer that is on its way.
    page.wait_for_timeout(200)
    held[0].continue_()
    expect(page.locator(".go")).to_contain_text("Generate 3")


def test_it_prices_every_change(open_page: OpenPage, person: Person) -> None:
    make_limit(person.pk, 1_000_000)
    page = open_page(f"/?model={IMAGEN}")
    expect(page.locator(".go")).to_contain_text("about $0.04")
    page.get_by_role("button", name="One picture more").click()
    expect(page.locator(".go")).to_contain_text("Generate 2")
    expect(page.locator(".go")).to_contain_text("about $0.08")
    expect(page.locator("#leaves")).to_have_text("leaves $0.92 this month")
    page.locator(".picker summary").click()
    page.get_by_role("radio", name="Cuts out the subject").click()
    expect(page.locator(".go")).to_contain_text("about $0.05")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_count(0)


def test_it_says_what_is_wrong_beside_the_form(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={IMAGEN}")
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("alert")).to_contain_text("describe what you would like to see")
    expect(page.get_by_role("textbox", name="Prompt")).to_be_focused()
    page.get_by_role("textbox", name="Prompt").fill("A fox")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("[data-generation]")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_it_fills_the_form_from_an_example_and_from_a_card(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page("/")
    page.get_by_role("link", name="Paper-cut fox").click()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value(re.compile("^Paper-cut fox"))
    make_picture(make_generation(person, prompt="An old harbour", options={"size": "2K"}))
    page.goto("/")
    page.get_by_role("link", name="Use again").click()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("An old harbour")
    expect(page.get_by_role("radio", name="2K")).to_be_checked()


def test_it_cancels_and_retries_in_place(open_page: OpenPage, person: Person) -> None:
    queued = make_generation(person, state="queued")
    failed = make_generation(person, state="failed")
    page = open_page("/")
    page.locator(f"#generation-{queued.pk}").get_by_role("button", name="Cancel").click()
    expect(page.locator(f"#generation-{queued.pk}")).to_have_attribute("data-state", "cancelled")
    page.locator(f"#generation-{failed.pk}").get_by_role("button", name="Retry").click()
    expect(page.locator("[data-generation]").first).to_have_attribute("data-state", "queued")
    assert Generation.objects.filter(retry_of=failed).count() == 1


def test_it_cancels_while_the_poll_brings_the_same_card(
    open_page: OpenPage, person: Person
) -> None:
    queued = make_generation(person, state="queued")
    page = open_page("/")
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/cancel/", lambda route: late.append((route, route.fetch())))
    with page.expect_response(lambda one: one.url.endswith("/cards/") and one.status == 200):
        page.get_by_role("button", name="Cancel").click()
    # The poll may be answered while the copy of the other answer is still on its way.
    while not late:
        page.wait_for_timeout(50)
    [(route, answer)] = late
    route.fulfill(response=answer)
    expect(page.locator(f"#generation-{queued.pk}")).to_have_attribute("data-state", "cancelled")
    expect(page.locator("#queue")).to_be_hidden()


def test_it_works_without_script(open_page: OpenPage, person: Person) -> None:
    page = open_page("/?model=imagen-4.0-fast-generate-001", script=False)
    page.locator("#prompt").fill("A fox")
    page.locator(".picker summary").click()
    page.get_by_role("radio", name="Higher-quality pictures").check()
    page.get_by_role("button", name="Show its options").click()
    expect(page.locator(".picker .chosen strong")).to_have_text("Imagen 4")
    expect(page.locator("#prompt")).to_have_value("A fox")
    page.locator("#n").fill("2")
    page.get_by_role("button", name="Generate").click()
    expect(page).to_have_url(re.compile(r"^http://[^/]+/$"))
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", "queued")
    assert Generation.objects.get().count == 2
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", "cancelled")


def test_it_previews_uploads_and_keeps_them(open_page: OpenPage, person: Person) -> None:
    page = open_page("/?model=gpt-image-1.5")
    first, second = (
        FilePayload(name=name, mimeType="image/png", buffer=draw_png((80, 80))) for name in "ab"
    )
    page.get_by_label("Reference images").set_input_files([first, second])
    expect(page.locator(".reference img")).to_have_count(2)
    page.locator(".go").click()
    expect(page.locator(".note.bad")).to_be_visible()
    expect(page.locator(".reference img")).to_have_count(2)
    page.get_by_role("textbox", name="Prompt").fill("Merge them")
    page.locator(".go").click()
    expect(page.locator("[data-generation]")).to_have_count(1)
    assert Generation.objects.get().inputs.count() == 2


def test_it_lists_the_keys(open_page: OpenPage, person: Person) -> None:
    page = open_page("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("g")
    expect(page).to_have_url(re.compile("/gallery/$"))


def test_it_says_what_is_in_the_way_and_keeps_the_form(
    open_page: OpenPage, person: Person, troubles: list[str]
) -> None:
    page = open_page(f"/?model={IMAGEN}")
    page.get_by_role("textbox", name="Prompt").fill("A paper fox")
    page.route("**/generations/", answer_busy, times=1)
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#toasts")).to_contain_text("one click is never charged twice")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A paper fox")
    page.route("**/generations/", answer_too_large, times=1)
    # Two presses within 700 ms are one.
    page.wait_for_timeout(800)
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#toasts")).to_contain_text("up to 2 MB. Nothing was changed")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A paper fox")
    page.wait_for_timeout(800)
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("[data-generation]")).to_have_count(1)
    assert Generation.objects.count() == 1
    # The browser's own words about the 503 and the 413, and htmx's.
    assert [one for one in troubles if not re.search("503|413", one)] == []
    troubles.clear()


def answer_busy(route: Route) -> None:
    request = RequestFactory().post("/generations/", headers={"HX-Request": "true"})
    try:
        raise OperationalError("database is locked")
    except OperationalError:
        answer = broken(request)
    route.fulfill(status=503, body=answer.content, content_type="text/html; charset=utf-8")


def answer_too_large(route: Route) -> None:
    request = RequestFactory().post("/generations/", headers={"HX-Request": "true"})
    request.session = SessionStore()
    answer = too_large(request, TEXT_TOO_LONG, most=2)
    route.fulfill(status=413, body=answer.content, content_type="text/html; charset=utf-8")
