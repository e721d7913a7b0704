"""An image model as the studio knows it, in words: what it does, costs and accepts."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from omixa_studio.catalogue import Field, ImageModel
from omixa_studio.queries.model_history import History
from omixa_studio.templatetags.studio import money


@dataclass(frozen=True)
class Shown:
    """One model with its past and its fields in words."""

    model: ImageModel
    history: History
    operations: tuple[str, ...]
    fields: tuple["ShownField", ...]
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ShownField:
    """One field: what it accepts, in words."""

    field: Field
    limits: str


def shown_model(model: ImageModel, history: History) -> Shown:
    """Tell a model with its past and its fields in words."""
    words = {
        "generate": _("makes pictures"),
        "edit": _("edits pictures"),
        "upscale": _("enlarges pictures"),
        "remove_background": _("removes backgrounds"),
    }
    return Shown(
        model=model,
        history=history,
        operations=tuple(words[name] for name in model.operations),
        fields=tuple(ShownField(field, ", ".join(_limits(field))) for field in model.fields),
        facts=tuple(_facts(model)),
    )


def _facts(model: ImageModel) -> Iterator[tuple[str, str, str]]:
    """Give a model's own values: name, value, where it comes from."""
    values = (
        ("provider", _("Provider"), model.provider),
        ("image_price", _("Price of a picture"), money(model.image_price)),
        ("minimum_hold", _("Least hold"), money(model.minimum_hold)),
        ("input_token_price", _("A million input tokens"), money(model.input_token_price)),
        ("output_token_price", _("A million output tokens"), money(model.output_token_price)),
        ("max_images", _("Input images at most"), str(model.max_images)),
        ("max_count", _("Pictures of one request at most"), str(model.max_count)),
        ("enabled", _("Offered"), _("yes") if model.enabled else _("no")),
    )
    for name, label, value in values:
        origin = model.origins.get(name, "documented" if name != "enabled" else "")
        if origin != "unknown":
            yield label, value, origin


def _limits(field: Field) -> Iterator[str]:
    """Say in words what bounds a field's value."""
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
