"""What a run will do and cost, for the form that starts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from omixa_studio.services import runs
from omixa_studio.services.pricing import Terms
from omixa_studio.services.submission import Choice


@dataclass(frozen=True)
class RunTotal:
    """What a run will do and cost, before anything is sent. Dollars; estimate None: unknown."""

    calls: int
    pictures: int
    estimate: Decimal | None
    held: Decimal
    leaves: Decimal | None
    asks: bool


def model_of(choices: Sequence[Choice]) -> str:
    """Return the slug of the only image model of a run, "" if there are several or none."""
    slugs = {choice.model.slug for choice in choices}
    return slugs.pop() if len(slugs) == 1 else ""


def total_of(terms: Terms, choices: Sequence[Choice], left: Decimal | None) -> RunTotal:
    """Add up what a run will do and cost."""
    estimate, held = runs.total(terms, choices)
    return RunTotal(
        calls=len(choices),
        pictures=sum(choice.count for choice in choices),
        estimate=estimate,
        held=held,
        leaves=None if left is None else max(left - (estimate or held), Decimal(0)),
        asks=runs.asks_again(terms.catalogue, held),
    )
