"""Make the winners of a run again at final quality: explore cheaply, pay only for the best."""

from collections.abc import Callable, Sequence

from omixa_studio.catalogue import Catalogue, Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.finals import FinalsAsked
from omixa_studio.models import Generation, Person, Picture, Run, RunKind

from . import actions, runs
from .refusals import ChoiceRefused
from .submission import Choice


def start(
    person: Person,
    run: Run,
    winners: Sequence[Picture],
    asked: FinalsAsked,
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
) -> Run:
    """Queue one call per winner as a new run, once per click.

    Raises ChoiceRefused, also for mistakes in the form, NotConfirmed and BudgetRefused.
    """
    if asked.faults:
        raise ChoiceRefused(*asked.faults)
    if not winners:
        raise ChoiceRefused(Fault("", N_("Mark at least one winner first."), {}))
    choices = [choice_for(asked, picture.generation) for picture in winners]
    if asked.from_draft:
        return actions.start_many(
            person,
            list(zip(winners, choices, strict=True)),
            kind=RunKind.FINAL,
            catalogue=catalogue,
            wake=wake,
            confirmed=asked.confirmed,
            click=click,
            made_from=run,
        )
    return runs.submit_run(
        person,
        choices,
        kind=RunKind.FINAL,
        catalogue=catalogue,
        wake=wake,
        confirmed=asked.confirmed,
        click=click,
        made_from=run,
    )


def choice_for(asked: FinalsAsked, draft: Generation) -> Choice:
    """Return the draft's prompt and the options its model accepts, overridden by the final ones.

    A form that says nothing of projects keeps the draft's.
    """
    old = Choice(model=asked.model, values={**draft.options, "prompt": draft.prompt})
    kept = runs.for_models(old, [asked.model])[0].values
    merged = {name: value for name, value in {**kept, **asked.values}.items() if name != "n"}
    return Choice(
        model=asked.model,
        values=merged,
        to_come=1 if asked.from_draft else 0,
        project_id=draft.project_id if asked.project is None else asked.project or None,
    )
