"""From the forms of the studio and of runs to choices and queued generations."""

from collections.abc import Callable
from itertools import chain

from omixa_studio.catalogue import Catalogue
from omixa_studio.forms.generation import Asked
from omixa_studio.forms.runs import BY_MODEL, LIST, RunAsked
from omixa_studio.models import Person, RunKind
from omixa_studio.queries import generations

from . import runs, sending, submission
from .submission import Choice, ChoiceRefused


def start(
    person: Person, asked: Asked, *, catalogue: Catalogue, wake: Callable[[], None]
) -> list[int]:
    """Store the images and queue, in several calls where one cannot return so many pictures.

    Returns the ids of the generations; the same click again returns the first ones. Raises
    ChoiceRefused, also for what was wrong with the form, and BudgetRefused.
    """
    if asked.model is None or asked.faults:
        raise ChoiceRefused(asked.faults)
    click = asked.click or None
    if click and (made := generations.of_click(person, click)):
        return [row.pk for row in generations.of_group(person, made.group)]
    images, mask = sending.gather(person, asked)
    choice = Choice(model=asked.model, values=asked.values, images=images, mask=mask)
    parts = runs.split(choice)
    if len(parts) == 1:
        row = submission.submit(person, choice, catalogue=catalogue, wake=wake, click=click)
        return [row.pk]
    run = runs.submit_run(
        person, parts, kind=RunKind.SPLIT, catalogue=catalogue, wake=wake, click=click
    )
    return [row.pk for row in generations.of_group(person, run.pk)]


def choices_of(asked: RunAsked) -> list[Choice]:
    """One choice per call that the form stands for; [] while it says too little."""
    if not asked.prompts:
        return []
    first = Choice(model=asked.model, values={**asked.values, "prompt": asked.prompts[0]})
    if asked.mode == LIST:
        rows = runs.for_prompts(first, asked.prompts)
    elif asked.axis == BY_MODEL:
        rows = runs.for_models(first, asked.models)
    else:
        rows = runs.for_values(first, asked.axis, asked.axis_values)
    return list(chain.from_iterable(runs.split(row) for row in rows))
