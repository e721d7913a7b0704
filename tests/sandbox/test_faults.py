"""Misbehaviour on request: how each fault looks on the wire, and how it is asked for."""

import base64
import gzip
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from omixa_studio.sandbox import Sandbox
from omixa_studio.sandbox.faults import FAULTS, check_fault
from tests.sandbox.conftest import Post

STATUSES = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504]
BODY = {"model": "imagen-4.0-generate-001", "prompt": "a quiet harbour", "size": "0.5K"}


Wire = Callable[[str], socket.socket]


@pytest.fixture
def ask(sandbox: Sandbox, post: Post) -> Post:
    """Ask once under a fault."""

    def send(fault: str, **fields: Any) -> requests.Response:
        sandbox.script(fault)
        return post(**fields)

    return send


@pytest.fixture
def wire(sandbox: Sandbox) -> Iterator[Wire]:
    """Ask once under a fault with a bare socket; give the connected socket."""
    opened = []

    def connect(fault: str) -> socket.socket:
        sandbox.script(fault)
        body = json.dumps(BODY).encode()
        head = (
            "POST /api/v1/images/generations HTTP/1.1\r\nHost: sandbox\r\n"
            f"Authorization: Bearer {sandbox.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        connection = socket.create_connection((sandbox.host, sandbox.port), timeout=10)
        opened.append(connection)
        connection.sendall(head.encode() + body)
        return connection

    yield connect
    for connection in opened:
        connection.close()


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


@pytest.mark.parametrize("status", STATUSES)
def test_it_answers_any_status_in_the_envelope(ask: Post, sandbox: Sandbox, status: int) -> None:
    answer = ask(f"status:{status}")
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "code"}
    assert sandbox.billed_total == 0


def test_it_uses_the_documented_words_for_an_empty_wallet(ask: Post) -> None:
    error = ask("status:402").json()["error"]
    assert (error["type"], error["code"]) == ("billing_error", "insufficient_balance")


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        ("status:429", "1"),
        ("status:429,7", "7"),
        ("status:429,none", None),
        ("status:503", None),
        ("status:503,Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT"),
    ],
)
def test_it_states_when_to_come_again(ask: Post, fault: str, after: str | None) -> None:
    assert ask(fault).headers.get("Retry-After") == after


def test_it_answers_like_a_proxy_in_front_of_the_gateway(ask: Post) -> None:
    bare, html = ask("status:503-bare"), ask("status:500-html")
    assert (bare.status_code, bare.headers["Content-Type"][:10]) == (503, "text/plain")
    assert (html.status_code, html.headers["Content-Type"][:9]) == (500, "text/html")
    assert "error" not in bare.text.split()[0]
    assert html.text.startswith("<html>")


def test_it_redirects_back_to_the_paid_address(ask: Post) -> None:
    answer = ask("redirect")
    assert answer.status_code == 307
    assert answer.headers["Location"].startswith("/api/v1/images/generations")
    assert (
        ask("redirect:https://elsewhere.test/x").headers["Location"] == "https://elsewhere.test/x"
    )


def test_it_refuses_for_policy(ask: Post) -> None:
    answer = ask("refuse-policy")
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "content_policy_violation"
    assert ask("refuse-policy:400").status_code == 400


def test_it_sends_no_data_with_and_without_an_amount(ask: Post, sandbox: Sandbox) -> None:
    assert "usage" not in ask("empty-data").json()
    answer = ask("empty-data:0.040000").json()
    assert answer["data"] == []
    assert answer["usage"] == {"billed_amount": "0.040000"}
    assert sandbox.billed_total == Decimal("0.04")


def test_it_sends_an_error_inside_a_200(ask: Post) -> None:
    answer = ask("error-in-200:0.010000")
    assert answer.status_code == 200
    assert set(answer.json()) == {"error", "usage"}
    assert set(ask("error-in-200").json()) == {"error"}


@pytest.mark.parametrize(
    ("fault", "pictures", "billed"), [("fewer", 2, "0.080000"), ("more", 5, "0.160000")]
)
def test_it_sends_another_number_than_asked(
    ask: Post, fault: str, pictures: int, billed: str
) -> None:
    answer = ask(fault, n=4).json()
    assert len(answer["data"]) == pictures
    assert answer["usage"]["billed_amount"] == billed


