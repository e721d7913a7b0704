"""Estimates and holds of requests. Dollars as Decimal, no floats.

The billing history is passed in; nothing here reads it.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from math import prod
from typing import Literal, NamedTuple

from .records import ImageModel

MICRO_DOLLAR = Decimal("0.000001")
SMALLEST_HOLD = Decimal("0.01")
LONGEST_VALUE = 120


class PriceKey(NamedTuple):
    """Everything a picture's price is known to depend on; "" is a value that is not sent."""

    quality: str = ""
    size: str = ""
    inputs: int = 0


@dataclass(frozen=True, slots=True)
class Bills:
    """Dollars billed per picture under one key: the highest ever and the latest.

    `last_at` is the time of the latest bill, None if it was not recorded.
    """

    dearest: Decimal
    last: Decimal
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """An amount in dollars, None when no price is known, and its basis."""

    amount: Decimal | None
    basis: Literal["list", "history", "unknown"]


def key_of(values: Mapping[str, object], inputs: int) -> PriceKey:
    """Return the price key of a request from its values and its number of input images."""
    quality, size = (str(values.get(name) or "")[:LONGEST_VALUE] for name in ("quality", "size"))
    return PriceKey(quality, size, inputs)


def list_price(model: ImageModel, key: PriceKey) -> Decimal | None:
    """Return the model's list price of one picture in dollars, None if there is none.

    The most specific matching price wins, of equally specific ones the higher; without any it
    is the model's price times every matching factor.
    """
    fitting = [row for row in model.prices if row.quality in (None, key.quality)]
    fitting = [row for row in fitting if row.size in (None, key.size)]
    named = [row for row in fitting if row.price is not None]
    if named:
        best = max(named, key=lambda row: (bool(row.quality) + bool(row.size), row.price or 0))
        return best.price
    if model.image_price is None:
        return None
    return model.image_price * prod((row.times for row in fitting), start=Decimal(1))


def is_doubted(model: ImageModel, bills: Mapping[PriceKey, Bills]) -> bool:
    """Return whether the latest bill of any key was above the list price."""
    return any(_is_above_list(model, key, billed) for key, billed in bills.items())


def estimate(
    model: ImageModel, key: PriceKey, count: int, bills: Mapping[PriceKey, Bills]
) -> Estimate:
    """Estimate `count` pictures: the list price while bills confirm it, else the latest bill.

    If the list is doubted and this key has no bill, use the highest of `bills`, which are the
    model's. Raises ValueError for a count below 1.
    """
    _check_count(count)
    listed, own = list_price(model, key), bills.get(key)
    if own and (listed is None or own.last > listed):
        return Estimate(_rounded(own.last * count), "history")
    if listed is None:
        return Estimate(None, "unknown")
    if own is None and is_doubted(model, bills):
        return Estimate(_rounded(max(listed, _dearest(bills)) * count), "history")
    return Estimate(_rounded(listed * count), "list")


def price_span(
    model: ImageModel, bills: Mapping[PriceKey, Bills]
) -> tuple[Decimal, Decimal] | None:
    """Return the estimated dollars per picture of a model's cheapest and most expensive choice,
    None if nothing is known. `bills` are the model's."""
    listed = (PriceKey(row.quality or "", row.size or "") for row in model.prices)
    known = (estimate(model, key, 1, bills).amount for key in {PriceKey(), *listed, *bills})
    amounts = [amount for amount in known if amount is not None]
    return (min(amounts), max(amounts)) if amounts else None


def hold_amount(
    model: ImageModel,
    key: PriceKey,
    count: int,
    bills: Mapping[PriceKey, Bills],
    unknown_price_hold: Decimal,
) -> Decimal:
    """Return the dollars to hold for `count` pictures, at least a cent and the model's minimum.

    `bills` are the model's; `unknown_price_hold` is held per picture when neither a list price
    nor a bill of the same key is known. Raises ValueError for a count below 1.
    """
    _check_count(count)
    listed, own = list_price(model, key), bills.get(key)
    if own is not None:
        each = max(own.dearest, listed or own.dearest)
    elif listed is None:
        each = max(unknown_price_hold, _dearest(bills))
    else:
        each = max(listed, _dearest(bills)) if is_doubted(model, bills) else listed
    held = (count * each).quantize(MICRO_DOLLAR, ROUND_CEILING)
    return max(held, SMALLEST_HOLD, model.minimum_hold or SMALLEST_HOLD)


def usual_seconds(durations: Sequence[float]) -> tuple[float, float] | None:
    """Return the range in seconds of the middle three fifths; None for fewer than three."""
    if len(durations) < 3:
        return None
    fifths = statistics.quantiles(durations, n=5, method="inclusive")
    return fifths[0], fifths[3]


def _is_above_list(model: ImageModel, key: PriceKey, billed: Bills) -> bool:
    listed = list_price(model, key)
    return listed is not None and billed.last > listed


def _dearest(bills: Mapping[PriceKey, Bills]) -> Decimal:
    return max((billed.dearest for billed in bills.values()), default=Decimal(0))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(MICRO_DOLLAR, ROUND_HALF_UP)


def _check_count(count: int) -> None:
    if count < 1:
        raise ValueError(f"a request is for at least one picture, not {count}")
