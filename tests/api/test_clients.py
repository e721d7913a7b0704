"""Clients as people use them, unchanged and on their defaults, against a real studio."""

import asyncio
import base64
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import openai
import pytest
import requests
from openai import AsyncOpenAI, OpenAI
from PIL import Image

from omixa_studio.sandbox import Sandbox
from scripts.node import run_node
from tests.api.studios import ApiStudio, api_studio, awaited
from tests.crash.harness import answer_of
from tests.servers import PROJECT, wait_until

API = PROJECT / "docs" / "api.md"
SMALL: Any = {"model": "gpt-image-1.5"}


@pytest.fixture
def client(studio: ApiStudio) -> OpenAI:
    return OpenAI(base_url=studio.base_url, api_key=studio.token)


def bought(studio: ApiStudio) -> int:
    return len(studio.sandbox.calls)


def picture_in(answer: Any) -> bytes:
    data = base64.b64decode(answer.data[0].b64_json)
    assert Image.open(io.BytesIO(data)).size == (96, 64)
    return data


def test_openai_generates_edits_and_streams(client: OpenAI, studio: ApiStudio) -> None:
    data = picture_in(client.images.generate(model="gpt-image-1", prompt="A cat"))
    picture_in(client.images.edit(image=data, prompt="A dog", **SMALL))
    both = client.images.edit(image=[data, data], mask=data, prompt="A dog", **SMALL)
    picture_in(both)
    events = list(client.images.generate(prompt="A bird", stream=True, partial_images=2))
    assert [event.type for event in events] == ["image_generation.completed"]
    edits = list(client.images.edit(image=data, prompt="A fish", stream=True, **SMALL))
    assert [event.type for event in edits] == ["image_edit.completed"]
    assert "gpt-image-1" in {model.id for model in client.models.list()}
    assert client.models.retrieve("gpt-image-1").id == "gpt-image-1"
    assert (bought(studio), set(studio.states())) == (5, {"done"})


def test_openai_works_asynchronously(studio: ApiStudio) -> None:
    async def ask() -> Any:
        async with AsyncOpenAI(base_url=studio.base_url, api_key=studio.token) as client:
            asked = [client.images.generate(prompt=f"Async {n}") for n in range(3)]
            return await asyncio.gather(*asked)

    for answer in awaited(ask()):
        picture_in(answer)
    assert bought(studio) == 3


def test_equal_requests_at_once_buy_once_and_the_next_buys_anew(
    client: OpenAI, studio: ApiStudio
) -> None:
    studio.sandbox.script(always="slow:1")
    with ThreadPoolExecutor(12) as threads:
        answers = list(
            threads.map(lambda _n: client.images.generate(prompt="Twelve", n=1), range(12))
        )
    assert len({picture_in(answer) for answer in answers}) == bought(studio) == 1
    client.images.generate(prompt="Twelve", n=1)
    client.images.generate(prompt="Twelve", n=1)
    assert bought(studio) == 3


@pytest.mark.postgres
def test_equal_requests_at_once_buy_once_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    with (
        Sandbox(fixed_answer=answer_of((96, 64))) as sandbox,
        api_studio(tmp_path, sandbox, postgres_url) as studio,
        OpenAI(base_url=studio.base_url, api_key=studio.token) as client,
        ThreadPoolExecutor(12) as threads,
    ):
        sandbox.script(always="slow:1")
        answers = threads.map(lambda _n: client.images.generate(prompt="Twelve", n=1), range(12))
        assert len({picture_in(answer) for answer in answers}) == bought(studio) == 1
        keyed = threads.map(lambda _n: order(studio, "harbour"), range(12))
        assert len({answer["generations"][0]["id"] for answer in keyed}) == 1
        assert bought(studio) == 2
        assert len(studio.ask("SELECT id FROM omixa_studio_generation")) == 2


def order(studio: ApiStudio, key: str) -> Any:
    """Buy a picture at the studio's own address, and wait for it."""
    headers = {"Authorization": f"Bearer {studio.token}", "Idempotency-Key": key}
    body = {"model": "imagen-4.0-generate-001", "prompt": "A harbour"}
    address = f"{studio.address}/api/v1/generations?wait=30"
    answer = requests.post(address, json=body, headers=headers, timeout=60)
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_two_copies_at_once_have_two_keys(client: OpenAI, studio: ApiStudio) -> None:
    studio.sandbox.script(always="slow:1")

    def ask(key: str) -> Any:
        headers = {"Idempotency-Key": key}
        return client.images.generate(prompt="A copy", extra_headers=headers)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(ask, ["one", "two", "one", "two"]))
    assert bought(studio) == 2
    ask("one")
    assert bought(studio) == 2


@pytest.mark.parametrize("fault", ["status:500-html", "cut", "bad-base64:no-amount"])
def test_an_unclear_failure_is_asked_for_once(
    client: OpenAI, studio: ApiStudio, fault: str
) -> None:
    studio.sandbox.script(always=fault)
    for _ in range(2):
        with pytest.raises(openai.APIStatusError) as failure:
            client.images.generate(prompt=f"Unclear {fault}")
        assert (failure.value.status_code, failure.value.code) == (424, "outcome_unknown")
    assert bought(studio) == 1


