"""The form of a blind test: prompts, contestants, numbers of pictures and votes. Saves nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product

from django.http import QueryDict

from omixa_studio.catalogue import Catalogue, Fault, ImageModel, parse_choice
from omixa_studio.catalogue.records import N_

from .fields import read_cap, read_confirmed
from .generation import read_project
from .prompts import TooManyPrompts, prompts_in
from .variables import fill, variables_in

MOST_PROMPTS, MOST_CONTESTANTS, MOST_PICTURES = 20, 12, 4
FEWEST_PAIRS, USUAL_PAIRS, MOST_PAIRS = 5, 30, 100
LONGEST_NAME = 120
# The options of which a model may enter several values, and the option shared by all models.
VARIED, SHAPE = ("quality", "size"), "aspect_ratio"
ALL, SOME = "all", "some"


@dataclass(frozen=True)
class ContestantAsked:
    """A model and its options; `values` are typed, `options` distinguish it in the test."""

    model: ImageModel
    options: Mapping[str, str]
    values: Mapping[str, str | int | float | bool]


@dataclass(frozen=True, kw_only=True)
class BlindTestAsked:
    """The form as submitted. `old` are the ids of the chosen used prompts."""

    name: str = ""
    written: str = ""
    old: Collection[int] = ()
    prompts: Sequence[str] = ()
    shape: str = ""
    chosen: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    contestants: Sequence[ContestantAsked] = ()
    pictures_each: int = 1
    pairs_each: int = USUAL_PAIRS
    open_to_all: bool = True
    people: Collection[int] = ()
    cap: Decimal | None = None
    cap_text: str = ""
    project: int | None = None
    confirmed: Decimal | bool = False
    faults: tuple[Fault, ...] = ()


def may_enter(model: ImageModel) -> bool:
    """Return whether a model can make a picture from a prompt alone."""
    return model.takes_prompt and "generate" in model.operations and not model.min_images


def read_blind_test(
    catalogue: Catalogue, data: QueryDict, *, old: Mapping[int, str], people: Collection[int]
) -> BlindTestAsked:
    """Read the form; `old` are the person's own prompts, `people` those who may be invited."""
    chosen_old = [pk for pk in old if str(pk) in data.getlist("old")]
    prompts, faults = _prompts(data.get("prompts", ""), [old[pk] for pk in chosen_old])
    shape = data.get(SHAPE, "")[:20]
    chosen = _chosen(catalogue, data)
    contestants, wrong = _contestants(catalogue, chosen, shape)
    cap, wrong_cap = read_cap(data.get("cap", ""))
    project, no_project = read_project(data)
    invited = {pk for pk in people if str(pk) in data.getlist("people")}
    is_for_all = data.get("voters", ALL) != SOME
    nobody = Fault("people", N_("Choose who votes, or let the whole team vote."), {})
    return BlindTestAsked(
        name=" ".join(data.get("name", "").replace("\x00", " ").split())[:LONGEST_NAME],
        written=data.get("prompts", ""),
        old=chosen_old,
        prompts=prompts,
        shape=shape,
        chosen=chosen,
        contestants=contestants,
        pictures_each=_number(data.get("each", ""), 1, 1, MOST_PICTURES),
        pairs_each=_number(data.get("pairs", ""), USUAL_PAIRS, FEWEST_PAIRS, MOST_PAIRS),
        open_to_all=is_for_all,
        people=() if is_for_all else invited,
        cap=cap,
        cap_text=data.get("cap", ""),
        project=project,
        confirmed=read_confirmed(data.get("confirmed", "")),
        faults=(
            *faults,
            *wrong,
            *wrong_cap,
            *no_project,
            *(() if is_for_all or invited else (nobody,)),
        ),
    )


def _prompts(written: str, old: Sequence[str]) -> tuple[list[str], tuple[Fault, ...]]:
    too_many = Fault(
        "prompts", N_("A blind test has at most %(most)s prompts."), {"most": MOST_PROMPTS}
    )
    try:
        new = prompts_in(written, most=MOST_PROMPTS)
    except TooManyPrompts:
        return [], (too_many,)
    if names := variables_in(*new):
        template = N_("A blind test has no variables: write {{%(name)s}} for the word in braces.")
        return [], (Fault("prompts", template, {"name": names[0]}),)
    # What was used before is taken as it was sent: braces in it are braces.
    found = [*dict.fromkeys([*(fill(prompt, {}) for prompt in new), *old])]
    if len(found) > MOST_PROMPTS:
        return [], (too_many,)
    none = Fault("prompts", N_("Write at least one prompt."), {})
    return found, () if found else (none,)


def _chosen(catalogue: Catalogue, data: QueryDict) -> dict[str, dict[str, list[str]]]:
    """Return the selected models, each with the selected values of the options that may vary."""
    return {
        slug: {
            option: [text for text in known.accepted if text in data.getlist(f"{option}:{slug}")]
            for option in VARIED
            if (known := model.field(option)) is not None
        }
        for slug in dict.fromkeys(data.getlist("models"))
        if (model := catalogue.find_enabled(slug)) is not None and may_enter(model)
    }


def _contestants(
    catalogue: Catalogue, chosen: Mapping[str, Mapping[str, Sequence[str]]], shape: str
) -> tuple[list[ContestantAsked], tuple[Fault, ...]]:
    found: list[ContestantAsked] = []
    faults: list[Fault] = []
    for slug, options in chosen.items():
        model = catalogue.models[slug]
        shared = {SHAPE: shape} if shape and _takes(model, SHAPE, shape) else {}
        # An option without a selection has one value, the model's default.
        for values in product(*(options[name] or [""] for name in options)):
            own = {name: text for name, text in zip(options, values, strict=True) if text}
            typed, wrong = parse_choice(model, {**shared, **own})
            found.append(ContestantAsked(model, own, typed))
            faults += wrong
    if not 2 <= len(found) <= MOST_CONTESTANTS:
        template = N_("Choose between two and %(most)s models or variants, not %(chosen)s.")
        faults.append(Fault("models", template, {"most": MOST_CONTESTANTS, "chosen": len(found)}))
        found = found if len(found) < 2 else []
    return found, tuple(faults)


def _takes(model: ImageModel, name: str, value: str) -> bool:
    known = model.field(name)
    return known is not None and value in known.accepted


def _number(text: str, usual: int, least: int, most: int) -> int:
    """Return a whole number limited to the bounds."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else usual
    return min(max(number, least), most)
