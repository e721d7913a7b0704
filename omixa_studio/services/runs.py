"""Runs: many generations from one click, paused, resumed, cancelled and capped as one."""

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.db import IntegrityError
from django.db.models import F, Value

from omixa_studio.catalogue import Catalogue, Fault, ImageModel
from omixa_studio.catalogue.records import N_
from omixa_studio.models import Generation, Person, Picture, Run, RunKind
from omixa_studio.queries import generations

from . import budget, endings
from .pricing import Terms, price, terms_now
from .refusals import ChoiceRefused, Refused
from .submission import Choice, First, GenerationDraft, draft_for, queue, wake_quietly

MOST_ROWS = 200


class NotConfirmed(Refused):
    """The hold, in dollars, is so large that the person has to confirm it."""

    reason = "not_confirmed"

    def __init__(self, held: Decimal) -> None:
        template = N_("Tick the box to confirm the amount, then start again.")
        super().__init__(Fault("confirmed", template, {}))
        self.held = held


def submit_run(
    person: Person,
    choices: Sequence[Choice],
    *,
    kind: RunKind,
    catalogue: Catalogue,
    wake: Callable[[], None],
    confirmed: Decimal | bool = False,
    click: str | None = None,
    axis: str = "",
    cap_micros: int | None = None,
    made_from: Run | None = None,
    most: int = MOST_ROWS,
    beside: Callable[[Run], None] | None = None,
    first: First | None = None,
) -> Run:
    """Queue all choices as one run, or none of them; the same click returns the first run.

    `beside` writes further rows of the run in the same transaction, after the generations; `first`
    is as of `queue`. Raises ChoiceRefused for the first choice that does not fit, NotConfirmed and
    OrderRefused for the sum.
    """
    if click and (made := run_of_click(person, click)):
        return made
    if not 0 < len(choices) <= most:
        raise ChoiceRefused(_too_many(len(choices), most))
    refuse_unless_meant(catalogue, choices, confirmed=confirmed)
    run = Run(
        id=uuid.uuid4(),
        person=person,
        kind=kind,
        axis=axis,
        cap_micros=cap_micros,
        made_from=made_from,
    )
    terms = terms_now(catalogue, (choice.model for choice in choices))
    drafts = [draft_for(person, choice, terms) for choice in choices]
    _place(run, drafts, click)
    try:
        queue(drafts, terms, wake=wake, run=run, beside=beside, first=first)
    except (IntegrityError, budget.BudgetRefused):
        made = run_of_click(person, click) if click else None
        if made is None:
            raise
        return made
    return run


def _place(run: Run, drafts: Sequence[GenerationDraft], click: str | None) -> None:
    """Make drafts the rows of a run, in their order."""
    for position, draft in enumerate(drafts):
        draft.row.group = run.pk
        draft.row.click = _click_of(click, position)


def split(choice: Choice) -> list[Choice]:
    """Split a choice that asks for more pictures than one call of its model can return."""
    most, count = choice.model.max_count, choice.count
    if count <= most:
        return [choice]
    parts = [most] * (count // most) + ([count % most] if count % most else [])
    return [replace(choice, values={**choice.values, "n": part}) for part in parts]


def for_prompts(
    choice: Choice,
    prompts: Sequence[str],
    templates: Sequence[Mapping[str, object] | None] = (),
) -> list[Choice]:
    """Return the choice once per prompt; `templates` are the templates of the prompts."""
    made_from = templates or [None] * len(prompts)
    return [
        replace(choice, values={**choice.values, "prompt": prompt}, template=template)
        for prompt, template in zip(prompts, made_from, strict=True)
    ]


def for_models(choice: Choice, models: Sequence[ImageModel]) -> list[Choice]:
    """Return the choice once per model, with the values the model has a field for."""
    return [replace(choice, model=model, values=_fitting(model, choice.values)) for model in models]


def for_values(choice: Choice, field: str, values: Sequence[object]) -> list[Choice]:
    """Return the choice once per value of one option."""
    return [replace(choice, values={**choice.values, field: value}) for value in values]


def total(terms: Terms, choices: Sequence[Choice]) -> tuple[Decimal | None, Decimal]:
    """Return the estimated total of choices, None if a price is unknown, and their total hold.

    In dollars.
    """
    prices = [price(terms, choice.model, choice.values, choice.inputs) for choice in choices]
    amounts = [one.estimate.amount for one in prices if one.estimate.amount is not None]
    whole = len(amounts) == len(prices)
    held = sum((one.hold for one in prices), Decimal(0))
    return (sum(amounts, Decimal(0)) if whole else None), held


def asks_again(catalogue: Catalogue, held: Decimal) -> bool:
    """Return whether a hold, in dollars, needs confirmation."""
    return held > catalogue.ask_above


def refuse_unless_meant(
    catalogue: Catalogue, choices: Sequence[Choice], *, confirmed: Decimal | bool
) -> None:
    """Refuse choices with a large hold unless confirmed, True or up to so many dollars.

    Raises NotConfirmed.
    """
    if confirmed is True:
        return
    held = total(terms_now(catalogue, (choice.model for choice in choices)), choices)[1]
    if asks_again(catalogue, held) and held > confirmed:
        raise NotConfirmed(held)


def pause_run(run: Run) -> None:
    """Start no further row of a run; running rows finish and are stored."""
    Run.objects.filter(pk=run.pk).update(paused=True)


def resume_run(run: Run, *, wake: Callable[[], None]) -> None:
    """Resume a paused run."""
    Run.objects.filter(pk=run.pk).update(paused=False)
    wake_quietly(wake)


def cancel_run(run: Run) -> int:
    """Cancel the queued rows of a run; return their number."""
    return len(endings.cancel_waiting(Generation.objects.filter(group=run.pk)))


def mark_winner(picture: Picture, *, winner: bool) -> None:
    """Set or remove a picture's winner mark; a winner is no longer rejected."""
    verdict = Value("") if winner else F("verdict")
    Picture.objects.filter(pk=picture.pk).update(winner=winner, verdict=verdict)


def run_of_click(person: Person, click: str) -> Run | None:
    """Return the run that a click has already made, None for a new click.

    Raises ChoiceRefused if the click has made a single generation.
    """
    row = generations.of_click(person, click)
    if row is None:
        return None
    run = Run.objects.filter(pk=row.group).first()
    if run is None:
        raise ChoiceRefused(Fault("click", N_("This form has been sent already."), {}))
    return run


def _click_of(click: str | None, position: int) -> str | None:
    """Return the click itself for the first row, a value derived from it for the others."""
    if not click or not position:
        return click
    return f"{hashlib.sha256(click.encode()).hexdigest()[:56]}:{position}"


def _fitting(model: ImageModel, values: Mapping[str, object]) -> dict[str, object]:
    fitting: dict[str, object] = {}
    for name, value in values.items():
        field = model.field(name)
        closed = field is not None and field.accepted and field.accepted_is_complete
        if field is not None and (not closed or str(value) in field.accepted):
            fitting[name] = value
    return fitting


def _too_many(rows: int, most: int) -> Fault:
    template = N_("A run has between 1 and %(most)s requests, not %(rows)s.")
    return Fault("", template, {"most": most, "rows": rows})
