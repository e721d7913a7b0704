"""Logged out, another account, gone, an error, offline, slow: each says so, and nothing looks
done that was not; the page goes on by itself afterwards."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import QueryDict
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, Route, expect

from omixa_studio.filters.selection import Selection
from omixa_studio.forms.selections import SelectionUnusable
from omixa_studio.models import Generation, Person, Picture, State
from omixa_studio.services import pauses
from tests.factories import draw_png, make_generation, make_person, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
IMAGEN, GPT = "imagen-4.0-generate-001", "gpt-image-1.5"
PASSWORD = "a long password"
# What Chromium and htmx tell on the console of a request that was refused or got lost.
OF_REQUESTS = re.compile("Failed to load resource|Response Status Error|^htmx:")


@pytest.fixture(autouse=True)
def refused(open_page: OpenPage, troubles: list[str]) -> Iterator[None]:
    yield
    troubles[:] = [one for one in troubles if not OF_REQUESTS.search(one)]


@pytest.fixture
def hung(person: Person) -> list[Picture]:
    made = [make_picture(make_generation(person), size=(160, 100)) for _ in range(4)]
    return made[::-1]


def log_in(page: Page, person: Person) -> Page:
    """Log in on another tab of the same browser."""
    person.set_password(PASSWORD)
    person.save()
    tab = page.context.new_page()
    tab.goto("/login/?next=/account/")
    tab.locator("#id_login").fill(person.username)
    tab.locator("#id_password").fill(PASSWORD)
    tab.locator("#id_password").press("Enter")
    expect(tab).to_have_url(re.compile("/account/$"))
    return tab


def answering(status: int) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status) if status else route.abort()


def come_back(page: Page) -> None:
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_what_the_studio_refuses_is_put_back_and_says_why(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/gallery/")
    tile = page.locator(f'[data-picture="{hung[0].pk}"]')
    sentences = {
        403: "You are not allowed to do this",
        404: "This no longer exists",
        418: "The studio could not read this",
        500: "Something went wrong in the studio",
        0: "The studio did not answer",
    }
    for status, sentence in sentences.items():
        page.route(re.compile("/trash$"), answering(status))
        tile.focus()
        page.keyboard.press("Delete")
        expect(page.locator("#toasts")).to_contain_text(sentence)
        expect(tile).to_be_visible()
        expect(tile).to_be_focused()
        page.unroute(re.compile("/trash$"))
    opened_twice_while_it_loads(page, hung[0])
    page.route("**/theme/", lambda route: route.fulfill(status=500))
    page.locator(".menu:has(.avatar) > summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("#toasts")).to_contain_text("Something went wrong")
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")


def opened_twice_while_it_loads(page: Page, picture: Picture) -> None:
    """Fail a picture that was opened, closed and opened again; that goes back once."""
    view = page.get_by_role("dialog", name="Picture")
    held: list[Route] = []
    page.route(re.compile(r"/pictures/\d+/$"), lambda route: held.append(route))
    for number in range(2):
        page.locator(f'[data-picture="{picture.pk}"]').click()
        expect(view).to_be_visible()
        if not number:
            page.keyboard.press("Escape")
            expect(view).to_be_hidden()
    held.pop().abort()
    expect(page.locator("#toasts")).to_contain_text("The studio did not answer")
    expect(view).to_be_hidden()
    page.unroute_all()
    come_back(page)
    expect(page.locator("#connection")).to_be_hidden()
    expect(page).to_have_url(re.compile("/gallery/$"))


def test_a_selection_that_is_refused_stays_as_it_is(
    open_page: OpenPage, hung: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(data: QueryDict) -> Selection:
        raise SelectionUnusable

    monkeypatch.setattr("omixa_studio.views.bulk.read_selection", refuse)
    page = open_page("/gallery/")
    page.locator(".filters [data-select]").click()
    for picture in hung[:3]:
        page.locator(f'[data-picture="{picture.pk}"]').click()
    page.locator("#selection [value=trash]").click()
    expect(page.locator("#toasts")).to_contain_text("The selection cannot be read.")
    expect(page.locator("#selection output")).to_have_text("3")
    expect(page.locator("[data-picture]:visible")).to_have_count(4)
    assert not Picture.objects.exclude(trashed_at=None).exists()


def test_after_a_login_in_another_tab_the_page_goes_on(
    open_page: OpenPage, person: Person, hung: list[Picture]
) -> None:
    page = open_page("/gallery/")
    tile = page.locator(f'[data-picture="{hung[0].pk}"]')
    Session.objects.all().delete()
    tile.focus()
    page.keyboard.press("Delete")
    expect(page.locator("#toasts")).to_contain_text("You are logged out, so nothing was done.")
    expect(tile).to_be_visible()
    link = page.locator("#connection").get_by_role("link", name="Log in")
    expect(link).to_have_attribute("href", re.compile(r"/login/\?next=%2Fgallery%2F$"))
    log_in(page, person)
    come_back(page)
    expect(page.locator("#connection")).to_be_hidden()
    tile.focus()
    page.keyboard.press("Delete")
    expect(page.locator("#toasts")).to_contain_text("Moved to the trash.")
    # What the browser sends without script has the token of the next login as well.
    page.goto(f"/pictures/{hung[1].pk}/")
    Session.objects.all().delete()
    log_in(page, person)
    with page.expect_response("**/lines/**"):
        come_back(page)
    page.keyboard.press("Delete")
    expect(page.locator("#toasts")).to_contain_text("Moved to the trash.")


def test_a_page_does_nothing_for_another_account(
    open_page: OpenPage, person: Person, hung: list[Picture]
) -> None:
    page = open_page(f"/?model={IMAGEN}&prompt=A+fox")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    log_in(page, make_person("jon"))
    page.locator(".go").click()
    expect(page.locator("#toasts")).to_contain_text("Another account is logged in now")
    expect(page.locator("#connection [data-when=stranger]")).to_be_visible()
    expect(page.locator("[data-state=sending]")).to_have_count(0)
    assert Generation.objects.count() == len(hung)
    page.locator("#connection").get_by_role("link", name="Reload").click()
    expect(page.locator("[data-generation]")).to_have_count(0)


def test_offline_it_says_so_stops_counting_and_goes_on_afterwards(
    open_page: OpenPage, person: Person
) -> None:
    running = make_generation(person, state="running")
    Generation.objects.filter(pk=running.pk).update(sent_at=running.created_at)
    page = open_page(f"/?model={GPT}&prompt=A+fox")
    clock = page.locator("studio-clock")
    expect(clock).to_be_visible()
    page.context.set_offline(True)
    expect(page.locator("#connection [data-when=offline]")).to_be_visible()
    before = clock.text_content()
    page.locator(".go").click()
    expect(page.locator("#toasts")).to_contain_text("You are offline, so nothing was sent.")
    expect(page.locator("[data-state=sending]")).to_have_count(0)
    file = FilePayload(name="a.png", mimeType="image/png", buffer=draw_png((80, 80)))
    page.get_by_label("Reference images").set_input_files([file])
    expect(page.locator("#references [data-trouble]")).to_contain_text("You are offline")
    page.wait_for_timeout(1100)  # longer than a second, which must not be counted
    assert clock.text_content() == before
    Generation.objects.filter(pk=running.pk).update(state=State.CANCELLED)
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_be_hidden()
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", "cancelled")


def test_it_says_that_the_studio_is_slow_or_silent(open_page: OpenPage, person: Person) -> None:
    page = open_page("/account/")
    page.clock.install()
    page.goto(f"/?model={IMAGEN}&prompt=A+fox")
    held: list[Route] = []
    page.route("**/generations/", lambda route: held.append(route))
    page.locator(".go").click()
    page.clock.fast_forward(9000)
    line = page.locator("#connection")
    expect(line.locator("[data-when=slow]")).to_be_visible()
    held[0].continue_()
    expect(line).to_be_hidden()
    expect(page.locator("[data-generation]")).to_have_count(1)
    page.route("**/generations/cards/", lambda route: route.abort())
    expect(line.locator("[data-when=silent]")).to_be_visible()
    page.unroute("**/generations/cards/")
    page.clock.fast_forward(6000)
    expect(line).to_be_hidden()


def test_a_page_learns_what_others_did_and_of_a_pause(open_page: OpenPage, person: Person) -> None:
    old = make_generation(person)
    picture = make_picture(old)
    page = open_page("/account/")
    page.clock.install()
    page.goto("/")
    cards = page.locator("[data-generation]")
    expect(cards).to_have_count(1)
    # Another tab or device starts something: back on the page it is there.
    begun = make_generation(person, state="queued", prompt="A hare")
    come_back(page)
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("A hare")
    pauses.pause("sandbox", "balance", error=[])
    expect(cards.first).to_contain_text("Paused: The Omixa wallet is empty")
    expect(page.locator("#lines")).to_contain_text("The Omixa wallet is empty")
    pauses.resume("sandbox")
    expect(cards.first).to_contain_text("Queued, 1st")
    expect(page.locator("#lines")).not_to_contain_text("wallet")
    Generation.objects.filter(pk=begun.pk).update(state=State.CANCELLED)
    expect(cards.first).to_contain_text("Cancelled")
    # And with nothing open the page looks by itself now and then.
    Picture.objects.filter(pk=picture.pk).update(trashed_at=timezone.now())
    make_generation(person, state="done", prompt="A hawk")
    page.clock.fast_forward(16_000)
    expect(cards).to_have_count(3)
    expect(cards.last).to_contain_text("Its pictures were moved to the trash.")


def test_a_form_that_would_be_lost_stays_until_one_is_logged_in_again(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page(f"/many/?model={IMAGEN}")
    page.get_by_label("Prompts, one per line").fill("A fox\nA hare")
    expect(page.locator("#total .go")).to_contain_text("Generate 2")
    page.route("**/lines/**", answering(0))
    come_back(page)
    expect(page.locator("#connection")).to_contain_text("The studio does not answer.")
    page.locator("#total .go").click()
    expect(page.locator("#toasts")).to_contain_text("The studio did not answer.")
    page.unroute_all()
    Session.objects.all().delete()
    come_back(page)
    expect(page.locator("#connection [data-when=ended]")).to_be_visible()
    page.locator("#total .go").click()
    expect(page.locator("#toasts")).to_contain_text("You are logged out, so nothing was done.")
    expect(page.get_by_label("Prompts, one per line")).to_have_value("A fox\nA hare")
    log_in(page, person)
    come_back(page)
    expect(page.locator("#connection")).to_be_hidden()
    page.locator("#total .go").click()
    expect(page.locator(".cell")).to_have_count(2)


def test_thumbnails_that_did_not_come_are_asked_for_again(
    open_page: OpenPage, hung: list[Picture]
) -> None:
    page = open_page("/account/")
    page.route("**/thumb", answering(0))
    page.goto("/gallery/")
    thumbs = page.locator(".laid img")
    expect(thumbs).to_have_count(4)
    for thumb in thumbs.all():
        expect(thumb).to_have_js_property("naturalWidth", 0)
    page.unroute("**/thumb")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    for thumb in thumbs.all():
        expect(thumb).not_to_have_js_property("naturalWidth", 0)
