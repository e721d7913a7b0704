"""Actions on existing pictures: upscale them, remove their background."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from omixa_studio.catalogue import Catalogue, ImageModel
from omixa_studio.models import Generation, Person, Picture, Run, RunKind
from omixa_studio.queries import generations
from omixa_studio.queries.pictures import visible_to

from . import runs, sending, submission
from .submission import Choice

MOST_STEPS_BACK = 5


def models_for(catalogue: Catalogue, operation: str) -> tuple[ImageModel, ...]:
    """Return the enabled models that support an operation on one picture."""
    return tuple(
        model
        for model in catalogue.enabled
        if operation in model.operations and model.min_images <= 1 <= model.max_images
    )


def prompt_of(picture: Picture, person: Person) -> str:
    """Return a picture's own prompt, or the prompt of the picture it was made from.

    Only pictures that the person may see are considered; "" if none has a prompt.
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
    """Return a prompt cut to the length that a model accepts."""
    field = model.field("prompt")
    return prompt[: field.max_length].rstrip() if field and field.max_length else prompt


def prompts_for(model: ImageModel, pictures: Sequence[Picture], person: Person) -> list[str]:
    """Return each picture's own prompt, cut to the model's length; [] if it takes no prompt."""
    if not model.takes_prompt:
        return []
    return [fitting_prompt(model, prompt_of(picture, person)) for picture in pictures]


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

    Raises BudgetRefused, and ChoiceRefused, also if the picture cannot be sent.
    """
    if click and (made := generations.of_click(person, click)):
        return made
    [whole] = sending.with_pictures(person, [(picture, choice)])
    return submission.submit(person, whole, catalogue=catalogue, wake=wake, click=click)


def start_many(
    person: Person,
    pairs: Sequence[tuple[Picture, Choice]],
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    confirmed: Decimal | bool = False,
    click: str | None = None,
    kind: RunKind = RunKind.BULK,
    made_from: Run | None = None,
) -> Run:
    """Queue one choice per picture as one run, all or none; the same click returns the first run.

    Raises ChoiceRefused, NotConfirmed and BudgetRefused.
    """
    if click and (made := runs.run_of_click(person, click)):
        return made
    # Checked before preparing any picture for sending, which takes a while.
    choices = [choice for _picture, choice in pairs]
    runs.refuse_unless_meant(catalogue, choices, confirmed=confirmed)
    whole = sending.with_pictures(person, pairs)
    return runs.submit_run(
        person,
        whole,
        kind=kind,
        catalogue=catalogue,
        wake=wake,
        confirmed=True,
        click=click,
        made_from=made_from,
    )
