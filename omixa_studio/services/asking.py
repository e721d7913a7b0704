"""Turn submitted forms into choices and queued generations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from omixa_studio.catalogue import Catalogue, check_choice
from omixa_studio.forms.actions import ActionAsked
from omixa_studio.forms.generation import Asked
from omixa_studio.forms.runs import BY_MODEL, COMPARE, LIST, RunAsked
from omixa_studio.models import Generation, Person, Picture, Run, RunKind, Token, micros
from omixa_studio.queries import generations
from omixa_studio.queries.presets import usable_by
from omixa_studio.queries.projects import usable_among

from . import actions, projects, runs, sending, submission
from .refusals import ChoiceRefused
from .submission import Choice, First

KINDS = {LIST: RunKind.LIST, COMPARE: RunKind.COMPARE}


def start(
    person: Person,
    asked: Asked,
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
) -> list[int]:
    """Queue what a person asks for as `buy`, and remember the project for the next form."""
    made = buy(person, asked, catalogue=catalogue, wake=wake, click=click)
    projects.remember(person, asked.project)
    return made


def buy(
    person: Person,
    asked: Asked,
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
    first: First | None = None,
    token: Token | None = None,
) -> list[int]:
    """Store the images and queue; several calls if one cannot return so many pictures.

    Returns the ids of the generations; the same click again returns the first ones. `first` is as
    of `submission.queue`; `token` is by what a program asks. Raises ChoiceRefused, also for
    mistakes in the form, and BudgetRefused, AccountOff, TokenOff.
    """
    if asked.model is None or asked.faults:
        raise ChoiceRefused(*asked.faults)
    if click and (made := generations.of_click(person, click)):
        return [row.pk for row in generations.of_group(person, made.group)]
    images, mask = sending.gather(person, asked)
    choice = Choice(
        model=asked.model,
        values=asked.values,
        images=images,
        mask=mask,
        preset_id=_preset_of(person, asked),
        template=asked.template,
        project_id=asked.project,
        token_id=token.pk if token else None,
    )
    told: Mapping[str, Any] = {"catalogue": catalogue, "wake": wake, "click": click, "first": first}
    parts = runs.split(choice)
    if len(parts) == 1:
        return [submission.submit(person, choice, **told).pk]
    # The form shows the total next to its button; the number of calls is an internal detail.
    run = runs.submit_run(person, parts, kind=RunKind.SPLIT, confirmed=True, **told)
    return [row.pk for row in generations.of_group(person, run.pk)]


def start_run(
    person: Person,
    asked: RunAsked,
    choices: Sequence[Choice],
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
) -> Run:
    """Queue the choices of a form for many pictures as one run, once per click.

    Raises ChoiceRefused, also for mistakes in the form, NotConfirmed and BudgetRefused.
    """
    if asked.faults:
        raise ChoiceRefused(*asked.faults)
    if click and (made := runs.run_of_click(person, click)):
        return made
    run = runs.submit_run(
        person,
        _with_references(person, asked, choices),
        kind=KINDS[asked.mode],
        catalogue=catalogue,
        wake=wake,
        confirmed=asked.confirmed,
        click=click,
        axis=asked.axis if asked.mode != LIST else "",
        cap_micros=None if asked.cap is None else micros(asked.cap),
    )
    projects.remember(person, asked.project)
    return run


def _with_references(
    person: Person, asked: RunAsked, choices: Sequence[Choice]
) -> Sequence[Choice]:
    """Return the choices with the form's references, shrunk to fit the longest prompt."""
    if not asked.references or not choices:
        return choices
    # Checked before preparing any reference for sending, which takes a while.
    for choice in choices:
        if faults := check_choice(choice.model, choice.values, images=asked.references):
            raise ChoiceRefused(*faults)
    longest = max(choices, key=lambda choice: len(choice.prompt))
    images = sending.fitted(person, sending.references(person, asked), longest.values)
    return [replace(choice, images=images, to_come=0) for choice in choices]


