"""Pictures of which only an address came: what is paid is not given up at the first hiccup."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db.models import Sum

from omixa_studio.gateway.answer import ITEM_BYTES
from omixa_studio.gateway.errors import GatewayError, told
from omixa_studio.models import Charge, Generation
from omixa_studio.sentences import tell
from omixa_studio.services import answers, claims, fetching, settling
from omixa_studio.services.tools import Tools
from omixa_studio.spool import Label
from omixa_studio.worker import Worker
from tests.factories import claimed_generation, draw_png

pytestmark = pytest.mark.django_db
MIB = 2**20


@dataclass
class Network:
    """Addresses and what lies there: bytes, or for how many tries nobody answers."""

    pictures: dict[str, bytes] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    asked: list[tuple[str, int, float]] = field(default_factory=list)

    def fetch(self, url: str, *, max_bytes: int, seconds: float) -> bytes:
        self.asked.append((url, max_bytes, seconds))
        found = None if url in self.away else self.pictures.get(url)
        if found is None:
            raise GatewayError(
                told("text", text="No."),
                kind="gateway",
                charged="unknown",
                fetch_again=url in self.away,
            )
        return found


@pytest.fixture
def network() -> Network:
    return Network({f"https://cdn.example/{n}.png": draw_png() for n in range(4)})


@pytest.fixture
def come(tools: Tools, network: Network) -> Callable[..., tuple[Generation, Path]]:
    """Receive an answer with addresses alone into the spool."""

    def receive(count: int, *, age: float = 0) -> tuple[Generation, Path]:
        row = claimed_generation()
        assert claims.pass_send_guard(row)
        incoming = tools.spool.reserve(Label(row.pk, str(row.attempt)), MIB)
        incoming.head(200, {})
        data = [{"url": url} for url in list(network.pictures)[:count]]
        usage = {"billed_amount": "0.040000"}
        incoming.write(json.dumps({"created": 1, "data": data, "usage": usage}).encode())
        path = incoming.complete()
        os.utime(path, (time.time() - age,) * 2)
        return row, path

    return receive


Come = Callable[..., tuple[Generation, Path]]


def with_network(tools: Tools, network: Network) -> Tools:
    return replace(tools, fetch=network.fetch)


def booked() -> int:
    return Charge.objects.aggregate(sum=Sum("amount_micros"))["sum"] or 0


def test_it_tries_again_what_could_not_be_fetched_once(
    come: Come, tools: Tools, network: Network
) -> None:
    tools = with_network(tools, network)
    row, path = come(4)
    network.away = {"https://cdn.example/3.png"}
    answers.finish(path, tools)
    row.refresh_from_db()
    assert (row.state, path.exists(), row.pictures.count()) == ("running", True, 0)
    network.away.clear()
    answers.finish(path, tools)
    row.refresh_from_db()
    assert (row.state, row.pictures.count(), booked()) == ("done", 4, 40_000)
    assert list(tools.spool.folder.iterdir()) == []


def test_it_fetches_no_picture_twice(come: Come, tools: Tools, network: Network) -> None:
    """By the second try the addresses of the others may have run out."""
    tools = with_network(tools, network)
    row, path = come(2)
    network.away = {"https://cdn.example/1.png"}
    answers.finish(path, tools)
    del network.pictures["https://cdn.example/0.png"]
    network.away.clear()
    answers.finish(path, tools)
    assert row.pictures.count() == 2
    assert [url for url, _, _ in network.asked].count("https://cdn.example/0.png") == 1


def test_it_says_after_a_minute_that_the_pictures_are_not_there_yet(
    come: Come, tools: Tools, network: Network
) -> None:
    tools = with_network(tools, network)
    row, path = come(1, age=61)
    network.away = set(network.pictures)
    for _ in range(2):
        answers.finish(path, tools)
        row.refresh_from_db()
        assert (row.state, row.charged, row.settled_by) == ("unknown", "unknown", None)
        assert "could not be downloaded yet" in tell(row.error)
        assert (path.exists(), booked()) == (True, row.held_micros)
    network.away.clear()
    answers.finish(path, tools)
    row.refresh_from_db()
    assert (row.state, row.error, row.pictures.count(), booked()) == ("done", [], 1, 40_000)


@pytest.mark.parametrize(("gone", "state"), [(1, "done"), (2, "failed")])
def test_it_settles_after_ten_minutes_with_what_there_is(
    come: Come, tools: Tools, network: Network, gone: int, state: str
) -> None:
    row, path = come(2, age=601)
    network.away = set(list(network.pictures)[:gone])
    answers.finish(path, with_network(tools, network))
    row.refresh_from_db()
    assert (row.state, row.pictures.count(), booked()) == (state, 2 - gone, 40_000)
    assert [left.suffix for left in tools.spool.folder.iterdir()] == [".unusable"]


def test_it_does_not_wait_for_what_will_never_be_there(
    come: Come, tools: Tools, network: Network
) -> None:
    row, path = come(1)
    network.pictures.clear()
    answers.finish(path, with_network(tools, network))
    row.refresh_from_db()
    assert (row.state, row.charged, booked()) == ("failed", "yes", 40_000)
    assert [left.suffix for left in tools.spool.folder.iterdir()] == [".unusable"]


def test_it_settles_a_row_that_expired_while_it_waited(
    come: Come, tools: Tools, network: Network
) -> None:
    tools = with_network(tools, network)
    row, path = come(1)
    network.away = set(network.pictures)
    answers.finish(path, replace(tools, lease_seconds=-1))
    claims.expire()
    row.refresh_from_db()
    assert row.state == "unknown"
    network.away.clear()
    answers.finish(path, tools)
    row.refresh_from_db()
    assert (row.state, booked()) == ("done", 40_000)


def test_it_takes_in_late_what_a_person_decided_meanwhile(
    come: Come, tools: Tools, network: Network
) -> None:
    tools = with_network(tools, network)
    row, path = come(1, age=61)
    network.away = set(network.pictures)
    answers.finish(path, tools)
    assert settling.decide(row, billed_micros=0, by="ada")
    answers.finish(path, tools)
    assert path.exists()
    network.away.clear()
    answers.finish(path, tools)
    row.refresh_from_db()
    assert (row.state, row.came_late, row.pictures.count()) == ("failed", True, 1)
    assert (booked(), list(tools.spool.folder.iterdir())) == (40_000, [])


def test_the_worker_takes_up_what_waits_in_its_spool(
    come: Come, tools: Tools, network: Network, worker: Worker
) -> None:
    row, _ = come(1)
    worker.spool, worker.tools = tools.spool, with_network(tools, network)
    worker.settle()
    row.refresh_from_db()
    assert row.state == "done"


def test_it_bounds_each_picture_and_all_of_an_answer(network: Network) -> None:
    large = "https://cdn.example/large.png"
    network.pictures[large] = bytes(ITEM_BYTES)
    fetch = fetching.within_limits(network.fetch)
    for _ in range(settings.ANSWER_BYTES // ITEM_BYTES + 1):
        fetch(large)
    limits = [most for _, most, _ in network.asked]
    assert (limits[0], limits[-1]) == (ITEM_BYTES, 0)
    assert all(seconds <= fetching.PICTURE_SECONDS for _, _, seconds in network.asked)


def test_it_gives_one_answer_five_minutes(network: Network) -> None:
    fetch = fetching.within_limits(network.fetch, seconds=0)
    with pytest.raises(GatewayError) as caught:
        fetch("https://cdn.example/0.png")
    assert caught.value.fetch_again
    assert network.asked == []
