"""Single sign-on in a real Chromium, whose policy for forms decides whether one gets there."""

import pytest
from playwright.sync_api import expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from omixa_studio.models import Person
from omixa_studio.single_sign_on import SingleSignOn
from tests.browser.conftest import AxeFaults, OpenPage
from tests.factories import make_person
from tests.identity import CLIENT_ID, CLIENT_SECRET, tiny_provider

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_one_connects_and_comes_in(
    open_page: OpenPage,
    live_server: LiveServer,
    person: Person,
    axe: AxeFaults,
    settings: Settings,
    troubles: list[str],
) -> None:
    make_person("root", role="admin")
    with tiny_provider() as provider:
        settings.STUDIO_URL = live_server.url
        settings.SSO = SingleSignOn(
            url=provider.issuer,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            name="Example ID",
            scopes=("openid",),
        )
        provider.is_somebody("s-1")
        page = open_page("/account/")
        page.get_by_role("button", name="Connect").click()
        expect(page.get_by_text("from now on you can log in by single sign-on")).to_be_visible()
        assert axe(page) == []
        page.goto("/logout/")
        page.get_by_role("button", name="Log out").click()
        page.goto("/login/?next=/gallery/")
        assert axe(page) == []
        page.get_by_role("button", name="Log in with Example ID").click()
        expect(page).to_have_url(f"{live_server.url}/gallery/")
        page.goto("/account/")
        page.get_by_role("button", name="Disconnect").click()
        expect(page.get_by_role("button", name="Connect", exact=True)).to_be_visible()
        settings.SSO = SingleSignOn(**(vars(settings.SSO) | {"only": True}))
        page.goto("/logout/")
        page.get_by_role("button", name="Log out").click()
        page.goto("/login/")
        assert axe(page) == []
        expect(page.get_by_label("Username or e-mail")).to_be_hidden()
        page.get_by_role("button", name="Log in with Example ID").click()
        expect(page.get_by_role("alert")).to_contain_text("no account can be found")
        assert axe(page) == []
        # The refusal, a 403, is an error on the console.
        troubles.clear()
