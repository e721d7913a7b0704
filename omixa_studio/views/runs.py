"""Runs: the form for a list or a comparison, and a run's own page."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.budget_requests import asks_for_more
from omixa_studio.forms.generation import read_named, written_project
from omixa_studio.forms.runs import RunAsked, read_run
from omixa_studio.models import Picture, Run
from omixa_studio.presenters.runs.form import form_of
from omixa_studio.presenters.runs.grid import grid_of
from omixa_studio.presenters.studio.references import Reference, listed, of_upload
from omixa_studio.queries import runs as reads
from omixa_studio.services import asking, runs, sending
from omixa_studio.services.beginning import first_model, remembered
from omixa_studio.services.refusals import Refused

from . import respond
from .refusals import refusal_of, refused_in_json, wants_json
from .requests import PersonRequest, click_of


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest) -> HttpResponse:
    """Show the form and its total; with `step=start` queue the run."""
    person, catalogue = request.user, load_catalogue(settings.MODELS_TOML)
    asked = read_run(
        catalogue,
        request.POST or request.GET,
        request.FILES,
        first_model(catalogue, person),
        upload_bytes=settings.UPLOAD_BYTES,
    )
    project = written_project(request.POST or request.GET)
    draw = partial(form_of, person, catalogue, asked, project=project)
    if request.method != "POST":
        texts = {**remembered(person, asked.model), **asked.texts}
        form = draw(texts=texts, references=_references(request, asked))
        return render(request, "runs/new.html", vars(form))
    choices = asking.choices_of(asked)
    if request.POST.get("step") != "start" and not asks_for_more(request.POST):
        # Nobody is told what is missing before having begun.
        wrong = asked.faults if asked.written else ()
        if respond.wants_part(request):
            form = draw(choices=choices, faults=wrong)
            return respond.part(request, "runs/_total.html", vars(form))
        form = draw(choices=choices, faults=wrong, references=_references(request, asked))
        return render(request, "runs/new.html", vars(form))
    try:
        run = asking.start_run(
            person, asked, choices, catalogue=catalogue, wake=jobs.wake, click=click_of(request)
        )
    except Refused as refused:
        if wants_json(request):
            return refused_in_json(refused)
        refusal = refusal_of(request, refused)
        if refusal.made:
            return respond.see_other(reverse("studio"))
    else:
        return respond.see_other(reverse("run", args=[run.pk]))
    form = draw(choices=choices, faults=refusal.faults, references=_references(request, asked))
    shown = {**vars(form), "offer": refusal.offer}
    return render(request, "runs/new.html", shown, status=422)


def _references(request: PersonRequest, asked: RunAsked) -> list[Reference]:
    """Return the references that the form came with, and its files, which are stored."""
    kept = sending.keep_files(request.user, asked.images)
    named = read_named(request.POST or request.GET)
    return [*listed(request.user, named.uploads, named.pictures), *map(of_upload, kept)]


@require_safe
def page(request: PersonRequest, pk: str) -> HttpResponse:
    """Show a run of one's own as a labelled grid; its poll asks for the grid alone."""
    run = get_object_or_404(reads.runs_of(request.user).select_related("made_from"), pk=pk)
    grid = grid_of(run, load_catalogue(settings.MODELS_TOML), request.user)
    if respond.wants_part(request) and request.GET.get("seen") == grid.stamp:
        return respond.nothing_new()
    template = "runs/_part.html" if respond.wants_part(request) else "runs/run.html"
    return respond.part(request, template, vars(grid))


@require_POST
def pause(request: PersonRequest, pk: str) -> HttpResponse:
    """Start no further row; running ones finish and are kept."""
    run = get_object_or_404(reads.runs_of(request.user), pk=pk)
    runs.pause_run(run)
    return respond.see_other(_back(request, run))


@require_POST
def resume(request: PersonRequest, pk: str) -> HttpResponse:
    """Resume a paused run."""
    run = get_object_or_404(reads.runs_of(request.user), pk=pk)
    runs.resume_run(run, wake=jobs.wake)
    return respond.see_other(_back(request, run))


@require_POST
def cancel(request: PersonRequest, pk: str) -> HttpResponse:
    """Cancel the rows still queued, free of charge."""
    run = get_object_or_404(reads.runs_of(request.user), pk=pk)
    cancelled = runs.cancel_run(run)
    messages.info(request, _("Cancelled free of charge: %(count)s.") % {"count": cancelled})
    return respond.see_other(_back(request, run))


@require_POST
def winner(request: PersonRequest, pk: int) -> HttpResponse:
    """Mark a picture of one's own as a winner, or with `picked=no` remove the mark."""
    picture = get_object_or_404(Picture, pk=pk, person=request.user, trashed_at=None)
    marked = request.POST.get("picked") != "no"
    runs.mark_winner(picture, winner=marked)
    picture.winner = marked
    if respond.wants_part(request):
        return respond.part(request, "runs/_winner.html", {"picture": picture}, event="winner")
    return respond.see_other(reverse("run", args=[picture.generation.group]))


def _back(request: PersonRequest, run: Run) -> str:
    return (
        reverse("studio") if request.POST.get("from") == "studio" else reverse("run", args=[run.pk])
    )
