"""Prices that rose lately, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.queries.price_days import risen_lately


@dataclass(frozen=True)
class RisenPrice:
    """A choice of a model that cost more than usual on a day; micro-dollars per picture."""

    day: date
    model: str
    choice: str
    now: int
    usual: int


def risen_prices() -> Sequence[RisenPrice]:
    """Return the prices that rose within the last week, the latest first."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    return [
        RisenPrice(
            day=row.day,
            model=found.name if (found := catalogue.find(row.model)) else row.model,
            choice=", ".join(filter(None, [row.quality, row.size])),
            now=row.each_micros,
            usual=row.usual_micros or 0,
        )
        for row in risen_lately(settings.GATEWAY_TARGET)
    ]
