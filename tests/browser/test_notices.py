"""What the studio says while one looks elsewhere, why something failed, and who decides."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from omixa_studio.models import Generation, Person, State
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import ledger
from tests.factories import make_generation, make_picture
from tests.servers import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
# The browser's own parts, which tell what was asked of them.
HEARD = """
window.heard = [];
const allowed = { permission: "granted" };
window.Notification = class {
  static get permission() { return allowed.permission; }
  static async requestPermission() { heard.push("asked"); return (allowed.permission = "granted"); }
  constructor(title, options) {
    if (allowed.throws) throw new TypeError("Illegal constructor");
    if (allowed.permission === "granted") heard.push(`${title}: ${options.body}`);
  }
  addEventListener() {}
};
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (when) { heard.push("note"); start.call(this, when); };
"""
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def admin(person: Person) -> Person:
    person.role = "admin"
    person.save(update_fields=["role"])
    return person


def settle(generation: Generation, state: str = State.DONE) -> None:
    if state == State.DONE:
        make_picture(generation)
    Generation.objects.filter(pk=generation.pk).update(state=state, charged="no")


def listen(page: Page, **wishes: str) -> None:
    """Load the page anew with these wishes of this browser and with ears."""
    page.add_init_script(HEARD)
    for name, value in wishes.items():
        page.evaluate(f"localStorage.setItem('studio-{name}', '{value}')")
    page.reload()
    expect(page.locator("#poll")).to_have_count(1)


def heard(page: Page) -> list[str]:
    return list(page.evaluate("heard"))


def test_it_counts_in_the_title_and_ticks_it_when_done_elsewhere(
    open_page: OpenPage, person: Person
) -> None:
    rows = [make_generation(person, state="running") for _ in range(2)]
    page = open_page("/")
    expect(page).to_have_title(re.compile(r"^\(2\) .*Omixa Studio$"))
    page.evaluate(HIDE, True)
    settle(rows[0])
    expect(page).to_have_title(re.compile(r"^\(1\) .*Omixa Studio$"))
    settle(rows[1])
    expect(page).to_have_title(re.compile(r"^✓ Studio"))
    page.evaluate(HIDE, False)
    expect(page).to_have_title(re.compile(r"^Studio"))


def test_it_notifies_once_for_a_group_and_only_while_hidden(
    open_page: OpenPage, person: Person
) -> None:
    group = uuid.uuid4()
    rows = [make_generation(person, state="running", group=group) for _ in range(2)]
    alone, last = (make_generation(person, state="running", prompt=one) for one in ("A", "B"))
    page = open_page("/")
    listen(page, notice="1", sound="1")
    settle(alone)
    expect(page.locator(f"#generation-{alone.pk}")).to_have_attribute("data-state", "done")
    assert heard(page) == []
    page.evaluate(HIDE, True)
    settle(rows[0])
    expect(page.locator(f"#generation-{rows[0].pk}")).to_have_attribute("data-state", "done")
    assert heard(page) == []
    settle(rows[1])
    wait_until(lambda: len(heard(page)) == 3, 10)
    assert sorted(heard(page))[1:] == ["note", "note"]
    assert sorted(heard(page))[0].startswith("Your pictures are ready: A harbour")
    settle(last, State.FAILED)
    wait_until(lambda: len(heard(page)) == 6, 10)
    assert "No picture: B" in heard(page)


def test_it_says_nothing_unless_asked(open_page: OpenPage, person: Person) -> None:
    row = make_generation(person, state="running")
    page = open_page("/")
    listen(page)
    page.evaluate(HIDE, True)
    settle(row)
    expect(page).to_have_title(re.compile(r"^✓"))
    assert heard(page) == []


def test_it_asks_the_browser_only_after_a_click(open_page: OpenPage, person: Person) -> None:
    page = open_page("/gallery/")
    page.add_init_script(HEARD.replace('permission: "granted" }', 'permission: "default" }'))
    page.reload()
    assert heard(page) == []
    page.locator("summary", has_text="Account menu").click()
    page.get_by_label("Notify me").check()
    expect(page.get_by_label("Notify me")).to_be_checked()
    assert heard(page) == ["asked"]
    assert page.evaluate("localStorage.getItem('studio-notice')") == "1"
    page.get_by_label("Sound").check()
    wait_until(lambda: len(heard(page)) == 3, 10)
    page.reload()
    page.locator("summary", has_text="Account menu").click()
    expect(page.get_by_label("Sound")).to_be_checked()


def test_it_says_where_a_browser_cannot_notify(open_page: OpenPage, person: Person) -> None:
    """Chrome on Android has the constructor, and throws where a page calls it."""
    page = open_page("/gallery/", width=390)
    page.add_init_script(HEARD.replace('"granted" }', '"default", throws: true }'))
    page.reload()
    page.locator("summary", has_text="Account menu").click()
    page.get_by_label("Notify me").click()
    expect(page.get_by_text("This browser cannot show notifications from a page.")).to_be_visible()
    expect(page.get_by_label("Notify me")).to_be_disabled()
    expect(page.get_by_label("Notify me")).not_to_be_checked()
    assert heard(page) == []


def test_it_keeps_the_counts_of_everyone_fresh(open_page: OpenPage, person: Person) -> None:
    make_generation(person, state="queued")
    page = open_page("/")
    expect(page.locator("#queue")).to_contain_text("Everyone 0 running, 1 queued")
    make_generation(None, state="queued")
    expect(page.locator("#queue")).to_contain_text("Everyone 0 running, 2 queued")
    expect(page.locator("#queue")).to_contain_text("Mine 0 running, 1 queued")
    page.set_viewport_size({"width": 320, "height": 640})
    cut_off = page.locator("#queue").evaluate("line => line.scrollWidth - line.clientWidth")
    assert cut_off == 0


def test_it_tries_another_model_with_the_same_words(open_page: OpenPage, person: Person) -> None:
    make_generation(person, model="gpt-image-1.5", prompt="Fine")
    make_generation(
        person, state="failed", model="gpt-image-1.5", error_kind="model", prompt="A fox & hound"
    )
    page = open_page("/")
    expect(page.locator(".hint.refused")).to_contain_text("request for this model")
    page.locator(".failure").get_by_role("link", name="Try MAI Image 2.5 instead").click()
    expect(page.locator(".picker .chosen")).to_contain_text("MAI Image 2.5")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A fox & hound")
    expect(page.locator(".hint.refused")).to_have_count(0)


def test_it_suggests_what_the_log_says_and_books_the_decision(
    open_page: OpenPage, admin: Person, settings: Settings
) -> None:
    row = make_generation(
        admin, state="unknown", charged="unknown", sent_at=timezone.now(), error="Lost."
    )
    typed = make_generation(
        admin, state="unknown", charged="unknown", sent_at=timezone.now() - timedelta(hours=1)
    )
    ledger.hold(row)
    with Sandbox(key=settings.GATEWAY_KEY) as sandbox:
        settings.GATEWAY_URL = sandbox.base_url
        call = sandbox.book.begin("/api/v1/images/generations", {}, b"{}")
        call.model = row.model
        sandbox.book.charge(call, status=200, billed="0.040000", pictures=1)
        page = open_page("/unknown/")
        expect(page.locator("#asked")).to_contain_text("Even without an entry")
        expect(page.locator(f"#amount-{row.pk}")).to_have_value("0.04")
        expect(page.locator(f"#amount-{typed.pk}")).to_have_value("")
        page.locator(f"#unknown-{row.pk}").get_by_role("button", name="It was charged").click()
        expect(page.locator(f"#unknown-{row.pk}")).to_have_count(0)
        expect(page.get_by_role("status").first).to_be_visible()
    row.refresh_from_db()
    assert (row.state, row.billed_micros, row.decided_by) == ("failed", 40_000, "Mara Kalnina")
    page.goto("/")
    expect(page.locator(f"#generation-{row.pk}")).to_contain_text("Charged $0.04")
    expect(page.locator(f"#generation-{row.pk}")).to_contain_text("reviewed by Mara Kalnina")


def test_it_applies_what_the_gateway_offers(
    open_page: OpenPage, admin: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.MODELS_TOML = tmp_path / "models.toml"
    with Sandbox(key=settings.GATEWAY_KEY) as sandbox:
        settings.GATEWAY_URL = sandbox.base_url
        settings.MODELS_TOML.write_text(
            '[models."imagen-4.0-generate-001"]\nimage_price = "0.03"\n'
        )
        page = open_page("/models/")
        page.get_by_role("button", name="Check with the gateway").click()
        offer = page.locator("#offers [data-standing=price]")
        expect(offer).to_contain_text("Imagen 4")
        offer.get_by_role("button", name="Use this price").click()
        expect(page.locator("#offers .applied")).to_contain_text("now costs $0.04")
    assert 'image_price = "0.04' in settings.MODELS_TOML.read_text()
