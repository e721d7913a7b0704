"""Requests and lines of a bill side by side: by proof, else by nearness, each once."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omixa_studio.models import MatchKind, Proof
from omixa_studio.services.bill_pairs import BillLine, SentCall, SideBySide, kind_of, pair
from omixa_studio.services.usage import SLACK

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
# The first example takes seconds on a busy machine.
SLOW = settings(suppress_health_check=[HealthCheck.too_slow])


def call(pk: int, at: float = 0, micros: int | None = 40_000, **fields: Any) -> SentCall:
    began = NOON + timedelta(seconds=at)
    told: dict[str, Any] = {"request_id": "", "model": "m", "ended": began + timedelta(seconds=5)}
    return SentCall(pk=pk, began=began, micros=micros, **(told | fields))


def line(pk: int, at: float | None = 2, micros: int | None = 40_000, **fields: Any) -> BillLine:
    moment = None if at is None else NOON + timedelta(seconds=at)
    told: dict[str, Any] = {"request_id": "", "model": "m", "text": "" if micros is None else "x"}
    return BillLine(pk=pk, at=moment, micros=micros, **(told | fields))


def told(pairs: list[SideBySide]) -> set[tuple[int, int, str, str]]:
    return {
        (
            one.call.pk if one.call else 0,
            one.line.pk if one.line else 0,
            str(one.proof),
            str(kind_of(one, covered=True) or ""),
        )
        for one in pairs
    }


@pytest.mark.parametrize(
    ("calls", "lines", "expected"),
    [
        ([call(1)], [line(9)], {(1, 9, "near", "equal")}),
        ([call(1, request_id="r")], [line(9, None, request_id="r")], {(1, 9, "id", "equal")}),
        # Proof goes before nearness, and whoever has it is nobody else's.
        (
            [call(1), call(2, request_id="r")],
            [line(9, request_id="r"), line(8)],
            {(2, 9, "id", "equal"), (1, 8, "near", "equal")},
        ),
        ([call(1, request_id="r")], [line(9, 90_000, 50_000, request_id="r")],
         {(1, 9, "id", "amount")}),
        ([call(1)], [line(9, micros=50_000)], {(1, 9, "near", "amount")}),
        ([call(1)], [line(9, 90)], {(1, 0, "", "here_only"), (0, 9, "", "bill_only")}),
        ([call(1)], [line(9, model="x")], {(1, 0, "", "here_only"), (0, 9, "", "bill_only")}),
        ([call(1)], [line(9, model="")], {(1, 9, "near", "equal")}),
        ([call(1)], [line(9, None)], {(1, 0, "", "here_only"), (0, 9, "", "bill_only")}),
        ([call(1, micros=None)], [line(9)], {(1, 9, "near", "unknown")}),
        ([call(1, micros=0)], [line(9)], {(1, 9, "near", "amount")}),
        ([call(1, micros=0)], [line(9, micros=0)], {(1, 0, "", ""), (0, 9, "", "")}),
        ([call(1, micros=None)], [], {(1, 0, "", "")}),
        ([], [line(9, micros=None, text="much")], {(0, 9, "", "unclear")}),
        ([call(1)], [line(9, micros=None, text="much")], {(1, 9, "near", "unclear")}),
        ([call(1, micros=0, request_id="r")], [line(9, micros=None, request_id="r")],
         {(1, 9, "id", "equal")}),
        # An equal amount goes before an unknown cost, and that before a different amount.
        (
            [call(1), call(2, micros=None), call(3, micros=70_000)],
            [line(7, 1), line(8, 2, 50_000), line(9, 3, 60_000)],
            {(1, 7, "near", "equal"), (2, 8, "near", "unknown"), (3, 9, "near", "amount")},
        ),
    ],
)  # fmt: skip
def test_pairs(
    calls: list[SentCall], lines: list[BillLine], expected: set[tuple[int, int, str, str]]
) -> None:
    for some in permutations(calls):
        assert told(pair(some, lines)) == expected


def test_a_call_before_the_bill_is_known_is_no_difference() -> None:
    assert kind_of(SideBySide(call(1), None), covered=False) == MatchKind.UNCOVERED


seconds = st.integers(0, 400)
amounts = st.sampled_from((None, 0, 40_000, 50_000))
ids = st.sampled_from(("", "", "", "a", "b", "c"))


@SLOW
@given(
    st.lists(st.tuples(seconds, amounts, ids, seconds), max_size=5),
    st.lists(st.tuples(seconds | st.none(), amounts, ids, st.sampled_from("mM")), max_size=5),
)
def test_nothing_is_lost_and_nothing_is_taken_twice(
    calls: list[tuple[int, int | None, str, int]],
    lines: list[tuple[int | None, int | None, str, str]],
) -> None:
    ours = [
        call(at, began, micros, request_id=name, ended=NOON + timedelta(seconds=began + took))
        for at, (began, micros, name, took) in enumerate(calls, 1)
    ]
    theirs = [
        line(at, when, micros, request_id=name, model=model)
        for at, (when, micros, name, model) in enumerate(lines, 1)
    ]
    pairs = pair(ours, theirs)
    assert Counter(one.call.pk for one in pairs if one.call) == Counter(one.pk for one in ours)
    assert Counter(one.line.pk for one in pairs if one.line) == Counter(one.pk for one in theirs)
    for one in pairs:
        if one.proof == Proof.ID:
            assert one.call
            assert one.line
            assert one.call.request_id == one.line.request_id != ""
        if one.proof == Proof.NEAR:
            assert one.call
            assert one.line
            assert one.line.at
            assert one.call.began - SLACK <= one.line.at <= one.call.ended + SLACK


@SLOW
@given(st.lists(st.tuples(seconds, st.integers(0, 300)), max_size=3), st.lists(seconds, max_size=3))
def test_as_many_equal_ones_as_possible_find_each_other(
    calls: list[tuple[int, int]], lines: list[int]
) -> None:
    ours = [
        call(at, began, ended=NOON + timedelta(seconds=began + took))
        for at, (began, took) in enumerate(calls)
    ]
    theirs = [line(at, when) for at, when in enumerate(lines)]
    found = sum(one.proof == Proof.NEAR for one in pair(ours, theirs))
    fits = 0
    for order in permutations([*ours, *[None] * len(theirs)], len(theirs)):
        fits = max(fits, sum(_fit(one, line) for one, line in zip(order, theirs, strict=True)))
    assert found == fits


def _fit(one: SentCall | None, other: BillLine) -> bool:
    assert other.at
    return one is not None and one.began - SLACK <= other.at <= one.ended + SLACK
