"""Being asked for the password again: in the form that was sent, on a page, before a download."""

import time
from pathlib import Path

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from playwright.sync_api import expect
from pytest_django import Settings

from omixa_studio.models import Person, Role
from omixa_studio.sandbox import Sandbox
from omixa_studio.visitors import PROOF_LASTS, PROVED_AT
from tests.browser.conftest import AxeFaults, OpenPage
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def admin(person: Person) -> Person:
    person.role = Role.ADMIN
    person.save()
    return person


def forget_the_password() -> None:
    """Let every password have been given too long ago."""
    for row in Session.objects.all():
        session = SessionStore(row.session_key)
        session[PROVED_AT] = time.time() - PROOF_LASTS - 1
        session.save()


def test_script_is_asked_in_place_and_goes_on_there(
    open_page: OpenPage, admin: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.MODELS_TOML = tmp_path / "models.toml"
    settings.MODELS_TOML.write_text('[models."imagen-4.0-generate-001"]\nimage_price = "0.03"\n')
    with Sandbox(key=settings.GATEWAY_KEY) as sandbox:
        settings.GATEWAY_URL = sandbox.base_url
        page = open_page("/models/")
        page.get_by_role("button", name="Check with the gateway").click()
        offer = page.locator("#offers [data-standing=price]")
        expect(offer).to_be_visible()
        forget_the_password()
        offer.get_by_role("button", name="Use this price").click()
        password = offer.get_by_label("Your password")
        expect(password).to_be_focused()
        password.fill("wrong")
        password.press("Enter")
        expect(offer.get_by_role("alert")).to_be_visible()
        assert "0.03" in settings.MODELS_TOML.read_text()
        expect(password).to_be_focused()
        password.fill(PASSWORD)
        password.press("Enter")
        expect(page.locator("#offers .applied")).to_contain_text("now costs $0.04")


@pytest.mark.parametrize("script", [True, False])
def test_a_form_is_asked_about_on_a_page_and_then_done(
    open_page: OpenPage, admin: Person, axe: AxeFaults, script: bool
) -> None:
    page = open_page("/people/", script=script, width=390)
    forget_the_password()
    form = page.locator("form[action='/people/limit/']")
    form.get_by_role("textbox").fill("123.50")
    form.get_by_role("button").click()
    expect(page.get_by_role("heading", name="Confirm your password")).to_be_visible()
    assert not script or axe(page) == []
    for password in ("wrong", PASSWORD):
        page.get_by_label("Your password").fill(password)
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("status").first).to_contain_text("The studio's limit is saved.")
    expect(page.locator("main")).to_contain_text("$123.50")
    for _ in range(2 * script):
        # Where a form was answered stands what it was sent from; nothing asks to send it again.
        page.go_back()
        expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()


def test_the_log_comes_down_after_the_password(open_page: OpenPage, admin: Person) -> None:
    page = open_page("/log/?kind=login")
    forget_the_password()
    page.get_by_role("link", name="CSV").click()
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#password-fault")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Password")).to_be_visible()
    page.go_forward()
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_download() as download:
        page.get_by_role("button", name="Continue").click()
    assert download.value.suggested_filename == "log.csv"
    expect(page.get_by_role("heading", name="Log")).to_be_visible()
