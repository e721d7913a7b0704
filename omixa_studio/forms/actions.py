"""The form of an action on an existing picture: a model, its options. Saves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import QueryDict

from omixa_studio.catalogue import Fault, ImageModel, parse_choice
from omixa_studio.catalogue.records import N_

from .fields import read_confirmed
from .generation import option_texts, read_project, written_project

OURS = ("step", "action", "ids", "next", "confirmed")


@dataclass(frozen=True, kw_only=True)
class ActionAsked:
    """The form as submitted; the values are typed, but not yet checked against each other.

    `project` is an id, 0 for none, None if the form does not say.
    """

    model: ImageModel
    texts: Mapping[str, str]
    values: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    project: int | None = None
    starts: bool = False
    confirmed: Decimal | bool = False
    faults: tuple[Fault, ...] = ()


def read_action(data: QueryDict, models: Sequence[ImageModel]) -> ActionAsked:
    """Read the form of an action; the default model is the first of `models`.

    Any other model is a fault. With `step=model` the form only asks for the options of a model, so
    values that it does not have are dropped.
    """
    slug = data.get("model") or models[0].slug
    model = next((one for one in models if one.slug == slug), models[0])
    starts = data.get("step") != "model"
    texts = {name: text for name, text in option_texts(data).items() if name not in OURS}
    if not starts:
        texts = {name: text for name, text in texts.items() if model.field(name)}
    values, faults = parse_choice(model, texts)
    if model.slug != slug:
        template = N_("%(model)s cannot do this, or is not available.")
        faults = (Fault("model", template, {"model": slug[:80]}),)
    return ActionAsked(
        model=model,
        texts=texts,
        values=values,
        project=written_project(data),
        starts=starts,
        confirmed=read_confirmed(data.get("confirmed", "")),
        faults=(*faults, *read_project(data)[1]) if starts else (),
    )
