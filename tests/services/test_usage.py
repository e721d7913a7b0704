"""Which entries of the gateway's request log may belong to a call of ours."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from omixa_studio.gateway.records import UsageEntry
from omixa_studio.models import Generation
from omixa_studio.services import usage

BEGAN = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
SLUG = "MAI-Image-2.5"


def entry(seconds: float | None = 0, **fields: Any) -> UsageEntry:
    created = None if seconds is None else BEGAN + timedelta(seconds=seconds)
    told: dict[str, Any] = {
        "id": "",
        "model": SLUG,
        "operation": "",
        "status": "",
        "cost": None,
        "cost_text": "",
    }
    return UsageEntry(**{**told, "created": created, "raw": {}, **fields})


def call(**fields: Any) -> Generation:
    told = {"sent_at": BEGAN, "finished_at": BEGAN + timedelta(seconds=300), "model": SLUG}
    return Generation(**{**told, **fields})


@pytest.mark.parametrize(
    ("found", "fits"),
    [
        (entry(0), True),
        (entry(359), True),
        (entry(-59), True),
        (entry(361), False),
        (entry(-61), False),
        (entry(None), False),
        (entry(model="mai-image-2.5"), True),
        (entry(model=""), True),
        (entry(model="gpt-image-1.5"), False),
        (entry(id="taken"), False),
    ],
)
def test_it_takes_entries_of_the_model_and_time(found: UsageEntry, fits: bool) -> None:
    assert bool(usage.fitting(call(), [found], taken={"taken"})) is fits


def test_it_takes_the_entry_with_the_request_id_alone() -> None:
    mine = entry(None, id="req_1", model="")
    assert usage.fitting(call(request_id="req_1"), [entry(), mine, mine]) == [mine]


def test_it_puts_the_nearest_first_and_shows_few() -> None:
    entries = [entry(seconds) for seconds in (200, 1, 90, 60, 30, 10, 0)]
    found = usage.fitting(call(), entries)
    assert [one.created for one in found] == [
        BEGAN + timedelta(seconds=seconds) for seconds in (0, 1, 10, 30, 60)
    ]


def test_it_reckons_from_what_the_row_has() -> None:
    row = call(sent_at=None, started_at=None, created_at=BEGAN, finished_at=None)
    assert usage.fitting(row, [entry(30)])


@pytest.mark.parametrize(
    ("costs", "amount"),
    [
        (["0.04"], Decimal("0.04")),
        ([None], None),
        (["0"], None),
        ([], None),
        (["0.04", "0.05"], None),
    ],
)
def test_it_suggests_an_amount_where_one_alone_fits(
    costs: list[str | None], amount: Decimal | None
) -> None:
    found = [entry(cost=None if cost is None else Decimal(cost)) for cost in costs]
    assert usage.suggested(found) == amount


def test_it_says_how_far_the_log_reaches() -> None:
    assert usage.oldest([entry(5), entry(None), entry(-5)]) == BEGAN - timedelta(seconds=5)
    assert usage.oldest([]) is None


def settled(seconds: float = 0, billed: int = 40_000, **fields: Any) -> Generation:
    began = BEGAN + timedelta(seconds=seconds)
    told = {"sent_at": began, "seconds": 5.0, "billed_micros": billed, "model": SLUG}
    return Generation(**{**told, **fields})


def seen(seconds: float, cost: str = "0.04", **fields: Any) -> UsageEntry:
    return entry(seconds, cost=Decimal(cost), **fields)


@pytest.mark.parametrize(
    ("entries", "calls", "left"),
    [
        ([seen(1)], [settled()], 0),
        ([seen(1), seen(3)], [settled()], 1),
        ([seen(1), seen(3)], [settled(), settled(2)], 0),
        ([seen(1, "0.05")], [settled()], 1),
        ([seen(1, model="gpt-image-1.5")], [settled()], 1),
        ([seen(70)], [settled()], 1),
        # A person who decided days later was not at the gateway for days.
        ([seen(900)], [settled(seconds=0, finished_at=BEGAN + timedelta(days=3))], 1),
        # Of two calls each finds its own, although the later one could take the other's.
        ([seen(-50), seen(60)], [settled(0), settled(-60)], 0),
        ([seen(1, id="req_1")], [settled(request_id="req_1", billed=1)], 0),
        ([seen(1, id="req_1"), seen(2)], [settled(request_id="req_1")], 1),
        ([seen(1, id="ours")], [settled()], 1),
    ],
)
def test_it_leaves_over_what_no_settled_call_explains(
    entries: list[UsageEntry], calls: list[Generation], left: int
) -> None:
    assert len(usage.left_over(entries, calls, not_theirs={"ours"})) == left
