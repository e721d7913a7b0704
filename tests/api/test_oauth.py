"""The official MCP clients log themselves in by OAuth: a real studio, and a person in a browser."""

import asyncio
import html
import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import requests
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from omixa_studio.sandbox import Sandbox
from scripts.node import run_node
from tests.api.studios import ApiStudio, api_studio, awaited

node = pytest.mark.skipif(not shutil.which("npm"), reason="Node is missing (nodejs, npm).")
BACK = "http://127.0.0.1:4100/callback"
MODES = ("auto", "legacy")
PASSWORD = "a long enough one"
GIVE_PASSWORD = f"""
import django
django.setup()
from omixa_studio.models import Person
person = Person.objects.get(username="ada")
person.set_password("{PASSWORD}")
person.save()
"""
TOKENS = (
    "SELECT name, scopes, revoked_at IS NULL FROM omixa_studio_token WHERE app <> '' ORDER BY id"
)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, gateway: Sandbox) -> Iterator[ApiStudio]:
    folder: Path = tmp_path_factory.mktemp("studio")
    with api_studio(folder, gateway, STUDIO_OAUTH="yes") as running:
        running.run(GIVE_PASSWORD)
        yield running


@dataclass
class Person:
    """A person at a browser, who is asked by an app and answers; `asked` are the questions."""

    studio: ApiStudio
    allows: bool = True
    changes: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    browser: requests.Session = field(default_factory=requests.Session)
    led_to: str = ""

    def log_in(self) -> None:
        page = self.browser.get(f"{self.studio.address}/login/", timeout=60)
        sent = {**fields_of(page.text), "login": "ada", "password": PASSWORD}
        answer = self.browser.post(page.url, sent, timeout=60)
        assert answer.status_code == 200
        assert "/login/" not in answer.url

    async def is_led(self, address: str) -> None:
        await asyncio.to_thread(self.answer, address)

    def answer(self, address: str) -> None:
        page = self.browser.get(address, timeout=60)
        assert page.status_code == 200, page.text
        self.asked.append(page.text)
        act = "allow" if self.allows else "cancel"
        sent = {
            **fields_of(page.text),
            "scopes": scopes_of(page.text),
            "days": "90",
            "period": "month",
        }
        where = f"{self.studio.address}/account/apps/{act}/"
        answer = self.browser.post(where, {**sent, **self.changes}, timeout=60)
        [onward] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
        self.led_to = html.unescape(onward)

    async def comes_back(self) -> AuthorizationCodeResult:
        told = {name: one for name, [one] in parse_qs(urlsplit(self.led_to).query).items()}
        if "error" in told:
            raise PermissionError(told["error"])
        return AuthorizationCodeResult(code=told["code"], state=told["state"], iss=told["iss"])


