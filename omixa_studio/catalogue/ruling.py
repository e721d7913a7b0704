"""What one request of a person may ask for, by the rules that an admin has made. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

from .records import N_, Catalogue, Fault, Field, ImageModel

NO_MODEL = N_("You may not use %(model)s: an admin has limited the models you can choose.")
NO_VALUE = N_("You may not choose “%(value)s” here: an admin has ruled it out.")
TOO_MANY = N_("You may ask for at most %(most)s pictures at a time, not for %(count)s.")
TOO_DEAR = N_(
    "This reserves %(held)s, and one request of yours may reserve at most %(most)s. "
    "Ask for less, or choose a cheaper model."
)

AUTO = "auto"

T = TypeVar("T", int, Decimal)


@dataclass(frozen=True)
class Ruling:
    """All rules that apply to somebody, taken together; empty allows everything.

    `models` None allows all; `dearest` is dollars that one request may reserve at most;
    `forbidden` holds values by field name.
    """

    models: frozenset[str] | None = None
    most_pictures: int | None = None
    dearest: Decimal | None = None
    forbidden: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return self == Ruling()

    def allows(self, slug: str) -> bool:
        return self.models is None or slug in self.models

    def and_also(self, other: "Ruling") -> "Ruling":
        """Return both rulings in one: what either of them rules out is out."""
        names = self.forbidden.keys() | other.forbidden.keys()
        return Ruling(
            models=_both(self.models, other.models),
            most_pictures=_least((self.most_pictures, other.most_pictures)),
            dearest=_least((self.dearest, other.dearest)),
            forbidden={
                name: self.forbidden.get(name, frozenset()) | other.forbidden.get(name, frozenset())
                for name in names
            },
        )


def within(catalogue: Catalogue, ruling: Ruling) -> Catalogue:
    """Return a catalogue that offers only what a ruling allows."""
    if ruling.is_empty:
        return catalogue
    models = {slug: _model_within(model, ruling) for slug, model in catalogue.models.items()}
    return replace(catalogue, models=models)


def check_ruling(
    ruling: Ruling, model: ImageModel, values: Mapping[str, object], *, count: int, held: Decimal
) -> list[Fault]:
    """Return why a request is not allowed: of `count` pictures, which reserves `held` dollars."""
    faults = []
    if not ruling.allows(model.slug):
        faults.append(Fault("model", NO_MODEL, {"model": model.name}))
    for name, forbidden in ruling.forbidden.items():
        value = values.get(name) or _unsaid(model.field(name))
        if str(value) in forbidden:
            faults.append(Fault(name, NO_VALUE, {"value": value}))
    if ruling.most_pictures is not None and count > ruling.most_pictures:
        told = {"most": ruling.most_pictures, "count": count}
        faults.append(Fault("n", TOO_MANY, told))
    if ruling.dearest is not None and held > ruling.dearest:
        amounts = {"held": f"${held:.3f}", "most": f"${ruling.dearest:.2f}"}
        faults.append(Fault("", TOO_DEAR, amounts))
    return faults


def _unsaid(one: Field | None) -> str:
    """Return what a field means that is not sent, "" if nobody knows: some models choose."""
    if one is None:
        return ""
    return one.default or (AUTO if AUTO in one.accepted else "")


def _model_within(model: ImageModel, ruling: Ruling) -> ImageModel:
    within = ((one, _field_within(one, ruling)) for one in model.fields)
    # A field without any value left is not offered: an empty list would allow all.
    fields = tuple(now for before, now in within if now.accepted or not before.accepted)
    return replace(model, fields=fields, enabled=model.enabled and ruling.allows(model.slug))


def _field_within(one: Field, ruling: Ruling) -> Field:
    forbidden = ruling.forbidden.get(one.name, frozenset())
    return replace(one, accepted=tuple(value for value in one.accepted if value not in forbidden))


def _both(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _least(given: Iterable[T | None]) -> T | None:
    return min((one for one in given if one is not None), default=None)
