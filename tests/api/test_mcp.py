"""The official MCP client, unchanged and on its defaults, against a real studio."""

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.request import urlopen

import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent
from PIL import Image

from scripts.node import run_node
from tests.api.relay import Relay
from tests.api.studios import Answer, ApiStudio, awaited
from tests.servers import PROJECT, wait_until

DOCUMENT = PROJECT / "docs" / "mcp.md"
TOOLS = (
    *("list_models", "estimate", "generate", "status"),
    *("search_pictures", "fetch_picture"),
)
MODES = ("auto", "legacy")
WANTED: dict[str, Any] = {"model": "gpt-image-1.5", "prompt": "A harbour"}


def ask(
    studio: ApiStudio,
    work: Callable[[Client], Awaitable[Answer]],
    *,
    mode: str = "auto",
    port: int = 0,
    token: str = "",
) -> Answer:
    """Do some work with a client that is connected to the studio, or to a port before it."""

    async def connect() -> Answer:
        headers = {"Authorization": f"Bearer {token or studio.token}"}
        url = f"http://127.0.0.1:{port or studio.port}/mcp"
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as line,
            Client(streamable_http_client(url, http_client=line), mode=mode) as client,
        ):
            return await work(client)

    return awaited(connect())


def call(studio: ApiStudio, tool: str, mode: str = "auto", **arguments: Any) -> Any:
    return ask(studio, lambda client: client.call_tool(tool, arguments), mode=mode)


def bought(studio: ApiStudio) -> int:
    return len(studio.sandbox.calls)


def image_in(answer: Any) -> Image.Image:
    [block] = [one for one in answer.content if one.type == "image"]
    return Image.open(io.BytesIO(base64.b64decode(block.data)))


