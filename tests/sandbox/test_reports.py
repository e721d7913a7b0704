"""The lists about usage in each shape: read into what was really billed, or not at all."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
import requests

from omixa_studio.gateway.bills import read_entries, read_rollups
from omixa_studio.gateway.client import Gateway
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.records import UsageEntry
from omixa_studio.sandbox import Sandbox
from omixa_studio.sandbox.book import Call
from omixa_studio.sandbox.reports import SHAPES
from tests.sandbox.conftest import Post

UNREADABLE = {"html", "empty"}


@pytest.fixture
def gateway(sandbox: Sandbox) -> Gateway:
    return Gateway(sandbox.base_url, sandbox.key)


def control(sandbox: Sandbox, **wanted: object) -> int:
    answer = requests.post(
        f"{sandbox.root}/_sandbox/script",
        json=wanted,
        headers={"Authorization": f"Bearer {sandbox.key}"},
        timeout=5,
    )
    return answer.status_code


def book_many(sandbox: Sandbox, number: int) -> None:
    for at in range(number):
        call = Call(at + 1, 1_780_660_800.0 + at * 60, "", {}, b"", 0, "", model="m", status=200)
        call.billed, call.finished = Decimal("0.039000"), call.time + 1
        sandbox.book.calls.append(call)


def all_entries(gateway: Gateway) -> Iterator[UsageEntry]:
    query = ""
    for _ in range(5):
        page = read_entries(gateway.usage_answer("requests", query))
        yield from page.entries
        query = page.next_query
        if not query:
            return
    raise AssertionError("The pages have no end.")


@pytest.mark.parametrize("shape", [name for name in SHAPES if name not in UNREADABLE])
def test_a_shape_tells_what_was_billed(sandbox: Sandbox, gateway: Gateway, shape: str) -> None:
    book_many(sandbox, 250)
    assert control(sandbox, usage=shape) == 200
    entries = list(all_entries(gateway))
    days = read_rollups(gateway.usage_answer("rollups", "period_type=day"))
    if shape == "wrong-types":
        assert {one.cost for one in entries} == {None}
        assert not days
        return
    shown = 100 if shape == "bare" else 250
    assert sum(one.cost or 0 for one in entries) == shown * Decimal("0.039")
    assert sum(day.cost or 0 for day in days) == sandbox.billed_total
    assert {one.model for one in entries} == {"m"}
    assert all(one.created for one in entries)


@pytest.mark.parametrize("shape", sorted(UNREADABLE))
def test_other_shapes_are_an_error(sandbox: Sandbox, gateway: Gateway, shape: str) -> None:
    control(sandbox, usage=shape)
    for what, read in (("requests", read_entries), ("rollups", read_rollups)):
        with pytest.raises(GatewayError):
            read(gateway.usage_answer(what))


def test_answers_name_their_request_where_that_was_chosen(sandbox: Sandbox, post: Post) -> None:
    assert "X-Request-Id" not in post(prompt="a").headers
    control(sandbox, request_ids=True)
    named = post(prompt="b").headers["X-Request-Id"]
    entries = read_entries(Gateway(sandbox.base_url, sandbox.key).usage_answer("requests")).entries
    assert named == entries[0].id
    assert control(sandbox, usage="no such shape") == 422
