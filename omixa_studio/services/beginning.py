"""The initial state of a form: the image model, and the options last chosen for it."""

from django.conf import settings

from omixa_studio.catalogue import Catalogue, ImageModel, choice_texts
from omixa_studio.models import Generation, Person
from omixa_studio.queries import generations
from omixa_studio.queries.inputs import last_model_among
from omixa_studio.queries.refusals import refused_lately


def first_model(catalogue: Catalogue, person: Person) -> ImageModel:
    """Return the initial model: the last that made pictures, the configured one, or the best.

    Models that only change pictures are excluded: their form has no prompt field.
    """
    makers = [one.slug for one in catalogue.enabled if "generate" in one.operations]
    for slug in (last_model_among(person, makers), catalogue.default_model):
        if model := catalogue.find_enabled(slug):
            return model
    offered = catalogue.enabled or tuple(catalogue.models.values())
    refused = refused_lately(settings.GATEWAY_TARGET, [one.slug for one in offered])

    def promise(model: ImageModel) -> tuple[bool, bool, bool, bool]:
        makes = "generate" in model.operations
        priced = model.image_price is not None
        return model.slug not in refused, makes, not model.retiring, priced

    return max(offered, key=promise)


def mask_model(catalogue: Catalogue, person: Person) -> ImageModel:
    """Return the initial model for a masked edit: the usual one if it takes masks."""
    usual = first_model(catalogue, person)
    return next((model for model in (usual, *catalogue.enabled) if model.takes_mask), usual)


def edit_model(catalogue: Catalogue, person: Person) -> ImageModel:
    """Return the model to edit a picture with: the last one used that can, or the cheapest."""
    able = {one.slug: one for one in catalogue.enabled if "edit" in one.operations}
    last = able.get(last_model_among(person, able))
    priced = [one for one in able.values() if one.image_price is not None]
    cheapest = min(priced, key=lambda one: one.image_price or 0, default=None)
    fallback = next(iter(able.values()), None)
    return last or cheapest or fallback or first_model(catalogue, person)


def remembered(person: Person, model: ImageModel) -> dict[str, str]:
    """Return the person's last option texts for a model, without the prompt."""
    last = generations.last_of_model(person, model.slug)
    return texts_of(last, model) if last else {}


def texts_of(generation: Generation, model: ImageModel) -> dict[str, str]:
    """Return the options of a generation as form texts, if the model still has them."""
    known = {name: value for name, value in generation.options.items() if model.field(name)}
    return choice_texts(known)