@pytest.mark.parametrize("mode", MODES)
def test_a_client_lists_estimates_generates_searches_and_fetches(
    studio: ApiStudio, mode: str
) -> None:
    async def work(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == set(TOOLS)
        models = await client.call_tool("list_models", {"model": "gpt-image-1"})
        assert models.structured_content["models"][0]["id"] == "gpt-image-1.5"
        prompt = f"A harbour for {mode}"
        free = await client.call_tool("estimate", {**WANTED, "prompt": prompt})
        assert (free.structured_content["fits"], bought(studio)) == (True, 0)
        made = await client.call_tool("generate", {**WANTED, "prompt": prompt})
        facts = made.structured_content
        [request] = facts["generations"]
        assert (made.is_error, request["state"], request["billed"]) == (False, "done", "0.040000")
        assert isinstance(made.content[0], TextContent)
        assert json.loads(made.content[0].text) == facts
        assert image_in(made).size == (96, 64)
        [picture] = facts["pictures"]
        followed = await client.call_tool("status", {"generation": request["id"]})
        assert followed.structured_content["generations"] == facts["generations"]
        found = await client.call_tool("search_pictures", {"q": f'"for {mode}"'})
        assert [one["id"] for one in found.structured_content["pictures"]] == [picture["id"]]
        fetched = await client.call_tool("fetch_picture", {"picture": picture["id"], "side": 128})
        assert image_in(fetched).size == (96, 64)
        [link] = [one for one in fetched.content if one.type == "resource_link"]
        here = str(link.uri).replace("localhost", "127.0.0.1")
        with urlopen(here) as file:
            assert len(file.read()) == link.size

    ask(studio, work, mode=mode)
    assert bought(studio) == 1


def test_an_edit_of_a_picture_of_the_gallery(studio: ApiStudio) -> None:
    first = call(studio, "generate", **WANTED, n=1).structured_content["pictures"][0]["id"]
    edited = call(studio, "generate", prompt="At night", input_pictures=[first])
    assert edited.structured_content["generations"][0]["operation"] == "edit"
    assert bought(studio) == 2


@pytest.mark.parametrize("mode", MODES)
def test_what_is_dear_is_bought_only_when_confirmed(studio: ApiStudio, mode: str) -> None:
    dear = {**WANTED, "prompt": f"Dear {mode}", "n": 40}
    asked = call(studio, "generate", mode, **dear).structured_content
    assert (asked["bought"], asked["needs_confirmation"]) == (False, True)
    less = f"{float(asked['confirm_cost']) - 0.01:.6f}"
    again = call(studio, "generate", mode, **dear, confirm_cost=less).structured_content
    assert (again["bought"], bought(studio)) == (False, 0)
    made = call(studio, "generate", mode, **dear, confirm_cost=asked["confirm_cost"])
    assert made.structured_content["bought"]
    assert bought(studio) == len(made.structured_content["generations"]) > 1


def test_a_limit_refuses_with_its_facts(studio: ApiStudio) -> None:
    token = studio.run(TIGHT_TOKEN).strip()
    refused = ask(studio, lambda client: client.call_tool("generate", WANTED), token=token)
    error = refused.structured_content["error"]
    assert (refused.is_error, error["code"], error["left"]) == (True, "budget", "0.001000")
    assert (error["scope"], bought(studio)) == ("token", 0)


def test_the_same_key_buys_once_and_the_next_call_buys_anew(studio: ApiStudio) -> None:
    wanted = {**WANTED, "prompt": "Keyed"}
    made = [call(studio, "generate", **wanted, idempotency_key="mcp-1") for _ in range(3)]
    assert len({one.structured_content["generations"][0]["id"] for one in made}) == 1
    other = call(studio, "generate", **{**wanted, "prompt": "Other"}, idempotency_key="mcp-1")
    assert other.structured_content["error"]["code"] == "idempotency_key_reused"
    assert bought(studio) == 1
    # An answer that arrived was had: what is wanted again is another copy.
    for _ in range(2):
        call(studio, "generate", **wanted)
    assert bought(studio) == 3


def test_who_asks_again_while_it_is_made_joins_it(studio: ApiStudio) -> None:
    studio.sandbox.script(always="slow:3")
    wanted = {**WANTED, "prompt": "Slow"}
    started = call(studio, "generate", **wanted, wait=0).structured_content
    [request] = started["generations"]
    assert request["state"] in ("queued", "running")
    joined = call(studio, "generate", **wanted, wait=0).structured_content
    assert joined["generations"][0]["id"] == request["id"]
    done = call(studio, "status", generation=request["id"])
    assert done.structured_content["generations"][0]["state"] == "done"
    assert bought(studio) == 1
    # Its pictures were fetched by asking for the status.
    call(studio, "generate", **wanted)
    assert bought(studio) == 2


@pytest.mark.parametrize(("bytes_back", "key"), [(-1, {}), (200, {"idempotency_key": "cut"})])
def test_a_broken_line_buys_once(studio: ApiStudio, bytes_back: int, key: dict[str, str]) -> None:
    """Without a key only while nothing of the answer has arrived at the machine before it."""
    studio.sandbox.script(always="slow:1")
    wanted = {**WANTED, "prompt": f"Broken {bytes_back}", **key}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    body["params"] = {"name": "generate", "arguments": wanted}
    with Relay(studio.port, bytes_back) as relay:
        line = HTTPConnection("127.0.0.1", relay.port, timeout=30)
        headers = {"Authorization": f"Bearer {studio.token}", "Content-Type": "application/json"}
        line.request("POST", "/mcp", json.dumps(body), headers)
        with pytest.raises((OSError, HTTPException)):
            line.getresponse().read()
        studio.wait_until_done()
        made = ask(studio, lambda client: client.call_tool("generate", wanted), port=relay.port)
    assert image_in(made).size == (96, 64)
    assert bought(studio) == 1


def test_a_studio_that_is_killed_meanwhile_buys_once(studio: ApiStudio) -> None:
    studio.sandbox.script(always="slow:2")
    wanted = {**WANTED, "prompt": "Killed"}
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(call, studio, "generate", **wanted)
        wait_until(lambda: bought(studio) == 1, 20)
        studio.kill()
        with pytest.raises(Exception):  # noqa: B017, PT011  # whatever the client makes of it
            asked.result(60)
    studio.start()
    again = call(studio, "generate", **wanted)
    # The call had left, and nobody took its answer: an admin finds out what became of it.
    assert again.structured_content["error"]["code"] == "outcome_unknown"
    assert bought(studio) == 1


def test_what_nobody_knows_is_told_and_not_bought_again(studio: ApiStudio) -> None:
    studio.sandbox.script(always="cut")
    for _ in range(2):
        answer = call(studio, "generate", **WANTED, n=2)
        error = answer.structured_content["error"]
        assert (answer.is_error, error["code"], error["retry"]) == (True, "outcome_unknown", False)
    assert bought(studio) == 1


def test_a_token_that_only_reads_makes_nothing(studio: ApiStudio) -> None:
    token = studio.run(READING_TOKEN).strip()

    async def work(client: Client) -> None:
        assert "generate" not in {tool.name for tool in (await client.list_tools()).tools}
        with pytest.raises(MCPError, match="make"):
            await client.call_tool("generate", WANTED)

    ask(studio, work, token=token)
    assert bought(studio) == 0


def test_a_client_without_a_token_is_refused(studio: ApiStudio) -> None:
    with pytest.raises(BaseExceptionGroup):
        ask(studio, lambda client: client.list_tools(), token="omixa_none")


def test_the_example_of_the_documentation_works(studio: ApiStudio) -> None:
    [text] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    told = {**os.environ, "STUDIO": studio.address, "TOKEN": studio.token}
    program = [sys.executable, "-c", text]
    said = subprocess.run(program, env=told, check=True, timeout=120, stdout=subprocess.PIPE)
    assert b"/v1/pictures/" in said.stdout


@pytest.mark.skipif(not shutil.which("npm"), reason="Node is missing (nodejs, npm).")
def test_the_client_for_node_works(studio: ApiStudio) -> None:
    told = {"url": f"{studio.address}/mcp", "token": studio.token}
    seen = {one["step"]: one["seen"] for one in run_node("mcp.js", told, all_packages=False)}
    assert seen == {
        "tools": list(TOOLS),
        "estimate": False,
        "generate": ["text", "image", "resource_link"],
        "fetch": ["text", "image/jpeg", "image/png"],
        "refused": [True, "flavour"],
        "unknown tool": -32602,
        "stranger": 401,
    }
    assert bought(studio) == 1


MADE_FOR = """
import django
django.setup()
from omixa_studio.models import Person
from omixa_studio.services.tokens import make_token
person = Person.objects.get(username="ada")
print(make_token(person, "{name}", [{scopes}], None{more})[1])
"""
READING_TOKEN = MADE_FOR.format(name="reads", scopes='"read"', more="")
TIGHT_TOKEN = MADE_FOR.format(name="tight", scopes='"make"', more=', limit=(1000, "month")')
