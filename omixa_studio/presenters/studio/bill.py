"""The price on the button of the studio's form, and what it leaves of the month."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from omixa_studio.catalogue import Catalogue, ImageModel, parse_choice
from omixa_studio.forms.generation import MOST_PICTURES
from omixa_studio.services import submission


@dataclass(frozen=True)
class Bill:
    """The price on the button, in dollars: estimate (None: not known), hold, what it leaves."""

    count: int
    amount: Decimal | None
    held: Decimal
    leaves: Decimal | None
    short: bool
    references: int = 0
    operation: str = "generate"


def bill_for(
    catalogue: Catalogue,
    model: ImageModel,
    texts: Mapping[str, str],
    left: Decimal | None,
    *,
    references: int = 0,
) -> Bill:
    """Price the form as it stands; texts that are no values count as left out.

    `left` is what remains of the month, in dollars, None without a limit.
    """
    references = min(references, model.max_images)
    known = {name: text for name, text in texts.items() if model.field(name)}
    values, _faults = parse_choice(model, known)
    count = values.get("n", 1)
    if not isinstance(count, int) or not 1 <= count <= MOST_PICTURES:
        values["n"] = 1
    priced = submission.price(catalogue, model, values)
    amount = priced.estimate.amount
    cost = priced.hold if amount is None else amount
    return Bill(
        count=int(values.get("n", 1)),
        amount=amount,
        held=priced.hold,
        leaves=None if left is None else max(left - cost, Decimal(0)),
        short=left is not None and priced.hold > left,
        references=references,
        operation=submission.operation_of(model, references),
    )
