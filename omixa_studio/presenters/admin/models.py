"""An image model in words: what it does, costs and accepts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.catalogue import (
    Bills,
    Field,
    ImageModel,
    PriceKey,
    PriceRow,
    list_price,
    price_span,
)
from omixa_studio.dates import date_format, local
from omixa_studio.queries.model_history import History
from omixa_studio.templatetags.studio import money

MOST_DOUBTS = 3


@dataclass(frozen=True)
class Shown:
    """One model with its history and its fields in words."""

    model: ImageModel
    history: History
    price: str
    doubts: tuple["Doubt", ...]
    dearest: str
    operations: tuple[str, ...]
    fields: tuple["ShownField", ...]
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Doubt:
    """A list price that was exceeded by bills: `choice` is "" for default options."""

    choice: str
    sentence: str


@dataclass(frozen=True)
class ShownField:
    """One field, with the values it accepts in words."""

    field: Field
    limits: str


def shown_model(model: ImageModel, history: History, bills: Mapping[PriceKey, Bills]) -> Shown:
    """Describe a model with its history, its bills and its fields in words."""
    words = {
        "generate": _("makes pictures"),
        "edit": _("edits pictures"),
        "upscale": _("enlarges pictures"),
        "remove_background": _("removes backgrounds"),
    }
    return Shown(
        model=model,
        history=history,
        price=_span(model, bills),
        doubts=tuple(_doubts(model, bills)),
        dearest=money(max(one.dearest for one in bills.values())) if bills else "",
        operations=tuple(words[name] for name in model.operations),
        fields=tuple(ShownField(field, ", ".join(_limits(field))) for field in model.fields),
        facts=tuple(_facts(model)),
    )


def _span(model: ImageModel, bills: Mapping[PriceKey, Bills]) -> str:
    """Return the expected price of a picture, from the list or the bills; "" if unknown."""
    return "–".join(dict.fromkeys(map(money, price_span(model, bills) or ())))


def _doubts(model: ImageModel, bills: Mapping[PriceKey, Bills]) -> Iterator[Doubt]:
    """Yield the choices that were billed above the list price, the dearest first."""
    dearest = sorted(bills.items(), key=lambda item: item[1].dearest, reverse=True)
    above = [
        (key, billed, listed)
        for key, billed in dearest
        if (listed := list_price(model, key)) is not None and billed.dearest > listed
    ]
    for key, billed, listed in above[:MOST_DOUBTS]:
        images = ngettext("%(n)s image", "%(n)s images", key.inputs) % {"n": key.inputs}
        parts = (key.quality, key.size, images if key.inputs else "")
        yield Doubt(" · ".join(filter(None, parts)), _doubt(billed, listed))


def _doubt(billed: Bills, listed: Decimal) -> str:
    said = {"listed": money(listed), "billed": money(billed.last)}
    if billed.last <= listed:
        said["billed"] = money(billed.dearest)
        return (
            _("List price %(listed)s, once billed %(billed)s. The billed amount is reserved.")
            % said
        )
    if billed.last_at is None:
        return _("List price %(listed)s, billed %(billed)s. The billed price is used.") % said
    day = local(billed.last_at)
    said["day"] = date_format(day, "j E" if day.year == local(timezone.now()).year else "j E Y")
    return (
        _("List price %(listed)s, billed %(billed)s on %(day)s. The billed price is used.") % said
    )


def _key(row: PriceRow) -> PriceKey:
    return PriceKey(row.quality or "", row.size or "")


def _facts(model: ImageModel) -> Iterator[tuple[str, str, str]]:
    """Yield a model's own values: label, value, source."""
    values = (
        ("provider", _("Provider"), model.provider),
        ("image_price", _("Price per picture"), money(model.image_price)),
        ("minimum_hold", _("Minimum reserved"), money(model.minimum_hold)),
        ("input_token_price", _("A million input tokens"), money(model.input_token_price)),
        ("output_token_price", _("A million output tokens"), money(model.output_token_price)),
        ("max_images", _("Input images at most"), str(model.max_images)),
        ("max_count", _("Most pictures per request"), str(model.max_count)),
        ("enabled", _("Offered"), _("yes") if model.enabled else _("no")),
    )
    for name, label, value in values:
        origin = model.origins.get(name, "documented" if name != "enabled" else "")
        if origin != "unknown":
            yield label, value, origin
    for row in model.prices:
        choice = " · ".join(filter(None, _key(row)[:2]))
        label = _("Price at %(choice)s") % {"choice": choice}
        said = f"× {row.times.normalize():f}" if row.price is None else money(row.price)
        yield label, said, model.origins.get("prices", "documented")


def _limits(field: Field) -> Iterator[str]:
    """Yield the limits of a field's value in words."""
    pairs = (
        (field.minimum, field.maximum, _("%(least)s to %(most)s")),
        (field.min_length, field.max_length, _("%(least)s to %(most)s characters")),
        (field.min_items, field.max_items, _("%(least)s to %(most)s images")),
    )
    for least, most, sentence in pairs:
        if least is not None or most is not None:
            yield sentence % {
                "least": 0 if least is None else least,
                "most": "…" if most is None else most,
            }
