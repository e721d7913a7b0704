"""What the sandbox remembers of the calls, for tests that must know what was paid."""

import hashlib
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests

from omixa_studio.sandbox import Sandbox
from tests.sandbox.conftest import Post

Report = Callable[..., dict[str, Any]]


@pytest.fixture
def report(sandbox: Sandbox) -> Report:
    """Read the calls as another process does."""

    def read(query: str = "") -> dict[str, Any]:
        answer = requests.get(
            f"{sandbox.root}/_sandbox/calls{query}",
            headers={"Authorization": f"Bearer {sandbox.key}"},
            timeout=5,
        )
        return dict(answer.json())

    return read


def test_it_keeps_headers_and_body_of_each_call(post: Post, sandbox: Sandbox) -> None:
    post(prompt="first")
    call = sandbox.calls[0]
    assert call.path == "/api/v1/images/generations"
    assert call.headers["Authorization"] == f"Bearer {sandbox.key}"
    assert b'"first"' in call.body
    assert call.sha256 == hashlib.sha256(call.body).hexdigest()
    assert abs(call.time - time.time()) < 60


def test_it_tells_other_processes_about_every_call(
    post: Post, sandbox: Sandbox, report: Report
) -> None:
    post(prompt="first", n=2)
    sandbox.script("status:402", "cut")
    post(prompt="second")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        post(prompt="third")
    told = report()
    assert (told["count"], told["answered"], told["open"]) == (3, 1, 0)
    assert told["billed_total"] == "0.120000"
    assert [call["number"] for call in told["calls"]] == [1, 2, 3]
    assert [call["prompt"] for call in told["calls"]] == ["first", "second", "third"]
    assert [call["answered"] for call in told["calls"]] == [True, False, False]
    assert [call["billed"] for call in told["calls"]] == ["0.080000", None, "0.040000"]
    assert [call["status"] for call in told["calls"]] == [200, 402, 200]


def test_it_tells_only_what_is_new_when_asked(post: Post, report: Report) -> None:
    for _ in range(3):
        post()
    assert [call["number"] for call in report("?since=2")["calls"]] == [3]


def test_it_counts_calls_without_a_key(sandbox: Sandbox, report: Report) -> None:
    requests.post(f"{sandbox.base_url}/images/generations", json={}, timeout=5)
    assert (report()["count"], report()["billed_total"]) == (1, "0")


def test_it_shows_a_call_in_work_before_it_is_answered(sandbox: Sandbox, report: Report) -> None:
    sandbox.script("hang")
    with pytest.raises(requests.exceptions.ReadTimeout):
        ask(sandbox, timeout=0.3)
    told = report()
    assert told["count"] == 1
    assert told["calls"][0]["answered"] is False


def test_it_charges_a_client_that_did_not_wait(report: Report, sandbox: Sandbox) -> None:
    sandbox.script("slow:0.4")
    with pytest.raises(requests.exceptions.ReadTimeout):
        ask(sandbox, timeout=0.1)
    end = time.monotonic() + 5
    while report()["open"] and time.monotonic() < end:
        time.sleep(0.01)
    assert report()["billed_total"] == "0.040000"


def test_it_counts_every_call_of_many_threads(sandbox: Sandbox, report: Report) -> None:
    sandbox.script(always="status:503")
    threads = [threading.Thread(target=ask, args=(sandbox,)) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = report()
    assert told["count"] == 40
    assert sorted(call["number"] for call in told["calls"]) == list(range(1, 41))


def test_it_forgets_on_reset(post: Post, sandbox: Sandbox, report: Report) -> None:
    post()
    requests.post(
        f"{sandbox.root}/_sandbox/reset",
        headers={"Authorization": f"Bearer {sandbox.key}"},
        timeout=5,
    )
    assert report()["count"] == 0
    assert sandbox.billed_total == Decimal(0)


def test_it_keeps_no_bodies_when_told_so() -> None:
    with Sandbox(keep_bodies=False) as sandbox:
        ask(sandbox)
        call = sandbox.calls[0]
    assert (call.body, call.headers) == (b"", {})
    assert call.size > 0


def test_it_cuts_off_what_is_in_work_when_it_closes() -> None:
    with Sandbox(seconds=60) as sandbox:
        outcome: list[Exception] = []
        thread = threading.Thread(target=lambda: outcome.append(error_of(sandbox)))
        thread.start()
        end = time.monotonic() + 5
        while not sandbox.calls and time.monotonic() < end:
            time.sleep(0.01)
    thread.join(timeout=5)
    assert isinstance(outcome[0], requests.exceptions.ConnectionError)
    assert sandbox.billed_total == 0


def ask(sandbox: Sandbox, timeout: float = 20) -> requests.Response:
    return requests.post(
        f"{sandbox.base_url}/images/generations",
        json={"model": "imagen-4.0-generate-001", "prompt": "rain", "size": "0.5K"},
        headers={"Authorization": f"Bearer {sandbox.key}"},
        timeout=timeout,
    )


def error_of(sandbox: Sandbox) -> Exception:
    with pytest.raises(requests.exceptions.RequestException) as caught:
        ask(sandbox)
    return caught.value


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "calls"), ("POST", "script"), ("POST", "reset")]
)
def test_it_is_steered_with_its_key_and_from_this_machine_alone(
    sandbox: Sandbox, method: str, path: str
) -> None:
    key = {"Authorization": f"Bearer {sandbox.key}"}
    local = {"Host": f"localhost:{sandbox.port}"}
    answers = [
        requests.request(method, f"{sandbox.root}/_sandbox/{path}", headers=headers, timeout=5)
        for headers in (local, key | {"Host": "evil.example"}, key | local, key)
    ]
    assert [answer.status_code for answer in answers] == [401, 403, 200, 200]
