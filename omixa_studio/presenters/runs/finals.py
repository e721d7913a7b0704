"""Final quality for the winners of a run: its price, and what it saves."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from omixa_studio.catalogue import Catalogue, Fault, ImageModel
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.finals import FinalsAsked
from omixa_studio.models import Person, Picture, Run, dollars
from omixa_studio.presenters.projects import ProjectField, project_field
from omixa_studio.presenters.shell import Shell, shells_of
from omixa_studio.presenters.studio.beginnings import Beginning
from omixa_studio.presenters.studio.composer import Composer, compose
from omixa_studio.queries import runs as reads
from omixa_studio.sentences import say
from omixa_studio.services import runs
from omixa_studio.services.finals import choice_for
from omixa_studio.services.pricing import Terms, terms_now
from omixa_studio.services.submission import Choice

from .totals import RunTotal, model_of, total_of


@dataclass(frozen=True)
class Saving:
    """Dollars: all rows at final quality, compared with drafts and winners together."""

    everything: Decimal
    drafts: Decimal
    winners: Decimal

    @property
    def saved(self) -> Decimal:
        return self.everything - self.drafts - self.winners


@dataclass(frozen=True, kw_only=True)
class Finals:
    """The form for the winners; no total without winners, no saving without known prices.

    `chosen` is the frame with the money left for the model and the project that were chosen.
    """

    run: Run
    winners: Sequence[Picture]
    composer: Composer
    models: Sequence[ImageModel]
    model: ImageModel
    takes_draft: bool
    from_draft: bool
    total: RunTotal | None
    saving: Saving | None
    sentences: Sequence[str]
    project: ProjectField
    shell: Shell
    chosen: Shell
    click: str


def finals_of(
    person: Person,
    run: Run,
    winners: Sequence[Picture],
    catalogue: Catalogue,
    asked: FinalsAsked,
    *,
    faults: Sequence[Fault],
) -> Finals:
    """Draw the form for the winners of a run; it begins with the project of the first one."""
    model, begin = asked.model, asked.project
    if begin is None:
        begin = next((one.generation.project_id or 0 for one in winners), 0)
    field = project_field(person, begin, faults)
    terms = terms_now(catalogue, catalogue.models.values())
    priced = [choice_for(asked, picture.generation) for picture in winners]
    shell, chosen = shells_of(person, model_of(priced), field.chosen)
    return Finals(
        run=run,
        winners=winners,
        composer=compose(terms, Beginning(model=model, texts=asked.texts, faults=faults)),
        models=[one for one in catalogue.enabled if "generate" in one.operations],
        model=model,
        takes_draft=model.max_images > 0,
        from_draft=asked.from_draft or model.min_images > 0,
        total=total_of(terms, priced, chosen.left) if priced else None,
        saving=_saving(terms, run, asked, priced),
        sentences=[say(fault) for fault in faults if fault.field != "project"],
        project=field,
        shell=shell,
        chosen=chosen,
        click=new_click(),
    )


def _saving(terms: Terms, run: Run, asked: FinalsAsked, priced: Sequence[Choice]) -> Saving | None:
    """Return what is saved; None if a price is unknown or there are no winners."""
    rows = list(reads.rows_of(run))
    every = [choice_for(asked, row) for row in rows for _ in range(row.count)]
    everything = runs.total(terms, every)[0] if every else None
    winners = runs.total(terms, priced)[0] if priced else None
    if everything is None or winners is None:
        return None
    drafts = dollars(reads.progress_of(run, rows).spent_micros) or Decimal(0)
    return Saving(everything, drafts, winners)
