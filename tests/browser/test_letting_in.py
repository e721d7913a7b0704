"""Pages by which people and programs are let in: sound in each theme and language, and aligned."""

import base64
import hashlib
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from omixa_studio.app_access import AppAccess
from omixa_studio.models import Person
from omixa_studio.services import oauth_clients
from tests.browser.conftest import AxeFaults
from tests.factories import make_project, make_webhook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
BACK = "http://127.0.0.1:4100/callback"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).decode().rstrip("=")
COLOUR = "element => getComputedStyle(element).backgroundColor"
# How far a hint begins below the first line of its label, in pixels.
BELOW = """label => label.querySelector(".hint").getBoundingClientRect().top
  - label.querySelector("span").getBoundingClientRect().top"""
LEFT = "element => element.getBoundingClientRect().left"


def asking(url: str) -> str:
    """Return the address at which an app asks a person of the studio at `url` to be let in."""
    app = oauth_clients.register("Donaudampfschifffahrtsgesellschaft", [BACK])
    query = {
        "response_type": "code",
        "client_id": app.pk,
        "redirect_uri": BACK,
        "state": "s",
        "scope": "make read costs",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "resource": f"{url}/mcp",
    }
    return f"/account/apps/connect?{urlencode(query)}"


@pytest.mark.parametrize("language", ["en", "ru", "zh-hans"])
def test_an_app_asks_readably_everywhere(
    open_page: OpenPage,
    axe: AxeFaults,
    live_server: LiveServer,
    settings: Settings,
    person: Person,
    language: str,
) -> None:
    settings.OAUTH = AppAccess(on=True, hosts=())
    settings.STUDIO_URL = live_server.url
    person.language = language
    person.save(update_fields=["language"])
    page = open_page(asking(live_server.url), width=320)
    expect(page.locator("html")).to_have_attribute("lang", language)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert axe(page) == []
        chip = page.locator(".handed .chip")
        assert chip.evaluate(COLOUR) != page.locator(".handed").evaluate(COLOUR)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    below = [label.evaluate(BELOW) for label in page.locator(".check:has(.hint)").all()]
    assert len(below) == 3
    assert all(pixels > 15 for pixels in below), below


def test_buttons_with_an_edge_begin_where_the_text_does(
    open_page: OpenPage, person: Person
) -> None:
    webhook = make_webhook(person)
    page = open_page(f"/webhooks/{webhook.pk}/", width=390)
    text = page.locator(".link-card > .hint").first.evaluate(LEFT)
    assert page.locator(".link-card > .actions .button").first.evaluate(LEFT) == text
    # It shows that it unfolds.
    expect(page.locator(".webhook-form > summary .icon")).to_be_visible()


def test_many_projects_do_not_make_an_invitation_long(open_page: OpenPage, person: Person) -> None:
    person.role = "admin"
    person.save(update_fields=["role"])
    for _ in range(60):
        make_project(person)
    page = open_page("/people/invitations/", width=390)
    checks = page.locator(".many-checks")
    assert checks.evaluate("box => box.scrollHeight > box.clientHeight")
    assert checks.bounding_box()["height"] <= 900 / 2  # type: ignore[index]
