"""What a person can do when a budget refuses: ask for more, or take a cheaper way."""

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.catalogue import Catalogue
from omixa_studio.forms.budget_requests import PREFIX, MoneyForm
from omixa_studio.models import dollars
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.budget_requests import missing_for
from omixa_studio.services.cheaper import CheaperWay, cheaper_ways
from omixa_studio.services.submission import OrderRefused
from omixa_studio.templatetags.studio import about, plain_dollars

CENT = Decimal("0.01")


@dataclass(frozen=True)
class WayShown:
    """A cheaper way: what differs, its price, and the changes that fill the form with it."""

    label: str
    price: str
    query: str


@dataclass(frozen=True, kw_only=True)
class MoneyOffer:
    """What can be done below the sentence on a refusal: cheaper ways, and asking for more."""

    form: MoneyForm


def offer_for(
    refusal: BudgetRefused, form: MoneyForm | None = None, *, ids: str = "id_%s"
) -> MoneyOffer:
    """Offer to ask for what a refusal lacks; `form` is one with mistakes, if one was sent."""
    if form is not None:
        return MoneyOffer(form=form)
    missing = dollars(missing_for(refusal)) or Decimal(0)
    initial = {"dollars": plain_dollars(max(missing.quantize(CENT, ROUND_UP), CENT))}
    return MoneyOffer(form=MoneyForm(prefix=PREFIX, initial=initial, auto_id=ids))


def ways_for(refusal: BudgetRefused, catalogue: Catalogue) -> list[WayShown]:
    """Return the cheaper ways that fit, of what the person may use."""
    if not isinstance(refusal, OrderRefused):
        return []
    return [_way(way) for way in cheaper_ways(refusal, catalogue)]


def _way(way: CheaperWay) -> WayShown:
    amount = way.price.estimate.amount
    price = about(way.price.hold if amount is None else amount)
    [(name, value)] = way.changes.items()
    model = way.choice.model
    if name == "model":
        return WayShown(model.name, price, urlencode({"model": model.slug}))
    query = urlencode({name: value})
    if name == "n":
        count = int(str(value))
        said = ngettext("Only %(n)s picture", "Only %(n)s pictures", count)
        return WayShown(said % {"n": count}, price, query)
    field = model.field(name)
    label = _(field.label) if field and field.label else name
    shown = _(field.names[str(value)]) if field and str(value) in field.names else str(value)
    return WayShown(f"{label}: {shown}", price, query)
