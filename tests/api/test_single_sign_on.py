"""Single sign-on of a studio as it runs: settings by the environment, servers on both sides."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from omixa_studio.sandbox import Sandbox
from tests.api.studios import ApiStudio, api_studio
from tests.identity import CLIENT_ID, CLIENT_SECRET, TinyProvider, tiny_provider

PEOPLE = "SELECT username, role, email FROM omixa_studio_person ORDER BY id"


@pytest.fixture(scope="module")
def provider() -> Iterator[TinyProvider]:
    with tiny_provider() as running:
        yield running


@pytest.fixture(scope="module")
def studio(
    tmp_path_factory: pytest.TempPathFactory, gateway: Sandbox, provider: TinyProvider
) -> Iterator[ApiStudio]:
    folder: Path = tmp_path_factory.mktemp("studio")
    secret = folder / "secret of the client"
    secret.write_text(f"{CLIENT_SECRET}\n")
    told = {
        "STUDIO_OIDC_URL": provider.issuer,
        "STUDIO_OIDC_CLIENT_ID": CLIENT_ID,
        "STUDIO_OIDC_CLIENT_SECRET_FILE": str(secret),
        "STUDIO_OIDC_NAME": "Example ID",
        "STUDIO_OIDC_DOMAINS": "example.org",
        "STUDIO_OIDC_ROLE_CLAIM": "realm.roles",
        "STUDIO_OIDC_ROLES": "cn=leads,dc=example=manager; staff=member",
    }
    with api_studio(folder, gateway, **told) as running:
        yield running


def sent(browser: requests.Session, studio: ApiStudio, path: str) -> requests.Response:
    """Send the form to an address from the page that has it."""
    page = browser.get(f"{studio.address}/login/", timeout=30).text
    [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)) or {""}
    form = {"csrfmiddlewaretoken": token}
    return browser.post(f"{studio.address}{path}", form, timeout=30)


def come(studio: ApiStudio) -> tuple[requests.Session, requests.Response]:
    browser = requests.Session()
    page = sent(browser, studio, "/login/sso/")
    assert page.status_code == 200
    [onward] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    return browser, browser.get(html.unescape(onward), timeout=30)


def test_one_comes_in_by_the_provider(studio: ApiStudio, provider: TinyProvider) -> None:
    provider.is_somebody("s-1", "ada@example.org", preferred_username="lovelace")
    provider.claims["realm"] = {"roles": ["cn=leads,dc=example"]}
    _browser, landed = come(studio)
    assert (landed.status_code, urlsplit(landed.url).path) == (200, "/")
    assert ("lovelace", "manager", "ada@example.org") in studio.ask(PEOPLE)
    assert provider.asked.count("/token") == 1
    provider.claims["realm"] = {"roles": ["staff"]}
    come(studio)
    assert ("lovelace", "member", "ada@example.org") in studio.ask(PEOPLE)
    # Who it was once stays that one, whatever the address is by now.
    provider.claims["email"] = "elsewhere@example.net"
    assert come(studio)[1].status_code == 200
    assert "opens the userinfo" not in studio.log
    assert CLIENT_SECRET not in studio.log


def test_strangers_and_forgers_stay_out(studio: ApiStudio, provider: TinyProvider) -> None:
    before = studio.ask(PEOPLE)
    provider.is_somebody("s-2", "eve@example.net")
    browser, landed = come(studio)
    assert (landed.status_code, urlsplit(landed.url).path) == (403, "/login/sso/callback/")
    assert "Ask an admin of this studio" in landed.text
    provider.is_somebody("s-1", "ada@example.org")
    provider.twists = {"signature"}
    browser, landed = come(studio)
    assert landed.status_code == 403
    assert browser.get(f"{studio.address}/account/", timeout=30).url.endswith("next=/account/")
    assert studio.ask(PEOPLE) == before


def test_a_provider_that_breaks_is_a_sentence(studio: ApiStudio, provider: TinyProvider) -> None:
    provider.is_somebody("s-1", "ada@example.org")
    provider.twists = {"broken"}
    page = sent(requests.Session(), studio, "/login/sso/")
    assert page.status_code == 502
    assert "cannot be reached" in page.text
