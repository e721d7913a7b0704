"""Web servers and workers are killed at random while people click; nothing is lost or bought twice.

`--kills 1000` kills so many on each pair of database and storage, or as many as fit into
`--minutes 15`. Four in five wait until what they kill is at work: a worker whose call is under way,
a web server that serves and is asked by a click.
"""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from uuid import uuid4

import pytest
import requests

from omixa_studio.sandbox import Sandbox
from tests.crash.harness import answer_of
from tests.scale.machines import Browser, Cluster, Machine
from tests.servers import wait_until

MODEL = "imagen-4.0-generate-001"
PARTS = ("web", "worker")
PEOPLE = 6
SECONDS_BETWEEN_CLICKS = 0.2
# While so many clicks have not come to the gateway, people click more slowly.
LONGEST_LINE, SECONDS_IN_A_LONG_LINE = 20, 4.0
SECONDS_TO_REPEAT = 0.3
# Between two kills; the second is how long a kill waits for its victim to be at work.
SECONDS_BETWEEN_KILLS = (0.05, 0.8)
SECONDS_OF_PATIENCE = 30.0
# Any moment of the work, not always its first: about half of the calls come to their end.
SECONDS_OF_WORK = {"web": 0.03, "worker": 1.2}
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


@pytest.fixture(scope="module")
def warm() -> bool:
    """Otherwise kills would meet programs that are still loading."""
    return True


@dataclass
class Storm:
    """Clicks from several threads, and kills among the processes that serve them."""

    studio: Cluster
    browser: Browser
    stopping: threading.Event = field(default_factory=threading.Event)
    clicked: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    met_at_work: Counter[str] = field(default_factory=Counter)
    # Which person asks which machine at this moment; when which part of a machine began, and a
    # web server answered last, in seconds since 1970.
    asking: dict[int, Machine] = field(default_factory=dict)
    began: dict[tuple[str, str], float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    counting: threading.Lock = field(default_factory=threading.Lock)

    def click_on(self, who: int) -> None:
        """Click as a person who repeats a form, at the other machine, that got no answer."""
        while not self.stopping.wait(self._pause()):
            prompt = f"A harbour, {who}-{len(self.clicked)}-{uuid4().hex[:6]}"
            form = {"model": MODEL, "prompt": prompt, "click": str(uuid4())}
            turn, is_sent = who, False
            while not is_sent and not self.stopping.is_set():
                is_sent = self._send(form, turn, who)
                turn += 1
                time.sleep(0 if is_sent else SECONDS_TO_REPEAT)
            self.clicked += [prompt] if is_sent else []

    def _pause(self) -> float:
        """Seconds until the next click."""
        is_long = len(self.clicked) > len(self.studio.sandbox.calls) + LONGEST_LINE
        return SECONDS_IN_A_LONG_LINE if is_long else SECONDS_BETWEEN_CLICKS

    def _send(self, form: dict[str, str], turn: int, who: int) -> bool:
        machine = self.studio.machines[turn % len(self.studio.machines)]
        self.asking[who] = machine
        try:
            status = self.browser.post(machine, "/generations/", form).status_code
        except requests.RequestException:
            return False
        finally:
            del self.asking[who]
        self.statuses[status] += 1
        self.answered[machine.name] = time.time()
        return status == 303

    def rage(self, kills: int, minutes: float) -> None:
        """Kill so many processes, or for so long; each starts again at once.

        Each machine's web server and worker has somebody of its own who kills it.
        """
        victims = [(machine, part) for machine in self.studio.machines for part in PARTS]
        until = time.monotonic() + 60 * minutes
        left = takewhile(lambda _: time.monotonic() < until, range(kills))
        with ThreadPoolExecutor(len(victims)) as pool:
            ends = [pool.submit(self._kill, *victim, left) for victim in victims]
        for end in ends:
            end.result()

    def _kill(self, machine: Machine, part: str, left: Iterator[int]) -> None:
        """Kill and start one part as long as kills are left."""
        luck = random.Random(f"{machine.name} {part}")
        while self._takes_one_of(left):
            time.sleep(luck.uniform(*SECONDS_BETWEEN_KILLS))
            if luck.random() < 0.8:
                self._wait_for_work(machine, part, luck)
            self._count(part, is_at_work=self._is_at_work(machine, part))
            machine.end(part, signal.SIGKILL)
            machine.start(part)
            self.began[machine.name, part] = time.time()

    def _takes_one_of(self, left: Iterator[int]) -> bool:
        with self.counting:
            return next(left, None) is not None

    def _count(self, part: str, *, is_at_work: bool) -> None:
        with self.counting:
            self.kills[part] += 1
            self.met_at_work[part] += is_at_work
            if self.kills.total() % 50 == 0:
                print(f"{self.kills.total()} kills by {time.strftime('%X')}", flush=True)

    def _wait_for_work(self, machine: Machine, part: str, luck: random.Random) -> None:
        with suppress(TimeoutError):
            wait_until(lambda: self._is_at_work(machine, part), SECONDS_OF_PATIENCE)
            time.sleep(luck.uniform(0, SECONDS_OF_WORK[part]))

    def _is_at_work(self, machine: Machine, part: str) -> bool:
        """Whether a click asks the web server, which serves by now, or a call is under way that
        is none of an earlier worker's here."""
        began = self.began.get((machine.name, part), 0)
        if part == "web":
            is_asked = machine in list(self.asking.values())
            return is_asked and self.answered.get(machine.name, 0) > began
        newest = self.studio.sandbox.calls[-100:]
        return any(call.finished is None and call.time > began for call in newest)


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(36_000)
def test_nothing_is_lost_or_bought_twice_when_machines_are_killed(
    studio: Cluster, root: Browser, request: pytest.FixtureRequest
) -> None:
    root.get(studio.a, "/")
    storm = Storm(studio, root)
    people = [threading.Thread(target=storm.click_on, args=(n,)) for n in range(PEOPLE)]
    for person in people:
        person.start()
    try:
        storm.rage(request.config.getoption("kills"), request.config.getoption("minutes"))
    finally:
        storm.stopping.set()
    for person in people:
        person.join()
    for machine in studio.machines:
        wait_until(machine.answers, 240)
    wait_until(lambda: not {"queued", "running"} & set(states_of(studio)), 240)
    print(f"{len(storm.clicked)} clicks, answers: {storm.statuses}")
    print(f"kills: {storm.kills}, at work: {storm.met_at_work}, {Counter(states_of(studio))}")
    assert broken(studio, storm) == []
    # Whoever was cut off got no answer at all; whoever got one got the right one.
    assert set(storm.statuses) == {303}
    assert len(storm.clicked) > 3
    assert storm.kills["web"]
    assert storm.kills["worker"]
    # Most met something at work, or the kills would prove little.
    assert storm.met_at_work.total() * 2 >= storm.kills.total()


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
