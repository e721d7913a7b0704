"""What a request will probably cost and how much is held for it. Dollars as Decimal, no floats.

The history is handed in; nothing here reads it.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Literal

from .records import ImageModel

MICRO_DOLLAR = Decimal("0.000001")
SMALLEST_HOLD = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Estimate:
    """An amount in dollars, None when no price is known, and what it rests on."""

    amount: Decimal | None
    basis: Literal["list", "history", "unknown"]


def estimate(model: ImageModel, count: int, billed: Sequence[Decimal]) -> Estimate:
    """Estimate `count` pictures: list price, else the mean of `billed`, else nothing.

    `billed` holds the dollars per picture of the last calls of this model and size.
    Raises ValueError for a count below 1.
    """
    _check_count(count)
    if model.image_price is not None:
        return Estimate(model.image_price * count, "list")
    if not billed:
        return Estimate(None, "unknown")
    mean = sum(billed, Decimal(0)) / len(billed)
    return Estimate((mean * count).quantize(MICRO_DOLLAR, ROUND_HALF_UP), "history")


def hold_amount(
    model: ImageModel, count: int, dearest: Decimal | None, unknown_price_hold: Decimal
) -> Decimal:
    """Give the dollars to hold for `count` pictures, never below a cent nor the model's minimum.

    `dearest` is the highest bill per picture of the model's last calls, `unknown_price_hold` what
    stands in where nothing is known. Raises ValueError for a count below 1.
    """
    _check_count(count)
    known = (price for price in (model.image_price, dearest) if price is not None)
    held = count * next(known, unknown_price_hold)
    held = held.quantize(MICRO_DOLLAR, ROUND_CEILING)
    return max(held, SMALLEST_HOLD, model.minimum_hold or SMALLEST_HOLD)


def usual_seconds(durations: Sequence[float]) -> tuple[float, float] | None:
    """Give the range in seconds that the middle three fifths took; None for fewer than three."""
    if len(durations) < 3:
        return None
    fifths = statistics.quantiles(durations, n=5, method="inclusive")
    return fifths[0], fifths[3]


def _check_count(count: int) -> None:
    if count < 1:
        raise ValueError(f"a request is for at least one picture, not {count}")
