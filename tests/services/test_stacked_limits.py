"""Four processes of fifty threads press on limits that stack, on both databases.

`--rounds 50` runs as many races; one is run always.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from tests.servers import PROJECT

PROCESSES, THREADS = 4, 50
ROOM, HOLD, BILL = 37, 40_000, 160_000
LIMIT = ROOM * HOLD + HOLD - 1
# Threads of a mixed race that claim and bill, each one call at a time.
BILLING = PROCESSES * THREADS // 10
Racer = subprocess.Popen[str]


@pytest.fixture
def racers(surroundings: dict[str, str]) -> Iterator[list[Racer]]:
    """The processes, with limits of every kind set."""
    program = [sys.executable, "-m", "tests.services.racing", str(THREADS)]
    start = partial(
        subprocess.Popen,
        program,
        cwd=PROJECT,
        env=surroundings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with ExitStack() as running:
        started = [running.enter_context(start()) for _ in range(PROCESSES)]
        ask(started[:1], "set_limits")
        yield started
        for racer in started:
            racer.communicate()


def ask(racers: list[Racer], what: str) -> list[dict[str, int]]:
    """Let some processes do something at the same time."""
    for racer in racers:
        assert racer.stdin
        racer.stdin.write(f"{what}\n")
        racer.stdin.flush()
    lines = [racer.stdout.readline() for racer in racers if racer.stdout]
    told = [json.loads(line) for line in lines]
    assert [one["faults"] for one in told if one and one.get("faults")] == []
    return told


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hundred_clicks_get_exactly_what_is_left(
    racers: list[Racer], request: pytest.FixtureRequest
) -> None:
    for _ in range(request.config.getoption("rounds")):
        came = ask(racers, "race")
        assert sum(one.get("held", 0) for one in came) == ROOM
        assert sum(one["refused"] for one in came) == PROCESSES * THREADS - ROOM
        [told] = ask(racers[:1], "tell")
        assert told == {
            "holds": ROOM,
            "billed": 0,
            "ledger": ROOM * HOLD,
            "held": ROOM * HOLD,
            "wrong balances": 0,
        }
        ask(racers[:1], "forget")


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_bills_of_four_times_the_hold_pass_a_limit_by_what_was_in_flight(
    racers: list[Racer], request: pytest.FixtureRequest
) -> None:
    for _ in range(request.config.getoption("rounds")):
        ask(racers, "mixed_race")
        ask(racers, "mixed_race")
        [told] = ask(racers[:1], "tell")
        assert 0 < told["billed"] <= LIMIT + BILLING * BILL
        assert told["ledger"] == told["billed"] + told["held"]
        assert told["wrong balances"] == 0
        ask(racers[:1], "forget")
