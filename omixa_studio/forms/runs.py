"""What a run asks for: many prompts, or one prompt in several ways. Saves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from omixa_studio.catalogue import Catalogue, Fault, ImageModel, parse_choice
from omixa_studio.catalogue.records import N_

from .fields import read_cap
from .prompts import TooManyPrompts, prompts_in

LIST, COMPARE = "list", "compare"
BY_MODEL = "model"
MOST_PROMPTS = 200
MOST_CELLS = 24


@dataclass(frozen=True, kw_only=True)
class RunAsked:
    """The form as it came: for a list its prompts, for a comparison what it varies."""

    mode: str
    model: ImageModel
    texts: Mapping[str, str]
    values: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    written: str = ""
    prompts: Sequence[str] = ()
    axis: str = BY_MODEL
    models: Sequence[ImageModel] = ()
    axis_values: Sequence[object] = ()
    cap: Decimal | None = None
    cap_text: str = ""
    confirmed: bool = False
    faults: tuple[Fault, ...] = ()


def read_run(catalogue: Catalogue, data: QueryDict, fallback: ImageModel) -> RunAsked:
    """Read the form for many pictures; an unknown model becomes the fallback."""
    mode = COMPARE if data.get("mode") == COMPARE else LIST
    model = catalogue.find_enabled(data.get("model", "")) or fallback
    texts = {name: data.get(name, "") for name in data if name != "prompt" and model.field(name)}
    values, faults = parse_choice(model, texts)
    cap, wrong_cap = read_cap(data.get("cap", ""))
    read = _read_list if mode == LIST else _read_comparison
    parts, wrong = read(catalogue, data, model)
    return RunAsked(
        mode=mode,
        model=model,
        texts=texts,
        values=values,
        cap=cap,
        cap_text=data.get("cap", ""),
        confirmed=data.get("confirmed") == "yes",
        faults=(*faults, *wrong_cap, *wrong),
        **parts,
    )


def axes_of(model: ImageModel) -> list[str]:
    """What a comparison may vary: the model, or a field with a closed list of values."""
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
    if not model.takes_prompt or model.min_images:
        template = N_("%(model)s needs an input picture, so it cannot run a list of prompts.")
        faults.append(Fault("model", template, {"model": model.name}))
    return {"written": written, "prompts": prompts}, tuple(faults)


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
    if not prompt:
        faults.append(Fault("prompt", N_("Write the prompt to compare with."), {}))
    if not 2 <= len(cells) <= MOST_CELLS:
        faults.append(Fault("axis", N_("Choose at least two to compare."), {}))
    parts: dict[str, Any] = {
        "written": prompt,
        "prompts": [prompt] if prompt else [],
        "axis": axis,
        "models": models,
        "axis_values": axis_values,
    }
    return parts, tuple(faults)
