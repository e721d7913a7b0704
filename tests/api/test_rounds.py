"""OpenAI's client on its defaults while everything breaks: at most one paid call per request.

`--rounds 100` asks for a hundred pictures; by default it is twelve.
"""

import base64
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from omixa_studio.sandbox import Sandbox
from tests.api.relay import Relay
from tests.api.studios import ApiStudio, api_studio, broken_promises
from tests.crash.harness import answer_of

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(3600)]
AT_ONCE = 12
# What the gateway does, by the words of a prompt; a busy one is asked again by the studio.
GATEWAY = ("", "", "slow:1", "slow:2", "status:500-html", "status:429", "cut", "reset", "hang")
# Where the client's line breaks: nowhere, after its request, in the head, in the picture.
LINES = (None, None, None, -1, 60, 3000)
CALL_SECONDS = "8"
MOST_TRIES = 30
# A gateway that is always busy is asked four times by the studio for each of the client's three.
MOST_REFUSALS = 1


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def studio(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ApiStudio]:
    rows = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    with (
        Sandbox(fixed_answer=answer_of((96, 64))) as sandbox,
        api_studio(tmp_path, sandbox, rows, STUDIO_CALL_SECONDS=CALL_SECONDS) as running,
    ):
        yield running


def prompt_of(number: int, chance: random.Random) -> str:
    fault = chance.choice(GATEWAY)
    return f"Round {number}" + (f" [fault: {fault}]" if fault else "")


def ask(studio: ApiStudio, prompt: str, line: int | None, *, streams: bool) -> tuple[str, int]:
    """Ask as a program does that tries again whenever it got no answer; return what came."""
    with Relay(studio.port, line) as relay:
        client = OpenAI(base_url=f"http://127.0.0.1:{relay.port}/v1", api_key=studio.token)
        refusals = 0
        for tries in range(1, MOST_TRIES):
            try:
                return _picture(client, prompt, streams=streams), tries
            except openai.APIStatusError as error:
                refusals += error.code == "gateway_busy"
                if error.response.headers["x-should-retry"] == "false" or refusals == MOST_REFUSALS:
                    return str(error.code), tries
            except openai.APIError as broken:
                # The error that a stream ends with has a body; a broken line has none.
                if isinstance(broken.body, dict) and broken.body.get("code"):
                    return str(broken.body["code"]), tries
            except OSError as cut:
                print(f"{prompt}, try {tries}: {cut}")  # pytest shows it with a failure
            time.sleep(0.5)
    return "nothing", MOST_TRIES


def _picture(client: OpenAI, prompt: str, *, streams: bool) -> str:
    if not streams:
        answer: Any = client.images.generate(prompt=prompt)
        return "picture" if base64.b64decode(answer.data[0].b64_json) else "empty"
    for event in client.images.generate(prompt=prompt, stream=True):
        return "picture" if base64.b64decode(event.b64_json) else "empty"
    raise OSError("The stream ended before its event.")


def test_no_request_is_paid_twice_and_none_is_lost(
    studio: ApiStudio, request: pytest.FixtureRequest
) -> None:
    rounds = request.config.getoption("rounds")
    chance, came, kills = random.Random(20261127), Counter[str](), 0
    prompts = [prompt_of(n, chance) for n in range(rounds if rounds > 1 else AT_ONCE)]
    for first in range(0, len(prompts), AT_ONCE):
        some = prompts[first : first + AT_ONCE]
        lines = [chance.choice(LINES) for _prompt in some]
        with ThreadPoolExecutor(AT_ONCE) as threads:
            asked = [
                threads.submit(ask, studio, prompt, line, streams=number % 3 == 0)
                for number, (prompt, line) in enumerate(zip(some, lines, strict=True))
            ]
            time.sleep(chance.uniform(0.2, 2))
            studio.kill()
            kills += 1
            time.sleep(chance.uniform(0, 1))
            studio.start()
            came.update(one.result()[0] for one in asked)
    studio.wait_until_done(120)
    print(f"{len(prompts)} requests, {kills} kills: {came}")
    assert broken_promises(studio, prompts) == []
    assert came["picture"]
    assert set(came) <= {"picture", "outcome_unknown", "gateway_failed", "gateway_busy"}