def test_a_client_that_hangs_up_gets_its_picture_by_asking_again(
    client: OpenAI, studio: ApiStudio
) -> None:
    studio.sandbox.script(always="slow:3")
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=1, max_retries=0).images.generate(prompt="Patience")
    picture_in(client.images.generate(prompt="Patience"))
    assert bought(studio) == 1


def test_files_may_come_in_chunks(studio: ApiStudio, client: OpenAI) -> None:
    data = picture_in(client.images.generate(prompt="In chunks"))
    head = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    parts = [head % (b"prompt", b"", b"At night"), head % (b"model", b"", b"gpt-image-1.5")]
    parts += [head % (b"image[]", b'; filename="a.png"', data), b"--b--\r\n"]
    line = HTTPConnection("127.0.0.1", studio.port, timeout=30)
    headers = {
        "Authorization": f"Bearer {studio.token}",
        "Content-Type": "multipart/form-data; boundary=b",
        "Transfer-Encoding": "chunked",
    }
    line.request("POST", "/v1/images/edits", iter(parts), headers, encode_chunked=True)
    answer = line.getresponse()
    assert (answer.status, b'"b64_json"' in answer.read()) == (200, True)


def test_who_waits_holds_nobody_up_and_one_more_is_told_so(studio: ApiStudio) -> None:
    studio.sandbox.script(always="slow:8")
    head = (
        "POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {studio.token}\r\nContent-Type: application/json\r\n"
    )
    body = '{"prompt": "All wait for this"}'
    whole = f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()
    lines = []
    for _ in range(32):
        lines.append(socket.create_connection(("127.0.0.1", studio.port), timeout=60))
        lines[-1].sendall(whole)
    client = OpenAI(base_url=studio.base_url, api_key=studio.token, max_retries=0)
    wait_until(lambda: refusal_of(client) == (503, "too_many_waiting", "true"), 8)
    assert client.models.list().data
    # The one who asks whether all places of the person are taken may have had one at the time.
    assert Counter(line.recv(12)[9:] for line in lines)[b"200"] in (31, 32)
    for line in lines:
        line.close()
    assert bought(studio) == 1


def refusal_of(client: OpenAI) -> tuple[int, str | None, str] | None:
    """Ask for what the others wait for; return why not, None if it would wait, too."""
    try:
        client.with_options(timeout=1).images.generate(prompt="All wait for this")
    except openai.APIStatusError as refusal:
        should_retry = refusal.response.headers["x-should-retry"]
        return refusal.status_code, refusal.code, should_retry
    except openai.APITimeoutError:
        return None
    return None


def test_the_examples_of_the_documentation_work(studio: ApiStudio, tmp_path: Path) -> None:
    blocks = re.findall(r"```(python|sh)\n(.*?)```", API.read_text(encoding="utf-8"), re.DOTALL)
    told = {**os.environ, "STUDIO": studio.address, "TOKEN": studio.token}
    told |= {"OPENAI_BASE_URL": studio.base_url, "OPENAI_API_KEY": studio.token}
    for kind, text in blocks:
        if kind == "sh" and not shutil.which("curl") and "curl" in text:
            continue
        program = [sys.executable, "-c", text] if kind == "python" else ["sh", "-ec", text]
        subprocess.run(program, cwd=tmp_path, env=told, check=True, timeout=120)
    assert Image.open(tmp_path / "harbour.png").size == (96, 64)
    assert len(blocks) == 5


@pytest.mark.skipif(not shutil.which("npm"), reason="Node is missing (nodejs, npm).")
def test_clients_of_node_work(studio: ApiStudio) -> None:
    told = {
        "baseURL": studio.base_url,
        "token": studio.token,
        "fails": "[fault: status:500-html]",
        "failsToo": "[fault: cut] again",
    }
    seen = {one["step"]: one["seen"] for one in run_node("openai.js", told, all_packages=False)}
    assert seen == {
        "generate": ["PNG"],
        "edit": ["PNG"],
        "stream": ["image_generation.completed"],
        "refused": [400, "style", "unknown_parameter"],
        "failed": [424, "outcome_unknown"],
        "ai": ["image/png"],
        "ai failed": ["424"],
    }
    assert bought(studio) == 6


def test_a_cut_line_is_no_delivery(studio: ApiStudio) -> None:
    """A client that stops reading and goes away has not got its answer."""
    body = b'{"prompt": "Cut"}'
    head = (
        b"POST /v1/images/generations HTTP/1.1\r\nHost: localhost\r\n"
        b"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % (studio.token.encode(), len(body))
    )
    before = threading.active_count()
    for _ in range(2):
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            line.connect(("127.0.0.1", studio.port))
            line.sendall(head + body)
            line.recv(512)
    client = OpenAI(base_url=studio.base_url, api_key=studio.token)
    picture_in(client.images.generate(prompt="Cut"))
    assert (bought(studio), threading.active_count()) == (1, before)
