"""The price on the button of the studio's form, and what it leaves of the month."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from omixa_studio.catalogue import ImageModel, parse_choice
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.generation import MOST_PICTURES
from omixa_studio.services import pricing, submission
from omixa_studio.templatetags.studio import about, estimate

# The operation, for one picture and for several.
VERBS = {
    "generate": (N_("Generate"), N_("Generate %(n)s")),
    "edit": (N_("Edit"), N_("Make %(n)s edits")),
    "merge": (N_("Merge %(references)s"), N_("Merge %(references)s, make %(n)s")),
    "upscale": (N_("Upscale"), N_("Upscale")),
    "remove_background": (N_("Remove background"), N_("Remove background")),
}


@dataclass(frozen=True)
class Bill:
    """The price on the button, in dollars: estimate (None: unknown), hold, what it leaves."""

    count: int
    amount: Decimal | None
    held: Decimal
    leaves: Decimal | None
    short: bool
    references: int = 0
    operation: str = "generate"

    @property
    def verb(self) -> str:
        """Return the button's label, with the number of pictures if it is more than one."""
        one, many = VERBS.get(self.operation, VERBS["generate"])
        return _(one if self.count == 1 else many) % {
            "n": self.count,
            "references": self.references,
        }

    @property
    def price(self) -> str:
        """Return the estimate; the hold if nothing can be estimated."""
        if self.amount is None:
            return _("price not known · %(held)s reserved") % {"held": estimate(self.held)}
        return about(self.amount)


def bill_for(
    terms: pricing.Terms,
    model: ImageModel,
    texts: Mapping[str, str],
    left: Decimal | None,
    *,
    references: int = 0,
) -> Bill:
    """Price the form as it stands; invalid values count as left out.

    `left` is what remains of the month, in dollars, None without a limit.
    """
    references = min(references, model.max_images)
    known = {name: text for name, text in texts.items() if model.field(name)}
    values, _faults = parse_choice(model, known)
    count = values.get("n", 1)
    if not isinstance(count, int) or not 1 <= count <= MOST_PICTURES:
        values["n"] = 1
    priced = pricing.price(terms, model, values, references)
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
