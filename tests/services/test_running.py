"""Every way in which the gateway can misbehave, through the real client, to its end."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db.models import Sum

from omixa_studio.gateway.client import Gateway
from omixa_studio.models import Charge, Generation, Pause, Person
from omixa_studio.sandbox import Sandbox
from omixa_studio.sandbox.faults import FAULTS
from omixa_studio.services import answers, running
from omixa_studio.services.tools import Tools
from tests.factories import claimed_generation

pytestmark = pytest.mark.django_db
PRICE = 40_000


@dataclass(frozen=True)
class End:
    """How a generation ends; billed is micro-dollars, None while the cost is not known."""

    state: str
    charged: str
    billed: int | None = None
    pictures: int = 0


DONE = End("done", "yes", PRICE, 1)
NOT_KNOWN = End("done", "unknown", None, 1)
FREE = End("failed", "no")
PAID_FOR_NOTHING = End("failed", "yes", PRICE)
COST_UNKNOWN = End("failed", "unknown")
UNKNOWN = End("unknown", "unknown")
AGAIN = End("queued", "")

ENDS = {
    "": DONE,
    "slow:0.1": DONE,
    "trickle": DONE,
    "gzip": DONE,
    "billed-number": DONE,
    "fewer": End("done", "yes", PRICE, 1),
    "more": End("done", "yes", 2 * PRICE, 3),
    "billed:0.123456": End("done", "yes", 123_456, 1),
    "billed-by-quality:=0.25": End("done", "yes", 250_000, 1),
    "billed-over": End("done", "yes", 10 * PRICE, 1),
    "billed-free": End("done", "yes", 0, 1),
    "billed-missing": NOT_KNOWN,
    "billed-odd": NOT_KNOWN,
    "billed-odd:NaN": NOT_KNOWN,
    "billed-odd:-0.040000": NOT_KNOWN,
    "billed-odd:4e-2": NOT_KNOWN,
    "bad-base64": PAID_FOR_NOTHING,
    "bad-base64:no-amount": UNKNOWN,
    "not-an-image": PAID_FOR_NOTHING,
    "not-an-image:no-amount": UNKNOWN,
    "pixel-bomb": DONE,
    "pixel-bomb:header": DONE,
    "url": PAID_FOR_NOTHING,
    "url:https://127.0.0.1:9/private.png": PAID_FOR_NOTHING,
    "empty-data": COST_UNKNOWN,
    "empty-data:0.040000": PAID_FOR_NOTHING,
    "error-in-200": COST_UNKNOWN,
    "error-in-200:0.040000": PAID_FOR_NOTHING,
    "truncated-json": UNKNOWN,
    "cut": UNKNOWN,
    "reset": UNKNOWN,
    "reset-mid": UNKNOWN,
    "close-before-answer": UNKNOWN,
    "hang": UNKNOWN,
    "drip": UNKNOWN,
    "flood": UNKNOWN,
    "empty-body": UNKNOWN,
    "html-200": UNKNOWN,
    "text-500": UNKNOWN,
    "redirect": FREE,
    "refuse-policy": FREE,
    "refuse-policy:400": FREE,
    **{f"status:{code}": FREE for code in (400, 401, 402, 403, 404, 413, 415, 422)},
    **{f"status:{code}": UNKNOWN for code in (408, 409, 500, 502, 504)},
    "status:503-bare": UNKNOWN,
    "status:503-html": UNKNOWN,
    "status:503": AGAIN,
    "status:429": AGAIN,
}
ENDLESS = ("hang", "drip", "flood")
PAUSED = {
    "status:401": ("key", False),
    "status:402": ("balance", False),
    "status:429": ("rate", True),
    "status:503": ("unavailable", True),
}


def with_short_calls(tools: Tools, sandbox: Sandbox) -> Tools:
    gateway = Gateway(sandbox.base_url, sandbox.key, call_seconds=0.7, answer_bytes=2**20)
    return replace(tools, send=gateway.generate)


def booked(row: Generation) -> int:
    rows = Charge.objects.filter(generation_id=row.pk)
    return rows.aggregate(sum=Sum("amount_micros"))["sum"] or 0


def test_it_knows_an_end_for_every_fault_of_the_sandbox() -> None:
    assert {fault.partition(":")[0] for fault in ENDS if fault} == FAULTS.keys() - {"answer-file"}


@pytest.mark.parametrize(("fault", "end"), ENDS.items())
def test_it_ends_every_call_as_the_design_says(
    fault: str, end: End, tools: Tools, sandbox: Sandbox
) -> None:
    sandbox.script(fault)
    if fault in ENDLESS:
        tools = with_short_calls(tools, sandbox)
    asked: dict[str, Any] = {"n": 2} if fault in ("fewer", "more") else {}
    row = claimed_generation(**asked)
    running.run(row, tools)

    row.refresh_from_db()
    kept = list(row.pictures.order_by("index"))
    assert End(row.state, row.charged, row.billed_micros, len(kept)) == end
    assert booked(row) == {"no": 0, "yes": end.billed}.get(end.charged, row.held_micros)
    assert row.over_hold == ((end.billed or 0) > row.held_micros)
    if end.billed is not None and kept:
        assert sum(picture.cost_micros or 0 for picture in kept) == end.billed
    assert len(sandbox.calls) == 1
    assert row.error or row.state in ("done", "queued")
    left = {path.suffix for path in tools.spool.folder.iterdir()}
    assert left <= ({".part", ".unusable"} if end == UNKNOWN else {".unusable"})
    assert not left or end in (UNKNOWN, PAID_FOR_NOTHING, COST_UNKNOWN)
    pauses = [(pause.reason, pause.until is not None) for pause in Pause.objects.all()]
    assert pauses == ([PAUSED[fault]] if fault in PAUSED else [])


def test_it_keeps_an_answer_that_nobody_can_read_for_whoever_decides(
    tools: Tools, sandbox: Sandbox
) -> None:
    sandbox.script("truncated-json")
    running.run(claimed_generation(), tools)
    (left,) = tools.spool.folder.iterdir()
    assert left.suffix == ".unusable"
    assert not answers.may_forget(left)


def test_it_never_promises_another_try_that_does_not_come(tools: Tools, sandbox: Sandbox) -> None:
    sandbox.script("status:503")
    row = claimed_generation()
    Generation.objects.filter(pk=row.pk).update(tries=answers.MOST_TRIES - 1)
    row.refresh_from_db()
    running.run(row, tools)
    row.refresh_from_db()
    assert (row.state, row.charged, row.error) == ("failed", "no", answers.GIVEN_UP)


def test_it_stops_when_it_stood_still_between_guard_and_first_byte(
    tools: Tools, sandbox: Sandbox
) -> None:
    row = claimed_generation()
    clock = iter((100.0, 106.0))
    running.run(row, replace(tools, clock=lambda: next(clock)))
    row.refresh_from_db()
    assert (row.state, row.charged, len(sandbox.calls)) == ("unknown", "unknown", 0)
    assert list(tools.spool.folder.iterdir()) == []


def test_it_hands_the_row_back_when_no_connection_is_made(tools: Tools) -> None:
    with Sandbox() as gone:
        nobody = Gateway(gone.base_url, gone.key, connect_timeout=1)
    row = claimed_generation()
    running.run(row, replace(tools, send=nobody.generate))
    row.refresh_from_db()
    assert (row.state, row.tries, row.sent_at) == ("queued", 1, None)
    assert row.not_before is not None
    assert not Pause.objects.exists()


@pytest.mark.parametrize("change", [{"body_sha256": "0" * 64}, {"model": "gone"}])
def test_it_does_not_send_what_is_not_what_was_asked(
    change: dict[str, Any], tools: Tools, sandbox: Sandbox
) -> None:
    row = claimed_generation()
    Generation.objects.filter(pk=row.pk).update(**change)
    row.refresh_from_db()
    running.run(row, tools)
    row.refresh_from_db()
    assert (row.state, row.charged, booked(row), sandbox.calls) == ("failed", "no", 0, [])


def test_it_keeps_pictures_byte_for_byte_as_they_came(tools: Tools, sandbox: Sandbox) -> None:
    row = claimed_generation()
    assert running.run(row, tools) is None
    picture = row.pictures.get()
    assert (picture.width, picture.height, picture.format) == (512, 512, "png")
    assert Generation.objects.get().settled_by == "worker:here:7"
    assert picture.person == Person.objects.get()
