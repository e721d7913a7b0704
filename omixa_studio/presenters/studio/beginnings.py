"""What the studio's form is filled with when it opens, for each way that leads to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse

from omixa_studio.catalogue import Catalogue, Fault, ImageModel
from omixa_studio.forms.generation import MOST_PICTURES, Asked, Named
from omixa_studio.models import Generation, InputImage, Person, Picture
from omixa_studio.queries.inputs import sent_mask
from omixa_studio.services.beginning import (
    edit_model,
    first_model,
    mask_model,
    remembered,
    texts_of,
)

from .references import Reference, listed, of_picture, of_upload, sent_before


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """A model, the texts of its fields, references, and what is wrong with them.

    `mask` is the address of a mask to lie on the first one, "" for none. `fresh` is for a form
    whose prompt is to be written now.
    """

    model: ImageModel
    texts: Mapping[str, str]
    references: Sequence[Reference] = ()
    mask: str = ""
    faults: Sequence[Fault] = ()
    fresh: bool = False


def anew(
    person: Person, catalogue: Catalogue, *, slug: str = "", prompt: str = "", named: Named
) -> Beginning:
    """A model's remembered options; the person's usual model where `slug` is none on offer."""
    model = catalogue.find_enabled(slug) or first_model(catalogue, person)
    texts = remembered(person, model)
    if prompt:
        texts["prompt"] = prompt
    references = listed(person, named.uploads, named.pictures)
    return Beginning(model=model, texts=texts, references=references)


def draft(
    person: Person, catalogue: Catalogue, texts: Mapping[str, str], *, slug: str, named: Named
) -> Beginning:
    """A form as it was left in a browser; what its model has no field for is left out."""
    beginning = anew(person, catalogue, slug=slug, named=named)
    known = {name: text for name, text in texts.items() if beginning.model.field(name)}
    return replace(beginning, texts=known)


def again(
    person: Person, catalogue: Catalogue, old: Generation, *, count: int | None = None
) -> Beginning:
    """All that a generation was asked for, with what it sent along.

    `count` are the pictures of the whole click where it took several calls.
    """
    model = catalogue.find_enabled(old.model) or first_model(catalogue, person)
    texts = {**texts_of(old, model), "prompt": old.prompt}
    if count and model.field("n"):
        texts["n"] = str(min(count, MOST_PICTURES))
    references, faults = sent_before(person, old)
    mask = sent_mask(person, old)
    return Beginning(
        model=model,
        texts=texts,
        references=references,
        mask=reverse("input_file", args=[mask.pk]) if mask else "",
        faults=faults,
    )


def to_edit(person: Person, catalogue: Catalogue, picture: Picture) -> Beginning:
    """A picture to be changed by words that are still to be written."""
    return _with_picture(person, edit_model(catalogue, person), picture, fresh=True)


def to_mask(person: Person, catalogue: Catalogue, picture: Picture) -> Beginning:
    """A picture to paint a mask on."""
    return _with_picture(person, mask_model(catalogue, person), picture)


def refused(
    person: Person,
    catalogue: Catalogue,
    asked: Asked,
    faults: Sequence[Fault],
    *,
    named: Named,
    kept: Iterable[InputImage],
) -> Beginning:
    """A form as it came, with what was wrong, and its files as references that are `kept`."""
    references = listed(person, named.uploads, named.pictures)
    return Beginning(
        model=asked.model or first_model(catalogue, person),
        texts=asked.texts,
        references=[*references, *map(of_upload, kept)],
        faults=faults,
    )


def _with_picture(
    person: Person, model: ImageModel, picture: Picture, *, fresh: bool = False
) -> Beginning:
    """The count of the last click is left out: who edits a picture expects one, not seven."""
    texts = remembered(person, model)
    texts.pop("n", None)
    return Beginning(model=model, texts=texts, references=[of_picture(picture)], fresh=fresh)
