"""Many pictures at once: the form for a list or a comparison, and a run's own page."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omixa_studio import jobs
from omixa_studio.catalogue import Catalogue, Fault, load_catalogue
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.controls import Control, control_for
from omixa_studio.forms.generation import fault_sentence
from omixa_studio.forms.runs import BY_MODEL, LIST, RunAsked, axes_of, read_run
from omixa_studio.models import Generation, Picture, Run, RunKind, dollars, micros
from omixa_studio.presenters.costs.refusals import budget_fault
from omixa_studio.presenters.runs.totals import total_of
from omixa_studio.presenters.shell import shell_of
from omixa_studio.presenters.studio.beginnings import Beginning
from omixa_studio.presenters.studio.cards import Card, cards_for
from omixa_studio.presenters.studio.composer import compose
from omixa_studio.queries import runs as reads
from omixa_studio.services import runs
from omixa_studio.services.beginning import first_model, remembered
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.submission import Choice, ChoiceRefused
from omixa_studio.templatetags.studio import about, money, seconds

from . import respond
from .requests import PersonRequest

KINDS = {LIST: RunKind.LIST, "compare": RunKind.COMPARE}
SHOWN_PROMPTS = 12


@dataclass(frozen=True)
class Axis:
    """Something that a comparison may vary, with its values."""

    name: str
    label: str
    control: Control | None
    chosen: Sequence[str]


@dataclass(frozen=True)
class Cell:
    """One row of a run: its card under the label that tells it from the others."""

    label: str
    card: Card
    seconds: float | None
    cost: Decimal | None

    @property
    def facts(self) -> str:
        """What it cost, or may cost while it is open, and how long it took."""
        took = "" if self.seconds is None else seconds(self.seconds)
        return " · ".join(part for part in (self._amount, took) if part)

    @property
    def _amount(self) -> str:
        if self.cost is not None:
            return money(self.cost)
        if not self.card.is_open:
            return self.card.meta
        return "" if self.card.estimate is None else about(self.card.estimate)


@require_http_methods(["GET", "POST"])
def many(request: PersonRequest) -> HttpResponse:
    """Show the form and its total; with `step=start` queue the run."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    fallback = first_model(catalogue, request.user)
    asked = read_run(catalogue, request.POST or request.GET, fallback)
    if request.method == "GET":
        texts = {**remembered(request.user, asked.model), **asked.texts}
        return render(request, "runs/many.html", _form(request, catalogue, asked, texts=texts))
    choices = choices_of(asked)
    faults: tuple[Fault, ...] = asked.faults
    if request.POST.get("step") != "start":
        context = _form(request, catalogue, asked, choices=choices)
        template = "runs/_total.html" if respond.wants_part(request) else "runs/many.html"
        return respond.part(request, template, context)
    if not faults:
        try:
            run = _start(request, catalogue, asked, choices)
        except ChoiceRefused as refusal:
            faults = refusal.faults
        except BudgetRefused as refusal:
            faults = (budget_fault(refusal),)
        else:
            return respond.see_other(reverse("run", args=[run.pk]))
    context = _form(request, catalogue, asked, choices=choices, faults=faults)
    return render(request, "runs/many.html", context, status=422)


@require_GET
def page(request: PersonRequest, pk: str) -> HttpResponse:
    """Show a run of one's own as a labelled grid; its own poll asks for the grid alone."""
    run = get_object_or_404(reads.runs_of(request.user).select_related("made_from"), pk=pk)
    rows = list(reads.rows_of(run))
    catalogue = load_catalogue(settings.MODELS_TOML)
    progress = reads.progress_of(run, rows)
    context = {
        "run": run,
        "rows": rows,
        "cells": _cells(run, rows, catalogue),
        "progress": progress,
        "spent": dollars(progress.spent_micros),
        "cap": dollars(run.cap_micros),
        "stamp": _stamp(run, rows),
        "picked": sum(picture.picked for row in rows for picture in row.pictures.all()),
        "prompt": rows[0].prompt if rows else "",
        "finals": run.finals.all(),
    }
    if respond.wants_part(request) and request.GET.get("seen") == context["stamp"]:
        return respond.nothing_new()
    template = "runs/_part.html" if respond.wants_part(request) else "runs/run.html"
    return respond.part(request, template, context)


@require_POST
def pause(request: PersonRequest, pk: str) -> HttpResponse:
    """Start no further row; what is running finishes and is kept."""
    run = get_object_or_404(reads.runs_of(request.user), pk=pk)
    runs.pause_run(run)
    return respond.see_other(_back(request, run))