def test_it_sends_what_is_no_base64(ask: Post) -> None:
    text = ask("bad-base64").json()["data"][0]["b64_json"]
    with pytest.raises(ValueError, match="base64"):
        base64.b64decode(text, validate=True)


def test_it_sends_what_is_no_picture(ask: Post) -> None:
    answer = ask("not-an-image").json()
    data = base64.b64decode(answer["data"][0]["b64_json"], validate=True)
    assert data.startswith(b"These bytes")
    assert answer["usage"] == {"billed_amount": "0.040000"}


@pytest.mark.parametrize("fault", ["bad-base64", "not-an-image"])
def test_it_leaves_the_amount_out_where_asked(ask: Post, sandbox: Sandbox, fault: str) -> None:
    assert "usage" not in ask(f"{fault}:no-amount").json()
    assert sandbox.billed_total == Decimal("0.04")


@pytest.mark.parametrize(("fault", "side"), [("pixel-bomb", 20_000), ("pixel-bomb:header", 60_000)])
def test_it_sends_small_files_that_are_enormous_pictures(ask: Post, fault: str, side: int) -> None:
    data = base64.b64decode(ask(fault).json()["data"][0]["b64_json"])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (side, side)
    assert len(data) < 100_000


@pytest.mark.parametrize(
    ("fault", "written"),
    [
        ("billed-number", b'"billed_amount": 0.040000}'),
        ("billed-odd", b'"billed_amount": "0.0400001"}'),
        ("billed-odd:NaN", b'"billed_amount": "NaN"}'),
        ("billed:-1", b'"billed_amount": "-1"}'),
        ("billed-over", b'"billed_amount": "0.400000"}'),
        ("billed-by-quality:low=0.011", b'"billed_amount": "0.040000"}'),
        ("billed-free", b'"billed_amount": "0.000000"}'),
    ],
)
def test_it_states_odd_amounts(ask: Post, fault: str, written: bytes) -> None:
    assert written in ask(fault).content


def test_it_leaves_the_bill_out(ask: Post) -> None:
    assert "usage" not in ask("billed-missing").json()


def test_it_breaks_the_json_in_a_whole_answer(ask: Post) -> None:
    answer = ask("truncated-json")
    assert len(answer.content) == int(answer.headers["Content-Length"])
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(answer.content)


def test_it_cuts_the_body_short(wire: Wire) -> None:
    head, _, body = read_all(wire("cut")).partition(b"\r\n\r\n")
    promised = int(head.split(b"Content-Length: ")[1].split()[0])
    assert 0 < len(body) < promised


def test_it_resets_before_an_answer(wire: Wire) -> None:
    with pytest.raises(ConnectionResetError):
        read_all(wire("reset"))


def test_it_resets_in_the_middle(wire: Wire) -> None:
    connection = wire("reset-mid")
    assert connection.recv(15) == b"HTTP/1.1 200 OK"
    with pytest.raises(ConnectionResetError):
        read_all(connection)


def test_it_closes_before_an_answer(wire: Wire) -> None:
    assert read_all(wire("close-before-answer")) == b""


def test_it_hangs_until_the_client_goes(wire: Wire, sandbox: Sandbox) -> None:
    connection = wire("hang")
    connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        connection.recv(1)
    assert sandbox.calls[0].finished is None
    connection.close()
    wait_for(lambda: sandbox.calls[0].finished is not None)


def test_it_drips_without_end(wire: Wire, sandbox: Sandbox) -> None:
    connection = wire("drip")
    received = [connection.recv(4096) for _ in range(4)]
    assert received[0].startswith(b"HTTP/1.1 200 OK")
    assert set(received[-1]) == {ord(" ")}
    assert sandbox.calls[0].finished is None


def test_it_floods_without_end(wire: Wire) -> None:
    connection, received = wire("flood"), 0
    while received < 8 * 2**20:
        received += len(connection.recv(2**20))


def test_it_sends_an_answer_in_small_pieces(ask: Post) -> None:
    begun = time.monotonic()
    assert ask("trickle").json()["data"]
    assert time.monotonic() - begun > 0.5


def test_it_takes_its_time(ask: Post) -> None:
    begun = time.monotonic()
    assert ask("slow:0.4").status_code == 200
    assert time.monotonic() - begun >= 0.4


def test_it_sends_addresses_and_serves_them(ask: Post, sandbox: Sandbox) -> None:
    item = ask("url").json()["data"][0]
    assert item["b64_json"] is None
    picture = requests.get(item["url"], timeout=5)
    assert picture.content.startswith(b"\x89PNG")
    assert picture.content == sandbox.kept["1-0"]


