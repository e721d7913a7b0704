"""What screens show of a preset: its picture, its model, its usual cost."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from omixa_studio.catalogue import parse_choice
from omixa_studio.models import Person, Picture, Preset, dollars
from omixa_studio.queries.presets import examples_of, usual_bills
from omixa_studio.services.pricing import Terms, price
from omixa_studio.templatetags import studio as words


@dataclass(frozen=True, kw_only=True)
class PresetCard:
    """A preset as shown to a person.

    `cost` says whether it is the usual bill or an estimate; `gone` is whether its image model is
    switched off; `may_change` holds for its maker and, if it is the team's, for admins.
    """

    preset: Preset
    model: str
    cost: str
    gone: bool
    mine: bool
    may_change: bool
    example: Picture | None


def cards_of(presets: Sequence[Preset], person: Person, terms: Terms) -> list[PresetCard]:
    """Draw presets for a person; `terms` are those of all models."""
    examples, bills = examples_of(presets, person), usual_bills(presets)
    return [
        PresetCard(
            preset=one,
            model=model.name if (model := terms.catalogue.find(one.model)) else one.model,
            cost=_cost(one, terms, bills.get(one.pk)),
            gone=terms.catalogue.find_enabled(one.model) is None,
            mine=one.person_id == person.pk,
            may_change=one.person_id == person.pk or (one.team and person.is_admin),
            example=examples.get(one.pk),
        )
        for one in presets
    ]


def _cost(preset: Preset, terms: Terms, billed: int | None) -> str:
    """Return the usual bill of a request, else the estimate; "" for a model that is gone."""
    if billed is not None:
        return _("usually %(amount)s") % {"amount": words.money(dollars(billed))}
    model = terms.catalogue.find_enabled(preset.model)
    if model is None:
        return ""
    values, _faults = parse_choice(model, {k: v for k, v in preset.texts.items() if model.field(k)})
    inputs = len(preset.uploads) + len(preset.pictures)
    return words.about(price(terms, model, values, inputs).estimate.amount)
