"""What the studio answers to messages of the Model Context Protocol, in each of its revisions."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from mcp_types import methods

from omixa_studio.forms.api_gallery import FILTERED
from omixa_studio.models import Generation, Person, Token
from omixa_studio.presenters.api.tools import TOOLS
from omixa_studio.services.tokens import make_token
from omixa_studio.views import mcp_tools
from tests.factories import make_generation, make_person, make_picture
from tests.pages import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
LATEST = "2026-07-28"
OLDER = ("2025-03-26", "2025-06-18", "2025-11-25")
META = {
    "io.modelcontextprotocol/protocolVersion": LATEST,
    "io.modelcontextprotocol/clientCapabilities": {},
}
PARTS = st.sampled_from(["_meta", "name", "arguments", "cursor", "protocolVersion", *META])
METHODS = st.sampled_from(["initialize", "ping", "server/discover", "tools/list", "tools/call"])
Send = Callable[..., Answer]


@pytest.fixture
def person() -> Person:
    return make_person("ada")


@pytest.fixture
def token(person: Person) -> str:
    return make_token(person, "tests", ["make", "read"], None)[1]


@pytest.fixture
def send(client: Client, token: str) -> Send:
    def send_one(method: str, version: str = LATEST, headers: Any = None, **params: Any) -> Answer:
        told = {"Authorization": f"Bearer {token}"}
        told |= {"MCP-Protocol-Version": version} if version else {}
        if version == LATEST:
            params = {"_meta": META, **params}
            told |= {"Mcp-Method": method}
            told |= {"Mcp-Name": params["name"]} if "name" in params else {}
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        return post(client, body, {**told, **(headers or {})})

    return send_one


def post(client: Client, body: Any, headers: dict[str, str]) -> Answer:
    sent = body if isinstance(body, str) else json.dumps(body)
    return client.generic("POST", "/mcp", sent, "application/json", headers=headers)


def facts_of(answer: Answer) -> Any:
    return json.loads(content_of(answer))["result"]["structuredContent"]


def content_of(answer: Answer) -> bytes:
    return answer.getvalue()


def error_of(answer: Answer) -> tuple[int, int]:
    told = answer.json()
    assert told["jsonrpc"] == "2.0"
    return answer.status_code, told["error"]["code"]


@pytest.mark.parametrize("version", [*OLDER, LATEST])
def test_answers_have_the_shapes_of_each_revision(send: Send, person: Person, version: str) -> None:
    picture = make_picture(make_generation(person))
    asked: list[tuple[str, dict[str, Any]]] = [
        ("tools/list", {}),
        ("tools/call", {"name": "list_models", "arguments": {}}),
        ("tools/call", {"name": "fetch_picture", "arguments": {"picture": picture.pk}}),
        ("tools/call", {"name": "fetch_picture", "arguments": {"picture": 999999}}),
    ]
    begin = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "a"}}
    asked.append(("server/discover", {}) if version == LATEST else ("initialize", begin))
    for method, params in asked:
        answer = send(method, version, **params)
        assert answer.status_code == 200
        methods.validate_server_result(method, version, answer.json()["result"])
    if version != LATEST:
        assert send("initialize", "", **begin).json()["result"]["protocolVersion"] == version
        assert send("ping", version).json()["result"] == {}


def test_a_revision_that_nobody_knows_is_answered_with_those_that_are(send: Send) -> None:
    answer = send("tools/list", "2031-01-01")
    assert error_of(answer) == (400, -32022)
    assert answer.json()["error"]["data"] == {
        "supported": [*OLDER, LATEST],
        "requested": "2031-01-01",
    }
    offered = send("initialize", "", protocolVersion="2031-01-01", capabilities={})
    assert offered.json()["result"]["protocolVersion"] == OLDER[-1]


@pytest.mark.parametrize(
    ("body", "status", "number"),
    [
        ("{", 400, -32700),
        ("[" * 100_000, 400, -32700),
        ([], 400, -32600),
        ([{"jsonrpc": "2.0", "id": 1, "method": "ping"}], 400, -32600),
        ({"id": 1, "method": "ping"}, 400, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, 400, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "ping"}, 400, -32600),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, 400, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}, 400, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "none"}, 200, -32601),
        ({"jsonrpc": "2.0", "id": 1, "method": "server/discover"}, 200, -32601),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call"}, 200, -32602),
        (
            {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"cursor": "a"}},
            200,
            -32602,
        ),
    ],
)
def test_a_message_that_cannot_be_read(
    client: Client, person: Person, body: Any, status: int, number: int
) -> None:
    token = make_token(person, "tests", ["make"], None)[1]
    answer = post(client, body, {"Authorization": f"Bearer {token}"})
    assert error_of(answer) == (status, number)


@pytest.mark.parametrize(
    ("more", "status", "number"),
    [
        ({"headers": {"Mcp-Method": "ping"}}, 400, -32020),
        ({"headers": {"Mcp-Name": "generate"}}, 400, -32020),
        ({"headers": {"Mcp-Name": "=?base64?bGlzdF9tb2RlbHM=?="}}, 200, 0),
        ({"headers": {"Mcp-Name": "=?base64?%?="}}, 400, -32020),
        ({"_meta": {}}, 400, -32602),
        ({"_meta": META | {"io.modelcontextprotocol/protocolVersion": OLDER[1]}}, 400, -32020),
        ({"headers": {"Accept": "text/html"}}, 406, -32600),
        ({"name": "sing"}, 400, -32602),
        ({"arguments": []}, 400, -32602),
    ],
)
def test_a_request_brings_along_what_the_latest_revision_wants(
    send: Send, more: dict[str, Any], status: int, number: int
) -> None:
    answer = send("tools/call", **{"name": "list_models", **more})
    if number:
        assert error_of(answer) == (status, number)
    assert answer.status_code == status


def test_a_notification_is_taken_and_a_method_of_another_revision_is_not(
    client: Client, person: Person, send: Send
) -> None:
    token = make_token(person, "tests", ["make"], None)[1]
    told = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    answer = post(client, told, {"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.content) == (202, b"")
    assert error_of(send("ping")) == (404, -32601)
    assert error_of(send("tools/list", cursor="next")) == (400, -32602)


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:6274", 200),
        ("http://127.0.0.1", 200),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_the_script_of_another_site_may_not_ask(send: Send, origin: str, status: int) -> None:
    assert send("tools/list", headers={"Origin": origin}).status_code == status


def test_who_shows_no_token_or_a_narrow_one_is_told_what_is_needed(
    client: Client, person: Person
) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "generate"}}
    unknown = post(client, body, {})
    assert (unknown.status_code, unknown["WWW-Authenticate"]) == (401, "Bearer")
    token = make_token(person, "reads", ["read"], None)[1]
    narrow = post(client, body, {"Authorization": f"Bearer {token}"})
    assert error_of(narrow) == (403, -32001)
    wanted = 'Bearer error="insufficient_scope", scope="make"'
    assert (narrow["WWW-Authenticate"], narrow.json()["error"]["data"]["code"]) == (
        wanted,
        "insufficient_scope",
    )
    for method in ("GET", "DELETE"):
        refused = client.generic(method, "/mcp", headers={"Authorization": f"Bearer {token}"})
        assert (refused.status_code, refused["Allow"]) == (405, "POST")


def test_each_tool_has_words() -> None:
    assert set(TOOLS) == set(mcp_tools.TOOLS)


def test_arguments_that_cannot_be_honoured_are_named(send: Send) -> None:
    for tool, wrong, param in (
        ("generate", {"prompt": "A", "flavour": "salt"}, "flavour"),
        ("generate", {"prompt": "A", "stream": True}, "stream"),
        ("generate", {"prompt": "A", "confirm_cost": "NaN"}, "confirm_cost"),
        ("generate", {"prompt": "A", "wait": 600}, "wait"),
        ("generate", {"prompt": "A", "idempotency_key": "x" * 256}, "idempotency_key"),
        ("generate", {"prompt": "A", "input_pictures": ["a"]}, "input_pictures"),
        ("estimate", {"prompt": "A", "confirm_cost": "1"}, "confirm_cost"),
        ("search_pictures", {"since": "yesterday"}, "since"),
        ("search_pictures", {"person": 1}, "person"),
        ("search_pictures", {"gallery": "bin"}, "gallery"),
        ("search_pictures", {"gallery": "trash", "before": 999_999}, "before"),
        ("search_pictures", {"shape": "round"}, "shape"),
        ("status", {"generation": 2**60}, "generation"),
        ("fetch_picture", {"picture": "first"}, "picture"),
        ("list_models", {"model": "none"}, "model"),
    ):
        answer = send("tools/call", name=tool, arguments=wrong).json()["result"]
        assert (answer["isError"], answer["structuredContent"]["error"]["param"]) == (True, param)
    assert not Generation.objects.exists()


def test_nobody_sees_or_uses_what_is_not_theirs(send: Send) -> None:
    other = make_person()
    hidden, shared = (
        make_picture(make_generation(other, prompt="A secret"), shared=one) for one in (False, True)
    )
    found = facts_of(send("tools/call", name="search_pictures", arguments={"gallery": "team"}))
    assert [one["id"] for one in found["pictures"]] == [shared.pk]
    assert facts_of(send("tools/call", name="search_pictures", arguments={}))["pictures"] == []
    for tool, arguments in (
        ("fetch_picture", {"picture": hidden.pk}),
        ("status", {"generation": shared.generation_id}),
        ("generate", {"prompt": "A", "input_pictures": [hidden.pk], "model": "gpt-image-1.5"}),
    ):
        answer = send("tools/call", name=tool, arguments=arguments)
        assert "error" in facts_of(answer)
        assert b"secret" not in content_of(answer)
    assert facts_of(send("tools/call", name="fetch_picture", arguments={"picture": shared.pk}))


@pytest.mark.parametrize(
    ("own", "studio", "asks"),
    [
        (None, "1.00", False),
        (0, "1.00", True),
        (39_999, "1.00", True),
        (40_000, "1.00", False),
        (9_000_000, "0.01", True),
    ],
)
def test_a_token_may_buy_less_unasked_than_the_studio(
    send: Send, models_toml: Path, own: int | None, studio: str, asks: bool
) -> None:
    models_toml.write_text(f'ask_above = "{studio}"')
    Token.objects.update(ask_above_micros=own)
    wanted = {"model": "imagen-4.0-generate-001", "prompt": "A", "wait": 0}
    [told] = [
        one["inputSchema"]["properties"]["confirm_cost"]["description"]
        for one in send("tools/list").json()["result"]["tools"]
        if one["name"] == "generate"
    ]
    assert ("$1.00" in told) is (own in (None, 9_000_000) and studio == "1.00")
    first = facts_of(send("tools/call", name="generate", arguments=wanted))
    assert (first["bought"], Generation.objects.exists()) == (not asks, not asks)
    if asks:
        assert first["confirm_cost"] == "0.040000"
        short = send("tools/call", name="generate", arguments=wanted | {"confirm_cost": "0.039999"})
        assert (facts_of(short)["bought"], Generation.objects.exists()) == (False, False)
        confirmed = wanted | {"confirm_cost": "0.04"}
        assert facts_of(send("tools/call", name="generate", arguments=confirmed))["bought"]
        # A repeat joins what was bought, and asks nothing.
        again = facts_of(send("tools/call", name="generate", arguments=wanted))
        assert again["bought"]
    assert Generation.objects.count() == 1


def test_what_was_bought_is_told_without_thumbnails_that_are_gone(
    send: Send, person: Person
) -> None:
    picture = make_picture(make_generation(person), thumb="thumbs/gone.webp")
    answer = send("tools/call", name="status", arguments={"generation": picture.generation_id})
    assert [one["id"] for one in facts_of(answer)["pictures"]] == [picture.pk]
    kinds = [one["type"] for one in json.loads(content_of(answer))["result"]["content"]]
    assert kinds == ["text", "resource_link"]


def test_a_search_goes_on_where_the_last_page_ended(send: Send, person: Person) -> None:
    made = [make_picture(make_generation(person)).pk for _number in range(5)]
    seen: list[int] = []
    before: int | None = None
    for _page in range(3):
        arguments = {"limit": 2} | ({"before": before} if before else {})
        found = facts_of(send("tools/call", name="search_pictures", arguments=arguments))
        seen += [one["id"] for one in found["pictures"]]
        before = found["before"]
    assert (seen, before) == (made[::-1], None)


def test_a_place_that_is_gone_is_no_end(send: Send, person: Person) -> None:
    gone = make_picture(make_generation(person)).pk
    arguments = {"gallery": "trash", "before": gone}
    found = facts_of(send("tools/call", name="search_pictures", arguments=arguments))
    assert found["error"]["code"] == "place_gone"


@bounds(max_examples=40, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    arguments=st.dictionaries(
        st.sampled_from([*FILTERED, "gallery", "limit", "before", "prompt", "n", "side"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner),
            max_leaves=3,
        ),
        max_size=4,
    ),
    tool=st.sampled_from([name for name in TOOLS if name != "generate"]),
)
def test_any_arguments_get_an_answer(send: Send, tool: str, arguments: dict[str, Any]) -> None:
    answer = send("tools/call", name=tool, arguments=arguments)
    assert answer.status_code == 200
    assert answer.json()["result"]["content"]


@bounds(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=9) | PARTS, inner, max_size=4)
            | st.fixed_dictionaries(
                {"jsonrpc": st.just("2.0"), "id": st.integers() | st.text(), "method": METHODS},
                optional={"params": inner},
            )
        ),
        max_leaves=6,
    ),
    version=st.sampled_from(["", *OLDER, LATEST, "x"]),
)
def test_any_message_gets_an_answer(client: Client, token: str, body: Any, version: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    headers |= {"MCP-Protocol-Version": version} if version else {}
    answer = post(client, json.dumps(body), headers)
    assert answer.status_code in (200, 202, 400, 404)
    if answer.status_code != 202:
        assert {"jsonrpc", "id"} < set(answer.json())