@require_POST
def resume(request: PersonRequest, pk: str) -> HttpResponse:
    """Go on with a paused run."""
    run = get_object_or_404(reads.runs_of(request.user), pk=pk)
    runs.resume_run(run, wake=jobs.wake)
    return respond.see_other(_back(request, run))


@require_POST
def cancel(request: PersonRequest, pk: str) -> HttpResponse:
    """Cancel what is still queued, free of charge."""
    run = get_object_or_404(reads.runs_of(request.user), pk=pk)
    cancelled = runs.cancel_run(run)
    messages.info(request, _("Cancelled, free of charge: %(count)s.") % {"count": cancelled})
    return respond.see_other(_back(request, run))


@require_POST
def pick(request: PersonRequest, pk: int) -> HttpResponse:
    """Mark a picture of one's own as a winner, or with `picked=no` take the mark away."""
    picture = get_object_or_404(Picture, pk=pk, person=request.user, trashed_at=None)
    picked = request.POST.get("picked") != "no"
    runs.pick(picture, picked=picked)
    picture.picked = picked
    if respond.wants_part(request):
        return respond.part(request, "runs/_pick.html", {"picture": picture}, event="picked")
    return respond.see_other(reverse("run", args=[picture.generation.group]))


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


def _start(
    request: PersonRequest, catalogue: Catalogue, asked: RunAsked, choices: Sequence[Choice]
) -> Run:
    total = total_of(catalogue, choices, None)
    if total.asks and not asked.confirmed:
        template = N_("Tick that you mean to spend that much, then start again.")
        raise ChoiceRefused((Fault("confirmed", template, {}),))
    return runs.submit_run(
        request.user,
        choices,
        kind=KINDS[asked.mode],
        catalogue=catalogue,
        wake=jobs.wake,
        click=asked.click or None,
        axis=asked.axis if asked.mode != LIST else "",
        cap_micros=None if asked.cap is None else micros(asked.cap),
    )


def _form(
    request: PersonRequest,
    catalogue: Catalogue,
    asked: RunAsked,
    *,
    choices: Sequence[Choice] = (),
    faults: Sequence[Fault] = (),
    texts: dict[str, str] | None = None,
) -> dict[str, object]:
    shell = shell_of(request.user)
    shown = asked.texts if texts is None else texts
    return {
        "asked": asked,
        "composer": compose(catalogue, Beginning(model=asked.model, texts=shown, faults=faults)),
        "models": [model for model in catalogue.enabled if not model.min_images],
        "axes": [_axis(asked, name) for name in axes_of(asked.model)],
        "total": total_of(catalogue, choices, shell.left) if choices else None,
        "prompts": asked.prompts[:SHOWN_PROMPTS],
        "more_prompts": max(len(asked.prompts) - SHOWN_PROMPTS, 0),
        "sentences": [fault_sentence(fault) for fault in faults],
        "shell": shell,
        "click": new_click(),
    }


def _axis(asked: RunAsked, name: str) -> Axis:
    field = asked.model.field(name)
    if field is None:
        return Axis(name, _("Model"), None, [model.slug for model in asked.models])
    chosen = [str(value) for value in asked.axis_values] if asked.axis == name else []
    return Axis(name, field.label, control_for(field, ""), chosen)


def _cells(run: Run, rows: Sequence[Generation], catalogue: Catalogue) -> list[Cell]:
    return [
        Cell(_label(run, row, catalogue), card, row.seconds, dollars(row.billed_micros))
        for row, card in zip(rows, cards_for(rows, catalogue), strict=True)
    ]


def _stamp(run: Run, rows: Sequence[Generation]) -> str:
    """What the grid shows, in few letters: the poll redraws it only when they differ."""
    shown = [
        (row.pk, row.state, row.sent_at is None, [p.pk for p in row.pictures.all() if p.picked])
        for row in rows
    ]
    return hashlib.sha256(repr((run.paused, shown)).encode()).hexdigest()[:16]


def _label(run: Run, row: Generation, catalogue: Catalogue) -> str:
    if run.kind != RunKind.COMPARE:
        return row.prompt
    model = catalogue.find(row.model)
    if run.axis == BY_MODEL:
        return model.name if model else row.model
    field = model.field(run.axis) if model else None
    value = str(row.options.get(run.axis, ""))
    return f"{_(field.label)}: {_(field.names.get(value, value))}" if field else value


def _back(request: PersonRequest, run: Run) -> str:
    return (
        reverse("studio") if request.POST.get("from") == "studio" else reverse("run", args=[run.pk])
    )
