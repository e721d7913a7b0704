"""What a request will probably cost, what is held for it, and how long it takes."""

from decimal import Decimal
from pathlib import Path

import pytest

from omixa_studio.catalogue import (
    Estimate,
    estimate,
    hold_amount,
    load_catalogue,
    usual_seconds,
)
from omixa_studio.catalogue.records import ImageModel

MODELS = load_catalogue(None).models
PRICED = MODELS["imagen-4.0-generate-001"]
UNPRICED = MODELS["gpt-image-1.5"]
FALLBACK = Decimal("0.10")


def test_it_estimates_by_the_list_price_first() -> None:
    billed = [Decimal("9")]
    assert estimate(PRICED, 4, billed) == Estimate(Decimal("0.16"), "list")


def test_it_estimates_by_the_mean_of_the_last_bills() -> None:
    billed = [Decimal("0.01"), Decimal("0.02"), Decimal("0.02")]
    assert estimate(UNPRICED, 2, billed) == Estimate(Decimal("0.033333"), "history")


def test_it_does_not_invent_a_price() -> None:
    assert estimate(UNPRICED, 4, []) == Estimate(None, "unknown")


@pytest.mark.parametrize(
    ("model", "count", "dearest", "held"),
    [
        (PRICED, 4, Decimal("9"), "0.16"),
        (UNPRICED, 4, Decimal("0.25"), "1.00"),
        (UNPRICED, 4, None, "0.40"),
        (UNPRICED, 1, Decimal("0.001"), "0.01"),
        (UNPRICED, 1, Decimal("0"), "0.01"),
        (UNPRICED, 1, Decimal("0.0333333333"), "0.033334"),
    ],
)
def test_it_holds_what_the_request_may_cost(
    model: ImageModel, count: int, dearest: Decimal | None, held: str
) -> None:
    assert hold_amount(model, count, dearest, FALLBACK) == Decimal(held)


def test_it_holds_at_least_the_minimum_of_the_model(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text('[models."gpt-image-1.5"]\nimage_price = "0.02"\nminimum_hold = "0.5"\n')
    model = load_catalogue(file).models["gpt-image-1.5"]
    assert hold_amount(model, 2, None, FALLBACK) == Decimal("0.5")


@pytest.mark.parametrize("count", [0, -1])
def test_it_refuses_to_price_no_picture(count: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        estimate(PRICED, count, [])
    with pytest.raises(ValueError, match="at least one"):
        hold_amount(PRICED, count, None, FALLBACK)


def test_it_adds_a_hundred_thousand_odd_prices_exactly() -> None:
    assert sum([Decimal("0.039")] * 100_000) == 3900
    assert estimate(UNPRICED, 1, [Decimal("0.039")] * 100_000).amount == Decimal("0.039")


def test_it_gives_the_usual_range_of_seconds() -> None:
    assert usual_seconds([12, 10, 20, 11, 13, 90]) == (11.0, 20.0)


@pytest.mark.parametrize("durations", [[], [1.0], [1.0, 2.0]])
def test_it_gives_no_range_for_too_few_calls(durations: list[float]) -> None:
    assert usual_seconds(durations) is None