def test_it_sends_addresses_below_another_place() -> None:
    with Sandbox(picture_url="https://pictures.test:9/p") as sandbox:
        sandbox.script("url", "url:https://other.test/one.png")
        urls = [
            requests.post(
                f"{sandbox.base_url}/images/generations",
                json=BODY,
                headers={"Authorization": f"Bearer {sandbox.key}"},
                timeout=10,
            ).json()["data"][0]["url"]
            for _ in range(2)
        ]
    assert urls == ["https://pictures.test:9/p/1-0", "https://other.test/one.png"]


def test_it_compresses_unasked(wire: Wire, sandbox: Sandbox) -> None:
    connection = wire("gzip")
    head, body = b"", b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    head, _, body = head.partition(b"\r\n\r\n")
    length = int(head.split(b"Content-Length: ")[1].split()[0])
    while len(body) < length:
        body += connection.recv(65536)
    assert b"Content-Encoding: gzip" in head
    assert json.loads(gzip.decompress(body))["usage"] == {"billed_amount": "0.040000"}


def test_it_answers_with_nothing_or_a_page(ask: Post) -> None:
    empty, page, text = ask("empty-body"), ask("html-200"), ask("text-500")
    assert (empty.status_code, empty.content) == (200, b"")
    assert (page.status_code, page.text[:6]) == (200, "<html>")
    assert (text.status_code, text.text) == (500, "Internal Server Error\n")


def test_it_returns_the_answer_of_the_script(sandbox: Sandbox, post: Post) -> None:
    prepared = b'{"data": [], "usage": {"billed_amount": "0.010000"}}'
    sandbox.script("answer-file", answer=prepared)
    assert post().content == prepared
    assert post().json()["data"]


def test_it_misbehaves_in_the_order_of_the_script_and_then_no_more(
    sandbox: Sandbox, post: Post
) -> None:
    sandbox.script("status:503", "", "status:429")
    assert [post().status_code for _ in range(4)] == [503, 200, 429, 200]


def test_it_misbehaves_always_until_told_otherwise(sandbox: Sandbox, post: Post) -> None:
    sandbox.script(always="status:503")
    assert [post().status_code for _ in range(3)] == [503, 503, 503]
    sandbox.script(always="")
    assert post().status_code == 200


def test_it_misbehaves_when_the_prompt_asks(sandbox: Sandbox, post: Post) -> None:
    sandbox.script("status:429")
    assert post(prompt="a harbour [fault: status:402] at dusk").status_code == 402
    assert post(prompt="a harbour").status_code == 429
    assert post(prompt="a harbour [fault: nonsense]").status_code == 200


def test_it_is_scripted_by_other_processes(sandbox: Sandbox, post: Post) -> None:
    answer = requests.post(
        f"{sandbox.root}/_sandbox/script",
        headers={"Authorization": f"Bearer {sandbox.key}"},
        json={"faults": ["status:503"], "always": "status:402"},
        timeout=5,
    )
    assert answer.status_code == 200
    assert [post().status_code for _ in range(2)] == [503, 402]
    requests.post(
        f"{sandbox.root}/_sandbox/reset",
        headers={"Authorization": f"Bearer {sandbox.key}"},
        timeout=5,
    )
    assert post().status_code == 200


@pytest.mark.parametrize("script", [{"faults": ["typo"]}, {"always": "typo"}, {"faults": 3}, []])
def test_it_refuses_a_script_it_does_not_know(sandbox: Sandbox, script: object) -> None:
    answer = requests.post(
        f"{sandbox.root}/_sandbox/script",
        json=script,
        headers={"Authorization": f"Bearer {sandbox.key}"},
        timeout=5,
    )
    assert answer.status_code == 422
    assert "error" in answer.json()


def test_it_names_all_faults_when_one_is_unknown() -> None:
    with pytest.raises(ValueError, match="pixel-bomb"):
        check_fault("typo")
    assert all(check_fault(name) == name for name in FAULTS)


def test_it_says_when_a_fault_cannot_be_understood(ask: Post) -> None:
    answer = ask("status:soon")
    assert answer.status_code == 422
    assert "status:soon" in answer.json()["error"]["message"]


def wait_for(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Fail unless the condition becomes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
