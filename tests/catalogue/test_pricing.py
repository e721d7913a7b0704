"""What a request will probably cost, what is held for it, and how long it takes."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from omixa_studio.catalogue import (
    Bills,
    Estimate,
    ImageModel,
    PriceKey,
    PriceRow,
    estimate,
    hold_amount,
    key_of,
    load_catalogue,
    price_span,
    usual_seconds,
)

MODELS = load_catalogue(None).models
PRICED = MODELS["imagen-4.0-generate-001"]  # $0.04
UNPRICED = MODELS["gpt-image-1.5"]
FALLBACK = Decimal("0.10")
LOW, HIGH = PriceKey(quality="low"), PriceKey(quality="high")

Billed = Mapping[PriceKey, Bills]


def billed(dearest: str, last: str = "") -> Bills:
    return Bills(Decimal(dearest), Decimal(last or dearest))


def test_it_knows_a_choice_by_quality_size_and_inputs() -> None:
    values = {"quality": "high", "size": "1K", "n": 4, "prompt": "A fox"}
    assert key_of(values, 2) == PriceKey("high", "1K", 2)
    assert key_of({"quality": None}, 0) == key_of({"size": ""}, 0) == PriceKey()
    assert key_of({"size": "9" * 500}, 0).size == "9" * 120


@pytest.mark.parametrize(
    ("bills", "each", "basis"),
    [
        ({}, "0.04", "list"),
        ({HIGH: billed("0.03")}, "0.04", "list"),
        # The list stands again once it is billed again, whatever was billed before.
        ({HIGH: billed("0.25", "0.04")}, "0.04", "list"),
        ({HIGH: billed("0.30", "0.25")}, "0.25", "history"),
        # Another choice proved the list wrong; of this one nothing is known.
        ({LOW: billed("0.25")}, "0.25", "history"),
    ],
)
def test_it_estimates_by_the_list_while_bills_agree(bills: Billed, each: str, basis: str) -> None:
    expected = (Decimal(each) * 4, basis)
    found = estimate(PRICED, HIGH, 4, bills)
    assert (found.amount, found.basis) == expected


def test_it_estimates_by_the_last_bill_of_the_same_choice() -> None:
    bills = {LOW: billed("0.02", "0.011"), HIGH: billed("0.25")}
    assert estimate(UNPRICED, LOW, 2, bills) == Estimate(Decimal("0.022"), "history")
    assert estimate(UNPRICED, HIGH, 1, bills) == Estimate(Decimal("0.25"), "history")


def test_it_does_not_invent_a_price() -> None:
    assert estimate(UNPRICED, HIGH, 4, {}) == Estimate(None, "unknown")
    assert estimate(UNPRICED, HIGH, 4, {LOW: billed("0.011")}) == Estimate(None, "unknown")


@pytest.mark.parametrize(
    ("model", "count", "bills", "held"),
    [
        (PRICED, 4, {}, "0.16"),
        (PRICED, 4, {HIGH: billed("0.03")}, "0.16"),
        # The dearest ever, not the last.
        (PRICED, 4, {HIGH: billed("0.25", "0.04")}, "1.00"),
        # A list that another choice proved wrong holds its dearest bill.
        (PRICED, 1, {LOW: billed("0.25")}, "0.25"),
        (PRICED, 1, {LOW: billed("0.25", "0.04")}, "0.04"),
        (UNPRICED, 4, {}, "0.40"),
        (UNPRICED, 4, {HIGH: billed("0.25")}, "1.00"),
        (UNPRICED, 4, {HIGH: billed("0.25", "0.1"), LOW: billed("0.4")}, "1.00"),
        # A new choice: the dearest of the model, and never below what is held unknown.
        (UNPRICED, 1, {LOW: billed("0.25")}, "0.25"),
        (UNPRICED, 1, {LOW: billed("0.011")}, "0.10"),
        (UNPRICED, 1, {HIGH: billed("0.001")}, "0.01"),
        (UNPRICED, 1, {HIGH: billed("0.0333333333")}, "0.033334"),
    ],
)
def test_it_holds_what_the_request_may_cost(
    model: ImageModel, count: int, bills: Billed, held: str
) -> None:
    assert hold_amount(model, HIGH, count, bills, FALLBACK) == Decimal(held)


def test_it_holds_at_least_the_minimum_of_the_model() -> None:
    model = replace(PRICED, image_price=Decimal("0.02"), minimum_hold=Decimal("0.5"))
    assert hold_amount(model, HIGH, 2, {}, FALLBACK) == Decimal("0.5")


@pytest.mark.parametrize("count", [0, -1])
def test_it_refuses_to_price_no_picture(count: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        estimate(PRICED, HIGH, count, {})
    with pytest.raises(ValueError, match="at least one"):
        hold_amount(PRICED, HIGH, count, {}, FALLBACK)


def test_it_spans_what_its_choices_cost_by_list_or_bills() -> None:
    by_quality = (
        PriceRow(quality="low", price=Decimal("0.011")),
        PriceRow("high", times=Decimal(5)),
    )
    listed = replace(PRICED, prices=by_quality)
    span = (Decimal("0.011"), Decimal("0.2"))
    assert price_span(PRICED, {}) == (Decimal("0.04"), Decimal("0.04"))
    assert price_span(listed, {}) == span
    assert price_span(UNPRICED, {}) is None
    # Bills that the list prices stand are told by the list.
    assert price_span(listed, {HIGH: billed("0.2"), LOW: billed("0.01")}) == span
    assert price_span(UNPRICED, {LOW: billed("0.011"), HIGH: billed("0.3", "0.25")}) == (
        Decimal("0.011"),
        Decimal("0.25"),
    )


def test_each_price_of_the_span_is_one_of_a_button() -> None:
    """A list that bills are above is not what is asked for first."""
    bills = {HIGH: billed("0.25")}
    assert price_span(PRICED, bills) == (Decimal("0.25"), Decimal("0.25"))
    assert estimate(PRICED, PriceKey(), 1, bills).amount == Decimal("0.25")


def test_it_adds_a_hundred_thousand_odd_prices_exactly() -> None:
    assert sum([Decimal("0.039")] * 100_000) == 3900


def test_it_gives_the_usual_range_of_seconds() -> None:
    assert usual_seconds([12, 10, 20, 11, 13, 90]) == (11.0, 20.0)


@pytest.mark.parametrize("durations", [[], [1.0], [1.0, 2.0]])
def test_it_gives_no_range_for_too_few_calls(durations: list[float]) -> None:
    assert usual_seconds(durations) is None
