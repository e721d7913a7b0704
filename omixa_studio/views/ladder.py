"""Final quality for the winners of a run: explore cheaply, pay for the few that are good."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from omixa_studio import jobs
from omixa_studio.catalogue import Catalogue, Fault, ImageModel, load_catalogue, parse_choice
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.clicks import new_click, read_click
from omixa_studio.forms.generation import fault_sentence
from omixa_studio.models import Generation, Picture, Run, RunKind, dollars
from omixa_studio.presenters.costs.refusals import budget_fault
from omixa_studio.presenters.runs.totals import total_of
from omixa_studio.presenters.studio.beginnings import Beginning
from omixa_studio.presenters.studio.composer import compose
from omixa_studio.queries import runs as reads
from omixa_studio.services import runs, sending
from omixa_studio.services.beginning import first_model, remembered
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.submission import Choice, ChoiceRefused

from . import respond
from .requests import PersonRequest


@dataclass(frozen=True)
class Saving:
    """Dollars: all rows at final quality, beside drafts and winners together."""

    everything: Decimal
    drafts: Decimal
    winners: Decimal

    @property
    def saved(self) -> Decimal:
        return self.everything - self.drafts - self.winners


@require_http_methods(["GET", "POST"])
def final(request: PersonRequest, pk: str) -> HttpResponse:
    """Show the winners with price and saving; with `step=start` make them again as a new run."""
    run = get_object_or_404(reads.runs_of(request.user), pk=pk)
    catalogue = load_catalogue(settings.MODELS_TOML)
    model = _model(request, catalogue)
    winners = list(reads.picked_in(run))
    given = request.POST if request.method == "POST" else remembered(request.user, model)
    texts = {name: given[name] for name in given if model.field(name) and name != "prompt"}
    values, faults = parse_choice(model, texts)
    from_draft = request.POST.get("from_draft") == "yes" and model.max_images > 0
    priced = [_choice(model, values, picture.generation) for picture in winners]
    if request.POST.get("step") == "start" and not faults:
        try:
            made = _start(request, run, winners, priced if not from_draft else None, model, values)
        except ChoiceRefused as refusal:
            faults = refusal.faults
        except BudgetRefused as refusal:
            faults = (budget_fault(refusal),)
        else:
            return respond.see_other(reverse("run", args=[made.pk]))
    context = {
        "run": run,
        "winners": winners,
        "composer": compose(catalogue, Beginning(model=model, texts=texts, faults=faults)),
        "models": [one for one in catalogue.enabled if "generate" in one.operations],
        "model": model,
        "takes_draft": model.max_images > 0,
        "from_draft": from_draft or model.min_images > 0,
        "total": total_of(catalogue, priced, None) if priced else None,
        "saving": _saving(catalogue, run, model, values, priced),
        "sentences": [fault_sentence(fault) for fault in faults],
        "click": new_click(),
    }
    started = request.POST.get("step") == "start"
    if respond.wants_part(request) and not started:
        return respond.part(request, "runs/_final_total.html", context)
    return render(request, "runs/final.html", context, status=422 if started else 200)


def _start(
    request: PersonRequest,
    run: Run,
    winners: Sequence[Picture],
    priced: Sequence[Choice] | None,
    model: ImageModel,
    values: dict[str, str | int | float | bool],
) -> Run:
    """Queue one call per winner. Raises ChoiceRefused, BudgetRefused."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    if not winners:
        raise ChoiceRefused((Fault("", N_("Mark at least one winner first."), {}),))
    choices = priced or [_choice(model, values, picture.generation) for picture in winners]
    if total_of(catalogue, choices, None).asks and request.POST.get("confirmed") != "yes":
        template = N_("Tick that you mean to spend that much, then start again.")
        raise ChoiceRefused((Fault("confirmed", template, {}),))
    if priced is None:
        pairs = list(zip(winners, choices, strict=True))
        choices = sending.with_pictures(request.user, pairs)
    return runs.submit_run(
        request.user,
        choices,
        kind=RunKind.LADDER,
        catalogue=catalogue,
        wake=jobs.wake,
        click=read_click(request.POST),
        made_from=run,
    )


def _choice(
    model: ImageModel, values: dict[str, str | int | float | bool], draft: Generation
) -> Choice:
    """The draft's prompt and what the model takes of its options, under the final ones."""
    old = Choice(model=model, values={**draft.options, "prompt": draft.prompt})
    kept = runs.for_models(old, [model])[0].values
    merged = {name: value for name, value in {**kept, **values}.items() if name != "n"}
    return Choice(model=model, values=merged)


def _saving(
    catalogue: Catalogue,
    run: Run,
    model: ImageModel,
    values: dict[str, str | int | float | bool],
    priced: Sequence[Choice],
) -> Saving | None:
    """None while a price is not known, or nothing is marked."""
    rows = list(reads.rows_of(run))
    every = [_choice(model, values, row) for row in rows for _ in range(row.count)]
    everything = runs.total(catalogue, every)[0] if every else None
    winners = runs.total(catalogue, priced)[0] if priced else None
    if everything is None or winners is None:
        return None
    drafts = dollars(reads.progress_of(run, rows).spent_micros) or Decimal(0)
    return Saving(everything, drafts, winners)


def _model(request: PersonRequest, catalogue: Catalogue) -> ImageModel:
    asked = catalogue.find_enabled(request.POST.get("model", request.GET.get("model", "")))
    if asked is not None and asked.takes_prompt:
        return asked
    return first_model(catalogue, request.user)
