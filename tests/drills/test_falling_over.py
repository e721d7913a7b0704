"""PostgreSQL falls over to a copy that is some seconds older while programs repeat their orders."""

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg
import pytest
import requests

from omixa_studio.sandbox import Sandbox
from tests import servers
from tests.drills.conftest import Opened
from tests.drills.visitor import MODEL, Visitor
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.postgres, pytest.mark.timeout(600)]
HERE, COPY, NEWER = "falls-over", "falls-over-copy", "falls-over-newer"
PROMPTS = [f"Lost {number}" for number in range(12)]


def on_server(server: str, *statements: str) -> None:
    """Run statements while nobody is connected to the studio's database."""
    with psycopg.connect(server, autocommit=True) as rows:
        rows.execute(f'ALTER DATABASE "{HERE}" ALLOW_CONNECTIONS false')
        rows.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{HERE}'"
        )
        wait_until(
            lambda: (
                not rows.execute(
                    f"SELECT 1 FROM pg_stat_activity WHERE datname = '{HERE}'"
                ).fetchall()
            )
        )
        for statement in statements:
            rows.execute(statement.encode())
        rows.execute(f'ALTER DATABASE "{HERE}" ALLOW_CONNECTIONS true')


@contextmanager
def programs_repeating(visitor: Visitor, prompts: Sequence[str]) -> Iterator[Counter[object]]:
    """Let a program for each prompt send the same order again and again; gives the answers."""
    over, answers = threading.Event(), Counter[object]()

    def repeat(prompt: str) -> None:
        while not over.wait(0.02):
            with suppress(requests.RequestException):
                answer = requests.post(
                    f"{visitor.studio.base_url}/images/generations",
                    json={"model": MODEL, "prompt": prompt},
                    headers={
                        "Authorization": f"Bearer {visitor.studio.token}",
                        "Idempotency-Key": prompt,
                    },
                    timeout=8,
                )
                answers[answer.json().get("error", {}).get("code", 200)] += 1

    threads = [threading.Thread(target=repeat, args=(prompt,)) for prompt in prompts]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


def resume(visitor: Visitor) -> None:
    visitor.look()
    [pause] = re.findall(r'name="pause" value="(\d+)"', visitor.page)
    visitor._post("/pause/resume", pause=pause, next="/")


def test_what_programs_repeat_is_not_bought_again(
    opened: Opened, gateway: Sandbox, postgres_server: str
) -> None:
    with servers.fresh_database(postgres_server, HERE) as rows:
        visitor = opened(rows)
        visitor.buy("Before")
        on_server(postgres_server, f'CREATE DATABASE "{COPY}" TEMPLATE "{HERE}"')
        with programs_repeating(visitor, PROMPTS) as answers:
            wait_until(lambda: answers[200] > 2 * len(PROMPTS))
            on_server(
                postgres_server,
                f'ALTER DATABASE "{HERE}" RENAME TO "{NEWER}"',
                f'ALTER DATABASE "{COPY}" RENAME TO "{HERE}"',
            )
            wait_until(lambda: visitor.ready()[1]["waiting"].get("paused") == "older")
            time.sleep(3)
        resume(visitor)
        with programs_repeating(visitor, PROMPTS) as after:
            wait_until(lambda: after.total() > 2 * len(PROMPTS))
        visitor.buy("Afterwards")
        assert set(after) == {"sent_before"}, (answers, after)
        calls = Counter(call.prompt for call in gateway.calls)
        assert {calls[prompt] for prompt in PROMPTS} == {1}, calls
        visitor.studio.kill()
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{NEWER}"')
