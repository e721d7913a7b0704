"""Web servers and workers are killed at random while people click; nothing is lost or bought twice.

`--kills 1000` kills so many on each pair of database and storage.
"""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4

import pytest
import requests

from omixa_studio.sandbox import Sandbox
from tests.crash.harness import answer_of
from tests.scale.machines import Browser, Cluster
from tests.servers import wait_until

MODEL = "imagen-4.0-generate-001"
SECONDS_TO_REPEAT = 1.0
# What an admin would see; the columns are those of the ledger and of the rows.
STATES = """
import django, json
django.setup()
from django.db.models import Sum
from omixa_studio.models import Charge, Generation
rows = list(Generation.objects.values_list("prompt", "state", "billed_micros"))
captured = Charge.objects.filter(kind="capture").aggregate(it=Sum("amount_micros"))["it"]
print(json.dumps({"rows": rows, "captured": captured or 0}))
"""


@pytest.fixture(scope="module")
def gateway() -> Iterator[Sandbox]:
    """A gateway slow enough that calls are under way at every kill."""
    with Sandbox(fixed_answer=answer_of((96, 64)), seconds=0.5) as running:
        yield running


@dataclass
class Storm:
    """Clicks from several threads, and kills among the processes that serve them."""

    studio: Cluster
    browser: Browser
    luck: random.Random
    stopping: threading.Event = field(default_factory=threading.Event)
    clicked: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)

    def click_on(self, who: int) -> None:
        """Click as a person who repeats a form, at the other machine, that got no answer."""
        while not self.stopping.wait(0.3):
            prompt = f"A harbour, {who}-{len(self.clicked)}-{uuid4().hex[:6]}"
            form = {"model": MODEL, "prompt": prompt, "click": str(uuid4())}
            turn, is_sent = who, False
            while not is_sent and not self.stopping.is_set():
                is_sent = self._send(form, turn)
                turn += 1
                time.sleep(0 if is_sent else SECONDS_TO_REPEAT)
            self.clicked += [prompt] if is_sent else []

    def _send(self, form: dict[str, str], turn: int) -> bool:
        machine = self.studio.machines[turn % len(self.studio.machines)]
        with suppress(requests.RequestException):
            status = self.browser.post(machine, "/generations/", form).status_code
            self.statuses[status] += 1
            return status == 303
        return False

    def rage(self, kills: int) -> None:
        """Kill so many processes, each of which starts again at once."""
        for _ in range(kills):
            time.sleep(self.luck.uniform(0.2, 2.0))
            machine = self.luck.choice(self.studio.machines)
            part = self.luck.choice(["web", "worker", "worker"])
            machine.end(part, signal.SIGKILL)
            self.kills[part] += 1
            machine.start(part)


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(36_000)
def test_nothing_is_lost_or_bought_twice_when_machines_are_killed(
    studio: Cluster, root: Browser, request: pytest.FixtureRequest
) -> None:
    root.get(studio.a, "/")
    storm = Storm(studio, root, random.Random(20261127))
    people = [threading.Thread(target=storm.click_on, args=(n,)) for n in range(3)]
    for person in people:
        person.start()
    storm.rage(request.config.getoption("kills"))
    storm.stopping.set()
    for person in people:
        person.join()
    for machine in studio.machines:
        wait_until(machine.answers, 240)
    wait_until(lambda: not {"queued", "running"} & set(states_of(studio)), 240)
    print(f"{len(storm.clicked)} clicks, kills: {storm.kills}, answers: {storm.statuses}")
    assert broken(studio, storm) == []
    # Whoever was cut off got no answer at all; whoever got one got the right one.
    assert set(storm.statuses) == {303}
    assert len(storm.clicked) > 3
    assert storm.kills["web"]
    assert storm.kills["worker"]


def states_of(studio: Cluster) -> list[str]:
    return [state for _prompt, state, _billed in studio.ask(STATES)["rows"]]


def broken(studio: Cluster, storm: Storm) -> list[str]:
    """Say, one sentence each, what does not hold once everything has settled."""
    told = studio.ask(STATES)
    calls = Counter(call.prompt for call in studio.sandbox.calls if call.prompt)
    billed = {c.prompt: c.billed for c in studio.sandbox.calls if c.billed is not None}
    rows = Counter(prompt for prompt, _state, _billed in told["rows"])
    states = {prompt: state for prompt, state, _billed in told["rows"]}
    wrong = [f"{n} calls for {prompt!r}" for prompt, n in calls.items() if n > 1]
    wrong += [f"{n} rows for {prompt!r}" for prompt, n in rows.items() if n > 1]
    wrong += [f"no row for {prompt!r}" for prompt in storm.clicked if prompt not in rows]
    wrong += [
        f"{prompt!r} is {state}"
        for prompt, state in states.items()
        if state not in ("done", "unknown") or (state == "done" and not calls[prompt])
    ]
    due = sum(
        (
            billed[prompt]
            for prompt, state in states.items()
            if state == "done" and prompt in billed
        ),
        Decimal(0),
    )
    if int(due * 1_000_000) != told["captured"]:
        wrong.append(f"captured {told['captured']}, but {due} were billed")
    verified = studio.a.run("manage.py", "verify")
    return [*wrong, *([verified.stdout] if verified.returncode else [])]
