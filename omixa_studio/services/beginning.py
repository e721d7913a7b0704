"""The initial state of a form: the image model, and the options last chosen for it."""

from django.conf import settings

from omixa_studio.catalogue import Catalogue, ImageModel, choice_texts
from omixa_studio.models import Generation, Person
from omixa_studio.queries import generations
from omixa_studio.queries.refusals import refused_lately


def first_model(catalogue: Catalogue, person: Person) -> ImageModel:
    """Return the initial model: the last that made pictures, the configured one, or the best.

    Models that only change pictures are excluded: their form has no prompt field.
    """
    return _first_model(catalogue, generations.last_of_models(person, _makers(catalogue)))


def usual_start(catalogue: Catalogue, person: Person) -> tuple[ImageModel, dict[str, str]]:
    """Return the initial model and its last option texts, in one statement where there are any."""
    last = generations.last_of_models(person, _makers(catalogue))
    model = _first_model(catalogue, last)
    if last and last.model == model.slug:
        return model, texts_of(last, model)
    return model, remembered(person, model)


def _makers(catalogue: Catalogue) -> list[str]:
    return [one.slug for one in catalogue.enabled if "generate" in one.operations]


def _first_model(catalogue: Catalogue, last: Generation | None) -> ImageModel:
    for slug in (last.model if last else "", catalogue.default_model):
        if model := catalogue.find_enabled(slug):
            return model
    offered = catalogue.enabled or tuple(catalogue.models.values())
    refused = refused_lately(settings.GATEWAY_TARGET, [one.slug for one in offered])

    def promise(model: ImageModel) -> tuple[bool, bool, bool, bool]:
        makes = "generate" in model.operations
        priced = model.image_price is not None
        return model.slug not in refused, makes, not model.retiring, priced

    return max(offered, key=promise)


def usual_model(catalogue: Catalogue, *, edits: bool) -> ImageModel | None:
    """Return the model of a program that names none: the configured one if it can, or the first.

    Unlike `first_model` it does not depend on what the person did last.
    """
    operation = "edit" if edits else "generate"
    able = [one for one in catalogue.enabled if operation in one.operations]
    configured = next((one for one in able if one.slug == catalogue.default_model), None)
    return configured or min(able, key=lambda one: one.retiring, default=None)


def mask_model(catalogue: Catalogue, person: Person) -> ImageModel:
    """Return the initial model for a masked edit: the usual one if it takes masks."""
    usual = first_model(catalogue, person)
    return next((model for model in (usual, *catalogue.enabled) if model.takes_mask), usual)


def edit_model(catalogue: Catalogue, person: Person) -> ImageModel:
    """Return the model to edit a picture with: the last one used that can, or the cheapest."""
    able = {one.slug: one for one in catalogue.enabled if "edit" in one.operations}
    latest = generations.last_of_models(person, able)
    last = able[latest.model] if latest else None
    priced = [one for one in able.values() if one.image_price is not None]
    cheapest = min(priced, key=lambda one: one.image_price or 0, default=None)
    fallback = next(iter(able.values()), None)
    return last or cheapest or fallback or first_model(catalogue, person)


def remembered(person: Person, model: ImageModel) -> dict[str, str]:
    """Return the person's last option texts for a model, without the prompt."""
    last = generations.last_of_models(person, [model.slug])
    return texts_of(last, model) if last else {}


def texts_of(generation: Generation, model: ImageModel) -> dict[str, str]:
    """Return the options of a generation as form texts, if the model still has them."""
    known = {name: value for name, value in generation.options.items() if model.field(name)}
    return choice_texts(known)