@dataclass
class Memory:
    """What a client keeps between its runs."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def fields_of(page: str) -> dict[str, str]:
    named = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in named}


def scopes_of(page: str) -> list[str]:
    return re.findall(r'name="scopes" value="(\w+)" checked', page)


def disconnect_newest(studio: ApiStudio, person: Person) -> None:
    page = person.browser.get(f"{studio.address}/account/tokens/", timeout=60).text
    newest = max(re.findall(r'action="/account/tokens/(\d+)/revoke/"', page), key=int)
    sent = fields_of(page)
    person.browser.post(f"{studio.address}/account/tokens/{newest}/revoke/", sent, timeout=60)
    assert studio.ask(TOKENS)[-1][2] in (0, False)


def ask(
    studio: ApiStudio,
    person: Person,
    memory: Memory,
    work: Callable[[Client], Awaitable[Any]],
    mode: str = "auto",
) -> Any:
    """Do some work with a client that has no token but what it gets by itself."""

    async def connect() -> Any:
        provider = OAuthClientProvider(
            server_url=f"{studio.address}/mcp",
            client_metadata=OAuthClientMetadata(
                client_name="Code Pal",
                redirect_uris=[AnyUrl(BACK)],
                grant_types=["authorization_code"],
            ),
            storage=memory,
            redirect_handler=person.is_led,
            callback_handler=person.comes_back,
        )
        async with (
            httpx2.AsyncClient(auth=provider, timeout=60) as line,
            Client(
                streamable_http_client(f"{studio.address}/mcp", http_client=line), mode=mode
            ) as client,
        ):
            return await work(client)

    return awaited(connect())


@pytest.fixture
def person(studio: ApiStudio) -> Person:
    person = Person(studio)
    person.log_in()
    return person


async def buy(client: Client) -> Any:
    made = await client.call_tool("generate", {"model": "gpt-image-1.5", "prompt": "A harbour"})
    return made.structured_content


async def look(client: Client) -> list[str]:
    return [tool.name for tool in (await client.list_tools()).tools]


@pytest.mark.parametrize("mode", MODES)
def test_it_registers_is_let_in_and_buys(studio: ApiStudio, person: Person, mode: str) -> None:
    memory, before = Memory(), len(studio.sandbox.calls)
    facts = ask(studio, person, memory, buy, mode)
    assert facts["generations"][0]["state"] == "done"
    assert len(studio.sandbox.calls) == before + 1
    assert len(person.asked) == 1
    assert "Code Pal" in person.asked[0]
    assert memory.tokens is not None
    assert memory.tokens.scope == "make read"
    assert studio.ask(TOKENS)[-1][0] == "Code Pal"
    # Another run of the same client has what it needs.
    assert "generate" in ask(studio, person, memory, look, mode)
    assert len(person.asked) == 1


def test_a_limit_of_its_own_holds(studio: ApiStudio, person: Person) -> None:
    person.changes = {"amount": "0.01"}
    refused = ask(studio, person, Memory(), buy)
    assert refused["error"]["code"] == "budget"
    assert refused["error"]["scope"] == "token"


def test_it_renews_what_ended(studio: ApiStudio, person: Person) -> None:
    memory = Memory()
    ask(studio, person, memory, look)
    assert memory.tokens is not None
    first = memory.tokens.access_token
    memory.tokens = memory.tokens.model_copy(
        update={"access_token": "omixa_app_old", "expires_in": 0}
    )
    assert "generate" in ask(studio, person, memory, look)
    assert memory.tokens.access_token not in (first, "omixa_app_old")


def test_it_asks_anew_once_it_was_disconnected(studio: ApiStudio, person: Person) -> None:
    memory = Memory()
    ask(studio, person, memory, look)
    disconnect_newest(studio, person)
    assert "generate" in ask(studio, person, memory, look)
    assert len(person.asked) == 2


def test_a_refusal_ends_it(studio: ApiStudio, person: Person) -> None:
    person.allows, before = False, studio.ask(TOKENS)
    with pytest.raises(BaseExceptionGroup) as caught:
        ask(studio, person, Memory(), look)
    assert caught.group_contains(PermissionError, match="access_denied")
    assert studio.ask(TOKENS) == before


def test_it_asks_for_more_when_it_needs_more(studio: ApiStudio, person: Person) -> None:
    memory = Memory()
    person.changes = {"scopes": ["read"]}
    assert "generate" not in ask(studio, person, memory, look)
    person.changes = {}
    facts = ask(studio, person, memory, buy)
    assert facts["generations"][0]["state"] == "done"
    assert len(person.asked) == 2


def ask_by_node(studio: ApiStudio, person: Person, kept: dict[str, Any], work: str) -> Any:
    """Do some work with the client for Node; `kept` is what it keeps between its runs."""
    told = {"url": f"{studio.address}/mcp", "work": work, "kept": kept}
    seen: dict[str, Any] = {}
    for one in run_node("mcp-oauth.js", told, all_packages=False):
        if one["step"] == "asks":
            person.answer(one["seen"])
            person.browser.get(person.led_to, timeout=60)
        seen[one["step"]] = one["seen"]
    kept.update(seen.pop("kept"))
    return seen.get(work, seen)


@node
def test_the_client_for_node_is_let_in_and_buys(studio: ApiStudio, person: Person) -> None:
    kept: dict[str, Any] = {}
    before = len(studio.sandbox.calls)
    facts = ask_by_node(studio, person, kept, "generate")
    assert facts["generations"][0]["state"] == "done"
    assert len(studio.sandbox.calls) == before + 1
    assert "Node Pal" in person.asked[0]
    assert kept["tokens"]["scope"] == "make read"
    assert studio.ask(TOKENS)[-1][0] == "Node Pal"
    # Another run of the same client has what it needs.
    assert "generate" in ask_by_node(studio, person, kept, "tools")
    assert len(person.asked) == 1


@node
def test_the_client_for_node_renews_and_asks_anew(studio: ApiStudio, person: Person) -> None:
    kept: dict[str, Any] = {}
    person.changes = {"scopes": ["read"]}
    assert "generate" not in ask_by_node(studio, person, kept, "tools")
    first = kept["tokens"]["access_token"]
    kept["tokens"]["access_token"] = "omixa_app_old"
    assert "search_pictures" in ask_by_node(studio, person, kept, "tools")
    assert kept["tokens"]["access_token"] not in (first, "omixa_app_old")
    assert len(person.asked) == 1
    # Where it needs more than it may, it renews what it has, and gives up.
    assert "403" in ask_by_node(studio, person, kept, "generate")["failed"]
    disconnect_newest(studio, person)
    person.changes = {}
    facts = ask_by_node(studio, person, kept, "generate")
    assert facts["generations"][0]["state"] == "done"
    assert len(person.asked) == 2


@node
def test_a_refusal_ends_the_client_for_node(studio: ApiStudio, person: Person) -> None:
    kept: dict[str, Any] = {}
    person.allows, before = False, studio.ask(TOKENS)
    seen = ask_by_node(studio, person, kept, "tools")
    assert seen["failed"] == "access_denied"
    assert studio.ask(TOKENS) == before
    assert "tokens" not in kept
