"""Passkeys in a real Chromium with a virtual authenticator: added, the second step, the login."""

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import CDPSession, Page, expect
from pytest_django.live_server_helper import LiveServer

from omixa_studio.models import Act, Person
from tests.browser.conftest import AxeFaults, OpenPage
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def plug_in(page: Page) -> tuple[CDPSession, str]:
    """Give the page's browser an authenticator; return the session and its id."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    added = devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return devices, str(added["authenticatorId"])


def log_out(page: Page) -> None:
    page.goto("/logout/")
    page.get_by_role("button", name="Log out").click()
    page.goto("/login/")


def add_passkey(page: Page, axe: AxeFaults) -> str:
    """Add a passkey on the page of the two-step login; return a recovery code."""
    page.get_by_label("Name of the new passkey").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    assert axe(page) == []
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert axe(page) == []
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download").click()
    text = loading.value.path().read_text(encoding="utf-8")
    [code, *_more] = text.split("\n\n")[1].split()
    page.get_by_role("link", name="Done").click()
    expect(page.locator(".sessions")).to_contain_text("logs in without the password")
    assert axe(page) == []
    return code


def rename_and_remove(page: Page) -> None:
    page.goto("/account/two-step/")
    page.get_by_text("Rename").click()
    page.get_by_label("Name", exact=True).fill("Grey laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".sessions")).to_have_count(0)


def test_a_passkey_is_added_asked_for_and_logs_in(
    open_page: OpenPage, live_server: LiveServer, person: Person, axe: AxeFaults
) -> None:
    page = open_page("/account/two-step/")
    devices, device = plug_in(page)
    code = add_passkey(page, axe)

    log_out(page)
    page.get_by_label("Username or e-mail").fill("mara")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/login/code/")
    assert axe(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{live_server.url}/")

    log_out(page)
    # The wrong finger.
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("gave no passkey")
    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.goto("/login/?next=/gallery/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page).to_have_url(f"{live_server.url}/gallery/")
    assert Authenticator.objects.get(type="webauthn").last_used_at is not None

    rename_and_remove(page)
    expect(page).to_have_url(f"{live_server.url}/account/two-step/")
    kinds = Act.objects.exclude(kind__in=("login", "logout")).order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [
        "factor_added",
        "passkey_renamed",
        "factor_removed",
    ]
    assert code not in str(list(Act.objects.values()))


def test_open_pages_say_that_a_second_step_is_required(
    open_page: OpenPage, person: Person, troubles: list[str]
) -> None:
    page = open_page("/")
    Person.objects.update(must_add_factor=True)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.locator("[name=prompt]").fill("A grey harbour")
    line = page.locator("#connection")
    expect(line).to_contain_text("requires a second step")
    expect(line.get_by_role("link", name="Set it up")).to_have_attribute(
        "href", "/account/two-step/"
    )
