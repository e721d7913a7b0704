"""The initial contents of the studio's form, for each way to open it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.catalogue import (
    Catalogue,
    Fault,
    ImageModel,
    check_choice,
    choice_texts,
    parse_choice,
)
from omixa_studio.catalogue.records import N_
from omixa_studio.catalogue.rules import LONGEST_TEXT
from omixa_studio.forms.generation import MOST_PICTURES, Asked, Named, of_one_click
from omixa_studio.forms.variables import literal
from omixa_studio.models import Generation, InputImage, Person, Picture, Preset
from omixa_studio.queries.inputs import sent_mask
from omixa_studio.queries.presets import usable
from omixa_studio.services.beginning import (
    edit_model,
    first_model,
    mask_model,
    remembered,
    texts_of,
    usual_start,
)

from .references import LEFT_OUT, Reference, listed, of_picture, of_upload, sent_before

SWITCHED_OFF = N_(
    "%(old)s, the model of this preset, is not available; its settings could not be applied to "
    "%(model)s."
)
NO_LONGER_FITS = N_("%(model)s no longer takes these settings of the preset: %(names)s.")
# Stands in for the prompt, which is written later, when settings are checked.
NO_PROMPT = {"prompt": "…"}


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """The initial form: a model, the texts of its fields, references, and what is wrong.

    `mask` is the address of a mask for the first reference, or "". `fresh` is whether the prompt is
    still to be written. `project` is an id, 0 for none, None for the one chosen last.
    """

    model: ImageModel
    texts: Mapping[str, str]
    references: Sequence[Reference] = ()
    mask: str = ""
    faults: Sequence[Fault] = ()
    fresh: bool = False
    preset: Preset | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    project: int | None = None


def anew(
    person: Person, catalogue: Catalogue, *, slug: str = "", prompt: str = "", named: Named
) -> Beginning:
    """Fill in a model's remembered options; the person's usual model if `slug` is not available."""
    named_model = catalogue.find_enabled(slug)
    if named_model:
        model, texts = named_model, remembered(person, named_model)
    else:
        model, texts = usual_start(catalogue, person)
    if prompt:
        texts["prompt"] = prompt
    references = listed(person, named.uploads, named.pictures)
    return Beginning(model=model, texts=texts, references=references)


def draft(
    person: Person,
    catalogue: Catalogue,
    texts: Mapping[str, str],
    *,
    slug: str,
    named: Named,
    preset: int | None = None,
) -> Beginning:
    """Restore a form saved in a browser, without texts that its model has no field for."""
    beginning = anew(person, catalogue, slug=slug, named=named)
    known = {name: text for name, text in texts.items() if beginning.model.field(name)}
    return replace(beginning, texts=known, preset=usable(person, preset))


def again(
    person: Person, catalogue: Catalogue, old: Generation, *, count: int | None = None
) -> Beginning:
    """Fill in everything a generation was asked for, and what it sent.

    `count` is the number of pictures of the whole click if it took several calls.
    """
    model = catalogue.find_enabled(old.model) or first_model(catalogue, person)
    template = old.template or {"prompt": literal(old.prompt), "values": {}}
    texts = {**texts_of(old, model), "prompt": template["prompt"]}
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
        variables=template["values"],
        project=old.project_id or 0,
    )


def with_preset(
    person: Person, catalogue: Catalogue, preset: Preset, texts: Mapping[str, str], *, named: Named
) -> Beginning:
    """Fill in what a preset sets and still fits; whatever it leaves open keeps the form's value.

    The faults say what no longer fits: an image model that is switched off, or settings of its own.
    """
    model = catalogue.find_enabled(preset.model)
    own = preset.texts if model else {}
    model = model or first_model(catalogue, person)
    fitting = _fitting(model, own)
    prompt = preset.prompt or texts.get("prompt", "")
    references = listed(person, preset.uploads, preset.pictures)
    kept = references or listed(person, named.uploads, named.pictures)
    lost = len(preset.uploads) + len(preset.pictures) - len(references)
    return Beginning(
        model=model,
        texts={**fitting, "prompt": prompt} if prompt else fitting,
        references=kept,
        faults=_misfits(catalogue, preset, model, sorted(set(preset.texts) - set(fitting)), lost),
        preset=preset,
    )


def from_file(person: Person, catalogue: Catalogue, settings: Mapping[str, Any]) -> Beginning:
    """Fill in what a file says of its making, as far as it fits; anybody may have written it."""
    slug, options = settings.get("model"), settings.get("options")
    given = options if isinstance(options, dict) else {}
    texts = choice_texts({str(name): one for name, one in given.items() if _is_plain(one)})
    model = catalogue.find_enabled(slug if isinstance(slug, str) else "")
    prompt = settings.get("prompt")
    written = literal(prompt.replace("\0", "")[:LONGEST_TEXT]) if isinstance(prompt, str) else ""
    fitting = _fitting(model, texts) if model else {}
    texts = {**fitting, "prompt": written} if written else fitting
    return Beginning(model=model or first_model(catalogue, person), texts=texts)


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int, float)) and len(str(value)) <= LONGEST_TEXT


def _fitting(model: ImageModel, texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that a model has a field for and accepts."""
    known = {name: text for name, text in texts.items() if model.field(name)}
    values, wrong = parse_choice(model, known)
    unfit = check_choice(of_one_click(model), {**values, **NO_PROMPT})
    misfits = {fault.field for fault in (*wrong, *unfit)}
    return {name: text for name, text in known.items() if name not in misfits}


def _misfits(
    catalogue: Catalogue, preset: Preset, model: ImageModel, left_out: Sequence[str], lost: int
) -> list[Fault]:
    faults = [Fault("input_images", LEFT_OUT, {})] if lost else []
    if catalogue.find_enabled(preset.model) is None:
        old = catalogue.find(preset.model)
        names = {"old": old.name if old else preset.model, "model": model.name}
        return [Fault("model", SWITCHED_OFF, names), *faults]
    if left_out:
        labels = ", ".join(
            _(one.label) if (one := model.field(name)) else name for name in left_out
        )
        return [Fault("model", NO_LONGER_FITS, {"model": model.name, "names": labels}), *faults]
    return faults


def to_edit(person: Person, catalogue: Catalogue, picture: Picture) -> Beginning:
    """Fill in a picture to edit, with the prompt still to be written."""
    return _with_picture(person, edit_model(catalogue, person), picture, fresh=True)


def to_mask(person: Person, catalogue: Catalogue, picture: Picture) -> Beginning:
    """Fill in a picture to paint a mask on."""
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
    """Refill a refused form, with its faults, and its files that were `kept` as references."""
    references = listed(person, named.uploads, named.pictures)
    return Beginning(
        model=asked.model or first_model(catalogue, person),
        texts=asked.texts,
        references=[*references, *map(of_upload, kept)],
        faults=faults,
        preset=usable(person, asked.preset),
        variables=asked.variables,
        project=asked.project or 0,
    )


def _with_picture(
    person: Person, model: ImageModel, picture: Picture, *, fresh: bool = False
) -> Beginning:
    """Start from a picture, without the last click's count: an edit is expected to make one."""
    texts = remembered(person, model)
    texts.pop("n", None)
    return Beginning(model=model, texts=texts, references=[of_picture(picture)], fresh=fresh)
