"""The form of a run: many prompts, or one prompt in several ways. Saves nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from omixa_studio.catalogue import Catalogue, Fault, ImageModel, parse_choice
from omixa_studio.catalogue.records import N_

from .controls import ABOUT_REFERENCES
from .fields import read_cap, read_confirmed
from .generation import (
    file_faults,
    of_one_click,
    read_ids,
    read_project,
    strange_ids,
    wrong_count,
)
from .prompts import LONGEST_TEXT, TooManyPrompts, prompts_in
from .variables import Template, fill, template_of, unfilled, value_rows, variables_in

LIST, COMPARE = "list", "compare"
BY_MODEL = "model"
MOST_PROMPTS = 200
MOST_CELLS = 24


@dataclass(frozen=True, kw_only=True)
class RunAsked:
    """The form as submitted: for a list its prompts, for a comparison what it varies."""

    mode: str
    model: ImageModel
    texts: Mapping[str, str]
    values: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    written: str = ""
    prompts: Sequence[str] = ()
    rows: str = ""
    templates: Sequence[Template | None] = ()
    axis: str = BY_MODEL
    models: Sequence[ImageModel] = ()
    axis_values: Sequence[object] = ()
    cap: Decimal | None = None
    cap_text: str = ""
    confirmed: Decimal | bool = False
    images: "tuple[UploadedFile[bytes], ...]" = ()
    uploads: tuple[int, ...] = ()
    pictures: tuple[int, ...] = ()
    project: int | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def references(self) -> int:
        """Return how many images each row sends."""
        return len(self.images) + len(self.uploads) + len(self.pictures)


def read_run(
    catalogue: Catalogue,
    data: QueryDict,
    files: "MultiValueDict[str, UploadedFile[bytes]]",
    fallback: ImageModel,
    *,
    upload_bytes: int,
) -> RunAsked:
    """Read the form of a run; an unknown model becomes the fallback.

    Files larger than `upload_bytes` are a fault.
    """
    mode = COMPARE if data.get("mode") == COMPARE else LIST
    model = catalogue.find_enabled(data.get("model", "")) or fallback
    texts = {name: data.get(name, "") for name in data if name != "prompt" and model.field(name)}
    values, faults = parse_choice(of_one_click(model), texts)
    if wrong_number := wrong_count(model, values):
        # Counting and pricing would take each of them for a call of its own.
        values, faults = {**values, "n": 1}, (*faults, *wrong_number)
    cap, wrong_cap = read_cap(data.get("cap", ""))
    read = _read_list if mode == LIST else _read_comparison
    parts, wrong = read(catalogue, data, model)
    project, no_project = read_project(data)
    asked = RunAsked(
        mode=mode,
        model=model,
        texts=texts,
        values=values,
        cap=cap,
        cap_text=data.get("cap", ""),
        confirmed=read_confirmed(data.get("confirmed", "")),
        images=tuple(files.getlist("input_images")),
        uploads=read_ids(data, "input_uploads"),
        pictures=read_ids(data, "input_pictures"),
        project=project,
        faults=(
            *faults,
            *wrong_cap,
            *wrong,
            *no_project,
            *strange_ids(data),
            *file_faults(files, upload_bytes),
        ),
        **parts,
    )
    if asked.references:
        return asked
    rest = {name: values[name] for name in values if name not in ABOUT_REFERENCES}
    return replace(asked, values=rest, faults=(*asked.faults, *_without_references(asked)))


def axes_of(model: ImageModel) -> list[str]:
    """Return what a comparison may vary: the model, or a field with a closed list of values."""
    closed = [one.name for one in model.controls if one.accepted and one.accepted_is_complete]
    return [BY_MODEL, *closed]


def _read_list(
    _catalogue: Catalogue, data: QueryDict, model: ImageModel
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    written = data.get("prompts", "")
    try:
        prompts = prompts_in(written, most=MOST_PROMPTS)
    except TooManyPrompts:
        template = N_("This makes more than %(most)s prompts. Split it into several lists.")
        return {"written": written}, (Fault("prompts", template, {"most": MOST_PROMPTS}),)
    faults = [] if prompts else [Fault("prompts", N_("Write at least one prompt."), {})]
    filled, wrong = _filled(prompts, data.get("rows", ""))
    faults += wrong
    if not model.takes_prompt:
        template = N_("%(model)s takes no prompt.")
        faults.append(Fault("model", template, {"model": model.name}))
    return {"written": written, "rows": data.get("rows", ""), **filled}, tuple(faults)


def _filled(prompts: Sequence[str], rows: str) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """Combine each prompt that has variables with each row of values."""
    names = variables_in(*prompts)
    values = value_rows(rows[:LONGEST_TEXT], names) if names else []
    for row in values or [{}]:
        if empty := unfilled(names, row):
            return {}, empty
    # Counted before anything is expanded: each list alone may be long.
    if sum(len(_rows_for(prompt, values)) for prompt in prompts) > MOST_PROMPTS:
        template = N_("This makes more than %(most)s prompts. Split it into several lists.")
        return {}, (Fault("prompts", template, {"most": MOST_PROMPTS}),)
    made = [(prompt, row) for prompt in prompts for row in _rows_for(prompt, values)]
    templates = [template_of(prompt, row) if variables_in(prompt) else None for prompt, row in made]
    return {"prompts": [fill(*pair) for pair in made], "templates": templates}, ()


def _rows_for(prompt: str, rows: Sequence[dict[str, str]]) -> Sequence[dict[str, str]]:
    return rows if variables_in(prompt) else [{}]


def _without_references(asked: RunAsked) -> Iterator[Fault]:
    """Yield what is wrong with a run that sends no images."""
    models = asked.models if asked.mode == COMPARE and asked.axis == BY_MODEL else [asked.model]
    for model in models:
        if model.min_images:
            template = N_("%(model)s needs a reference image; add one.")
            yield Fault("input_images", template, {"model": model.name})


def _read_comparison(
    catalogue: Catalogue, data: QueryDict, model: ImageModel
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    prompt = data.get("prompt", "").strip()
    axis = data.get("axis", BY_MODEL)
    axis = axis if axis in axes_of(model) else BY_MODEL
    slugs = dict.fromkeys(data.getlist("models"))
    models = [one for slug in slugs if (one := catalogue.find_enabled(slug)) is not None]
    known = model.field(axis)
    chosen = [text for text in dict.fromkeys(data.getlist(f"values_{axis}")) if text]
    axis_values = [text for text in chosen if known and text in known.accepted]
    cells = models if axis == BY_MODEL else axis_values
    faults = []
    if names := variables_in(prompt):
        template = N_("A comparison has no variables: write {{%(name)s}} for the word in braces.")
        faults.append(Fault("prompt", template, {"name": names[0]}))
    if not prompt:
        faults.append(Fault("prompt", N_("Write the prompt to compare with."), {}))
    if not 2 <= len(cells) <= MOST_CELLS:
        faults.append(Fault("axis", N_("Choose at least two to compare."), {}))
    parts: dict[str, Any] = {
        "written": prompt,
        "prompts": [fill(prompt, {})] if prompt and not names else [],
        "axis": axis,
        "models": models,
        "axis_values": axis_values,
    }
    return parts, tuple(faults)
