"""Setup, accounts, people, costs and models in a real browser, and nothing that axe finds."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from omixa_studio.models import ActKind, Person
from omixa_studio.services import audit, ledger, pauses
from omixa_studio.services.audit import Actor
from tests.browser.conftest import AxeFaults
from tests.factories import (
    PASSWORD,
    hold,
    in_old_words,
    make_budget_request,
    make_export,
    make_generation,
    make_limit,
    make_person,
)
from tests.present import present

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
OpenWindow = Callable[..., BrowserContext]
GOOD = "tall-blue-harbour"
LONG = "aleksandra.konstantinopolskaya-vasilevskaya@a-long-name-of-a-studio.example.org"


@pytest.fixture
def admin(person: Person) -> Person:
    """The person of `open_page` as an admin of a studio in use."""
    person.role = "admin"
    person.save(update_fields=["role"])
    make_limit(None, 50_000_000)
    other = make_person("jon", first_name="Jon", is_active=False)
    for n, model in enumerate(("imagen-4.0-generate-001", "gpt-image-1.5", "long-gone") * 2):
        at = timezone.now().replace(day=1 + n)
        made = make_generation((person, other)[n % 2], model=model, created_at=at)
        made.refresh_from_db()
        hold(made)
        ledger.capture(made, 40_000 * (n + 1), "", pictures=1)
    # Below what is spent by now, as an admin may set it; before that it would refuse the holds.
    make_limit(other.pk, 100_000)
    ledger.hold(make_generation(person, state="unknown", charged="unknown"))
    make_generation(person, state="failed")
    by = Actor(person.pk, LONG, "2001:db8:85a3:1234:5678:8a2e:370:7334")
    audit.write(ActKind.CANCELLED, by=by, whom=other, thing=f"run {uuid4()}", after="12")
    audit.write(ActKind.LOGIN_FAILED, by=Actor(address=by.address), whom=other)
    return person


def test_the_places_of_an_admin_have_room_beside_the_name(
    open_page: OpenPage, admin: Person
) -> None:
    Person.objects.filter(pk=admin.pk).update(language="ru")
    page = open_page("/people/", width=1024)
    name, places = page.locator(".brand .word"), page.locator(".places")
    assert right_of(name) <= present(places.bounding_box())["x"]
    assert right_of(places) <= present(page.locator(".seek").bounding_box())["x"]
    page.locator(".places a").last.focus()
    assert right_of(page.locator(".places a").last) <= right_of(places)
    # What waits is seen without scrolling, and so is where one is.
    make_budget_request(admin)
    make_export(admin)
    page.reload()
    for place in page.locator(".places :is(.chip, [aria-current])").all():
        assert is_in(place, places)
    assert right_of(places) <= present(page.locator("#jobs").bounding_box())["x"]


def test_on_a_phone_the_strip_shows_which_screen_of_costs_it_is(
    open_page: OpenPage, admin: Person
) -> None:
    page = open_page("/costs/reports/", width=320)
    strip = page.locator(".segments.screens")
    assert is_in(strip.locator("[aria-current]"), strip)
    assert page.evaluate("scrollY") == 0


def test_no_word_of_people_breaks_in_the_narrowest_window(
    open_page: OpenPage, admin: Person
) -> None:
    Person.objects.filter(pk=admin.pk).update(language="ru", email="m111@example.org")
    page = open_page("/people/", width=320)
    for one in (page.get_by_text("m111@example.org"), page.locator(".ceiling .check > span").last):
        # In pixels: a line of text has 16 to 24.
        assert present(one.bounding_box())["height"] < 30


@pytest.mark.parametrize("path", ["/costs/keepers/", "/limits/rules/"])
def test_the_longer_language_fits_the_narrowest_window(
    open_page: OpenPage, admin: Person, path: str
) -> None:
    Person.objects.filter(pk=admin.pk).update(language="ru")
    page = open_page(path, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


def is_in(inner: Locator, outer: Locator) -> bool:
    box, around = present(inner.bounding_box()), present(outer.bounding_box())
    return around["x"] <= box["x"] and right_of(inner) <= right_of(outer)


def right_of(element: Locator) -> float:
    box = present(element.bounding_box())
    return box["x"] + box["width"]


def test_it_leads_from_the_first_visit_into_the_studio(
    open_window: OpenWindow, live_server: LiveServer, transactional_db: None, axe: AxeFaults
) -> None:
    page = open_window().new_page()
    # Where / leads on a first visit; this server may have seen an account in another test.
    page.goto("/setup/")
    assert axe(page) == []
    page.get_by_label("Username").fill("mara")
    page.get_by_label("Password", exact=True).fill("short")
    page.get_by_label("Confirm password").fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("This password is too short")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("Password", exact=True).fill(GOOD)
    page.get_by_label("Confirm password").fill(GOOD)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(f"{live_server.url}/")
    assert Person.objects.get().role == "admin"


def test_it_logs_in_and_out(
    open_window: OpenWindow, live_server: LiveServer, person: Person
) -> None:
    page = open_window().new_page()
    page.goto("/account/")
    page.get_by_label("Username or e-mail").fill("mara")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_server.url}/account/")
    page.locator("summary", has_text="Account menu").click()
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/login/?next=/")


def test_it_adds_a_person_and_hands_over_a_password(open_page: OpenPage, admin: Person) -> None:
    page = open_page("/people/")
    page.get_by_role("heading", name="Add a person").click()
    form = page.locator(".adding")
    form.get_by_label("Username").fill("ilze")
    form.get_by_label("Role").select_option("Manager")
    form.get_by_label("Limit").fill("25.5")
    expect(form.get_by_label("Per")).to_have_value("month")
    form.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="ilze was added")).to_be_visible()
    password = page.locator("studio-copy code").inner_text()
    assert Person.objects.get(username="ilze").check_password(password)
    page.get_by_role("link", name="Done").click()
    expect(page.locator(".person", has_text="ilze")).to_contain_text("of $25.50")


@pytest.mark.parametrize("script", [True, False])
def test_it_changes_a_limit_with_and_without_script(
    open_page: OpenPage, admin: Person, script: bool
) -> None:
    page = open_page("/people/", width=390, script=script)
    row = page.locator(".person", has_text="Jon")
    panel = row.locator(".panel")
    expect(panel).to_be_hidden()
    row.locator("summary", has_text="Change").click()
    if not script:
        panel.get_by_role("link", name="Show what can be changed").click()
    panel.get_by_label("Monthly limit").fill("a lot")
    panel.get_by_role("button", name="Save").nth(1).click()
    expect(panel.get_by_role("alert")).to_contain_text("Write dollars and cents")
    panel.get_by_label("Monthly limit").fill("7")
    panel.get_by_role("button", name="Save").nth(1).click()
    expect(row).to_contain_text("of $7.00")
    if script:
        # The line alone was drawn anew, and the keyboard goes on where it was.
        expect(row.locator("summary", has_text="Change")).to_be_focused()
        expect(page.locator(".toast", has_text="The limit of Jon is saved.")).to_be_visible()
        page.get_by_role("searchbox").fill("MARA")
        expect(row).to_have_count(0)
        expect(page).to_have_url(re.compile(r"\?q=MARA$"))


def test_it_walks_through_the_costs(open_page: OpenPage, admin: Person) -> None:
    page = open_page("/costs/")
    expect(page.locator("svg rect.shade0")).to_have_count(2)
    page.get_by_label("By", exact=True).select_option("Person")
    page.get_by_role("button", name="Group").click()
    table = page.locator(".groups table")
    expect(table.get_by_role("row", name="Jon")).to_contain_text("$0.480")
    table.get_by_role("link", name="Jon").click()
    only = page.get_by_role("list", name="Filters")
    expect(only).to_have_text(re.compile("Person: Jon"))
    only.get_by_role("link", name="Show not only Jon").click()
    expect(only).to_have_count(0)
    page.get_by_text("Figures by day").click()
    page.locator(".by-day tbody a").first.click()
    expect(page.get_by_role("heading", name="Requests")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Costs").click()
    expect(page.locator("tfoot")).to_be_visible()
    page.locator("summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Every request CSV").click()
    assert download.value.suggested_filename.startswith("costs-")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_total_and_the_chart_stand_on_the_first_screen_of_the_costs(
    open_page: OpenPage, admin: Person, width: int, height: int
) -> None:
    page = open_page("/costs/", width=width)
    page.set_viewport_size({"width": width, "height": height})
    for part in (".figures", ".chart .plot"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < height, part


def test_it_ends_a_pause(open_page: OpenPage, admin: Person) -> None:
    pauses.pause("sandbox", "balance", error=in_old_words("The Omixa wallet is empty."))
    page = open_page("/models/", width=390)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("The queue continues.")).to_be_visible()
    expect(page.get_by_text("The Omixa wallet is empty.")).to_have_count(0)


def test_it_changes_the_theme_at_once(open_page: OpenPage, person: Person) -> None:
    page = open_page("/account/")
    with page.expect_response("**/account/theme/"):
        page.locator("main").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    person.refresh_from_db()
    assert person.theme == "dark"


def test_on_a_phone_no_words_are_squeezed_beside_a_long_button(
    open_page: OpenPage, admin: Person
) -> None:
    Person.objects.filter(pk=admin.pk).update(language="ru")
    page = open_page("/people/", width=390)
    form = page.locator("form[action='/queue/pause/']").first
    for words in (".label", ".input", ".button", ".hint"):
        box = form.locator(words).bounding_box()
        assert box is not None
        assert box["width"] > 240, words
        assert box["height"] < 64, words


def test_on_a_phone_the_list_of_people_comes_before_the_settings(
    open_page: OpenPage, admin: Person
) -> None:
    for width, list_first in ((390, True), (1440, False)):
        page = open_page("/people/", width=width)
        find, settings = page.locator("main #q"), page.locator("#people-settings")
        tops = [one.bounding_box() for one in (find, settings)]
        assert tops[0]
        assert tops[1]
        assert (tops[0]["y"] < tops[1]["y"]) == list_first
        page.locator(".people-page summary").first.focus()
        page.keyboard.press("Tab")
        first = find if list_first else settings.locator("input[name='limit']").first
        expect(first).to_be_focused()
    page = open_page("/people/", width=390)
    page.get_by_role("link", name="Settings").click()
    expect(page.locator("#people-settings")).to_be_in_viewport()
