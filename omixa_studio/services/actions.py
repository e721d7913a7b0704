"""Work on pictures that are there already: enlarge them, cut out what they show."""

import json
from collections.abc import Callable, Mapping, Sequence

from django.conf import settings

from omixa_studio.catalogue import Catalogue, Fault, ImageModel
from omixa_studio.catalogue.records import N_
from omixa_studio.models import Generation, Person, Picture, Run, RunKind
from omixa_studio.queries import generations
from omixa_studio.queries.pictures import visible_to

from . import inputs, runs, submission
from .inputs import ImageRefused
from .submission import Choice, ChoiceRefused

MOST_STEPS_BACK = 5
BYTES_AROUND_AN_IMAGE = 512


def models_for(catalogue: Catalogue, operation: str) -> tuple[ImageModel, ...]:
    """The enabled models that do an operation on one picture."""
    return tuple(
        model
        for model in catalogue.enabled
        if operation in model.operations and model.min_images <= 1 <= model.max_images
    )


def prompt_of(picture: Picture, person: Person) -> str:
    """A picture's own prompt; where it was made without, that of the picture it came from.

    Only pictures that the person may see are asked; "" where none has a prompt.
    """
    for _step in range(MOST_STEPS_BACK):
        if prompt := picture.generation.prompt.strip():
            return prompt
        made_from = visible_to(person).filter(used_as__uses__generation=picture.generation_id)
        origin = made_from.select_related("generation").order_by("used_as__uses__position").first()
        if origin is None:
            return ""
        picture = origin
    return ""


def fitting_prompt(model: ImageModel, prompt: str) -> str:
    """As much of a prompt as a model takes."""
    field = model.field("prompt")
    return prompt[: field.max_length].rstrip() if field and field.max_length else prompt


def start(
    person: Person,
    picture: Picture,
    choice: Choice,
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
) -> Generation:
    """Queue a choice with a picture as its only input; the same click returns the first one.

    Raises ChoiceRefused, also where the picture cannot be sent, and BudgetRefused.
    """
    if click and (made := generations.of_click(person, click)):
        return made
    whole = _with_input(person, picture, choice)
    return submission.submit(person, whole, catalogue=catalogue, wake=wake, click=click)


def start_many(
    person: Person,
    pairs: Sequence[tuple[Picture, Choice]],
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
) -> Run:
    """Queue one choice for each picture as one run, all or none; the same click: the first run.

    Raises ChoiceRefused and BudgetRefused.
    """
    if click and (made := runs.run_of_click(person, click)):
        return made
    whole = [_with_input(person, picture, choice) for picture, choice in pairs]
    return runs.submit_run(
        person, whole, kind=RunKind.BULK, catalogue=catalogue, wake=wake, click=click
    )


def _with_input(person: Person, picture: Picture, choice: Choice) -> Choice:
    try:
        image = inputs.keep_picture(person, picture)
        images = inputs.fit(person, [image], _room(choice.values))
    except ImageRefused as refusal:
        raise ChoiceRefused((Fault("input_images", str(refusal), {}),)) from refusal
    except OSError as error:
        missing = N_("The file of this picture is not where it was stored.")
        raise ChoiceRefused((Fault("input_images", missing, {}),)) from error
    return Choice(model=choice.model, values=choice.values, images=images)


def _room(values: Mapping[str, object]) -> int:
    """How many bytes the image may have: base64 adds a third, the texts need room as well."""
    texts = len(json.dumps(values, ensure_ascii=False).encode())
    return max(settings.BODY_BYTES - texts - BYTES_AROUND_AN_IMAGE, 0) * 3 // 4
