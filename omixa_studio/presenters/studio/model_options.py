"""The models of the picker, each with what it does, costs and takes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from omixa_studio.catalogue import ImageModel, price_span, usual_seconds
from omixa_studio.queries import history
from omixa_studio.queries.refusals import refused_lately
from omixa_studio.services.offers import nearest
from omixa_studio.services.pricing import Terms
from omixa_studio.templatetags import studio as words


@dataclass(frozen=True)
class ModelOption:
    """A model in the picker, with what it does, costs and takes.

    `span` is the price of a picture in dollars, with the cheapest and the dearest options; None if
    unknown. `refused` is whether the gateway refused its newest call; `instead` is then the nearest
    other model.
    """

    slug: str
    name: str
    short_name: str
    summary: str
    span: tuple[Decimal, Decimal] | None
    usual: str
    chosen: bool
    refused: bool = False
    instead: ImageModel | None = None

    @property
    def price(self) -> str:
        """Return what a picture costs, "$0.04" or "$0.011–$0.25"; "" if unknown."""
        return "–\u2060".join(dict.fromkeys(map(words.estimate, self.span or ())))

    @property
    def about(self) -> str:
        """Return the price as an estimate, which never looks like a bill."""
        return _("about %(amount)s") % {"amount": self.price} if self.price else words.about(None)

    @property
    def facts(self) -> str:
        """Return the price and the usual time on one line."""
        return " · ".join(fact for fact in (self.about, self.usual) if fact)


def model_options(
    terms: Terms, chosen: ImageModel, refused: Collection[str] | None = None
) -> tuple[ModelOption, ...]:
    """Return the models to choose from, priced by the terms of all of them.

    `refused` are the models that the gateway refused lately, if they were read already.
    """
    catalogue, bills = terms.catalogue, terms.bills
    recent = history.recent_seconds(settings.GATEWAY_TARGET)
    if refused is None:
        refused = refused_lately(settings.GATEWAY_TARGET, [one.slug for one in catalogue.enabled])
    return tuple(
        ModelOption(
            slug=model.slug,
            name=model.name,
            short_name=model.short_name,
            summary=_(model.summary),
            span=price_span(model, bills.get(model.slug, {})),
            usual=usually(recent.get(model.slug, ())),
            chosen=model.slug == chosen.slug,
            refused=model.slug in refused,
            instead=nearest(catalogue, model, avoid=refused) if model.slug in refused else None,
        )
        for model in catalogue.enabled
    )


def usually(durations: Sequence[float]) -> str:
    """Return how long recent calls took: "usually 4–7 s"; "" if unknown."""
    usual = usual_seconds(durations)
    if usual is None:
        return ""
    low, high = (f"{max(1, round(bound))}" for bound in usual)
    # The word joiner prevents a line break after the dash, the hard space one before the unit.
    span = low if low == high else f"{low}–\u2060{high}"
    time = _("%(seconds)s s") % {"seconds": span}
    return _("usually %(time)s") % {"time": time.replace(" ", "\u00a0")}
