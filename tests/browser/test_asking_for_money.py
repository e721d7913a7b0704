"""What a budget refuses, in a real browser: a cheaper way, a request, and its pictures after."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import BudgetRequest, Generation, Person
from omixa_studio.services import budget_requests, carrying_on
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget_requests import Allowance
from tests.browser.conftest import AxeFaults
from tests.factories import make_generation, make_limit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
IMAGEN = "imagen-4.0-generate-001"


def approve() -> None:
    request = BudgetRequest.objects.select_related("person").get()
    until = timezone.now() + timedelta(days=1)
    answer = Allowance(amount_micros=1_000_000, until=until)
    assert budget_requests.grant(request, answer, by=Actor(name="Ada"))
    request.refresh_from_db()
    assert carrying_on.carry_on(request, catalogue=load_catalogue(None), wake=lambda: None)


def test_one_asks_waits_and_it_goes_on_before_ones_eyes(
    open_page: OpenPage, person: Person, axe: AxeFaults
) -> None:
    make_limit(person.pk, 50_000)
    page = open_page(f"/?model={IMAGEN}")
    page.get_by_role("textbox", name="Prompt").fill("A paper fox")
    page.locator("#composer [name=n]").fill("2")
    page.get_by_role("button", name="Generate").click()
    amount = page.get_by_label("Amount, $")
    expect(amount).to_have_value("0.03")
    assert axe(page) == []
    # Enter in a field is the button with the price, which is refused again.
    amount.press("Enter")
    expect(page.locator(".more-money")).to_be_visible()
    assert not BudgetRequest.objects.exists()
    page.get_by_role("button", name="Ask, and send once approved").click()
    expect(page.locator("#asked")).to_contain_text("Waiting for approval")
    expect(page.locator(".more-money")).to_have_count(0)
    expect(page.locator(".note[role=alert]")).to_have_count(0)
    approve()
    card = page.locator("#results [data-generation]")
    expect(card).to_have_attribute("data-state", "queued", timeout=15_000)
    expect(page.locator("#asked article")).to_have_count(0)


def test_a_cheaper_way_fills_the_form(open_page: OpenPage, person: Person) -> None:
    make_limit(person.pk, 50_000)
    page = open_page(f"/?model={IMAGEN}")
    page.get_by_role("textbox", name="Prompt").fill("A paper fox")
    page.locator("#composer [name=n]").fill("2")
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="Only 1 picture").click()
    expect(page.locator("#composer [name=n]")).to_have_value("1")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("A paper fox")
    expect(page.locator(".more-money")).to_have_count(0)
    assert not Generation.objects.exists()


def test_a_retry_asks_in_its_place(open_page: OpenPage, person: Person, axe: AxeFaults) -> None:
    make_generation(person, state="failed", error="policy", options={"n": 1})
    make_limit(person.pk, 0)
    page = open_page("/")
    page.get_by_role("button", name="Retry").click()
    asking = page.locator("[id^=refused-]")
    expect(asking).to_contain_text("Ask for more")
    assert axe(page) == []
    asking.get_by_role("button", name="Ask, and send once approved").click()
    expect(page.locator("#asked")).to_contain_text("Waiting for approval")
    expect(asking).to_have_count(0)
    approve()
    assert Generation.objects.filter(retry_of__isnull=False).count() == 1