def with_own_prompt(
    person: Person, picture: Picture, asked: ActionAsked
) -> tuple[ActionAsked, bool]:
    """Fill in the picture's own prompt if the form has none; return whether it was cut."""
    if not asked.model.takes_prompt or "prompt" in asked.texts:
        return asked, False
    own = actions.prompt_of(picture, person)
    prompt = actions.fitting_prompt(asked.model, own)
    if not prompt:
        return asked, False
    texts, values = {**asked.texts, "prompt": prompt}, {**asked.values, "prompt": prompt}
    return replace(asked, texts=texts, values=values), len(prompt) < len(own)


def start_action(
    person: Person,
    picture: Picture,
    asked: ActionAsked,
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
) -> Generation:
    """Queue an action on a picture, once per click.

    Raises ChoiceRefused, also for mistakes in the form, NotConfirmed and BudgetRefused.
    """
    if faults := asked.faults or check_choice(asked.model, asked.values, images=1):
        raise ChoiceRefused(*faults)
    project = project_of_action(person, [picture], asked)
    choice = Choice(model=asked.model, values=asked.values, to_come=1, project_id=project or None)
    return actions.start(person, picture, choice, catalogue=catalogue, wake=wake, click=click)


def start_action_on_many(
    person: Person,
    pictures: Sequence[Picture],
    asked: ActionAsked,
    prompts: Sequence[str],
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
) -> Run:
    """Queue an action on each picture as one run, all or none, once per click.

    `prompts` are the pictures' own, which take precedence over the form's. Raises ChoiceRefused,
    also for mistakes in the form, and BudgetRefused.
    """
    if asked.faults:
        raise ChoiceRefused(*asked.faults)
    project = project_of_action(person, pictures, asked) or None
    choices = [
        Choice(
            model=asked.model,
            values=_with_prompt(asked, prompt),
            to_come=1,
            project_id=project,
        )
        for prompt in prompts or [""] * len(pictures)
    ]
    # Checked before preparing any picture for sending, which takes a while.
    for choice in choices:
        if faults := check_choice(asked.model, choice.values, images=1):
            raise ChoiceRefused(*faults)
    pairs = list(zip(pictures, choices, strict=True))
    return actions.start_many(
        person,
        pairs,
        catalogue=catalogue,
        wake=wake,
        confirmed=asked.confirmed,
        click=click,
    )


def project_of_action(person: Person, pictures: Sequence[Picture], asked: ActionAsked) -> int:
    """Return the id of the project that an action belongs to, 0 for none.

    The one that the form names; else the one of all the pictures, or the one chosen last, if the
    person may spend on it.
    """
    if asked.project is not None:
        return asked.project
    common = {picture.project_id for picture in pictures}
    wanted = [common.pop() if len(common) == 1 else None, person.last_project_id]
    return usable_among(person, wanted) or 0


def choices_of(asked: RunAsked) -> list[Choice]:
    """Return one choice per call of the form; [] while the form has no prompt."""
    if not asked.prompts:
        return []
    values = {**asked.values, "prompt": asked.prompts[0]}
    first = Choice(
        model=asked.model, values=values, to_come=asked.references, project_id=asked.project
    )
    if asked.mode == LIST:
        rows = runs.for_prompts(first, asked.prompts, asked.templates)
    elif asked.axis == BY_MODEL:
        rows = runs.for_models(first, asked.models)
    else:
        rows = runs.for_values(first, asked.axis, asked.axis_values)
    return list(chain.from_iterable(runs.split(row) for row in rows))


def _preset_of(person: Person, asked: Asked) -> int | None:
    """Return the preset that a form began with, if the person may use it, for its model."""
    if asked.preset is None or asked.model is None:
        return None
    rows = usable_by(person).filter(pk=asked.preset, model=asked.model.slug)
    return rows.values_list("pk", flat=True).first()


def _with_prompt(asked: ActionAsked, prompt: str) -> Mapping[str, object]:
    return {**asked.values, "prompt": prompt} if prompt else asked.values
