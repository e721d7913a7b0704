"""The winners of a run, made again at final quality."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from omixa_studio import jobs
from omixa_studio.catalogue import Catalogue, ImageModel, load_catalogue
from omixa_studio.forms.finals import FinalsAsked, read_finals
from omixa_studio.presenters.runs.finals import finals_of
from omixa_studio.queries import runs as reads
from omixa_studio.services import finals
from omixa_studio.services.beginning import first_model, remembered
from omixa_studio.services.refusals import Refused

from . import respond
from .refusals import RefusalShown, refusal_of, refused_in_json, wants_json
from .requests import PersonRequest, click_of


@require_http_methods(["GET", "HEAD", "POST"])
def final(request: PersonRequest, pk: str) -> HttpResponse:
    """Show the winners with price and saving; with `step=start` make them again as a new run."""
    run = get_object_or_404(reads.runs_of(request.user), pk=pk)
    catalogue = load_catalogue(settings.MODELS_TOML)
    asked = _asked(request, catalogue)
    winners = list(reads.winners_in(run))
    refusal = RefusalShown(faults=asked.faults)
    if asked.starts:
        try:
            click = click_of(request, [winner.pk for winner in winners])
            made = finals.start(
                request.user, run, winners, asked, catalogue=catalogue, wake=jobs.wake, click=click
            )
        except Refused as refused:
            if wants_json(request):
                return refused_in_json(refused)
            refusal = refusal_of(request, refused)
            if refusal.made:
                return respond.see_other(reverse("studio"))
        else:
            return respond.see_other(reverse("run", args=[made.pk]))
    form = finals_of(request.user, run, winners, catalogue, asked, faults=refusal.faults)
    shown = vars(form)
    if respond.wants_part(request) and not asked.starts:
        return respond.part(request, "runs/_final_total.html", shown)
    shown = {**shown, "offer": refusal.offer}
    return render(request, "runs/final.html", shown, status=422 if asked.starts else 200)


def _asked(request: PersonRequest, catalogue: Catalogue) -> FinalsAsked:
    """Read the form; one just opened has the model's remembered options."""
    model = _model(request, catalogue)
    texts = None if request.method == "POST" else remembered(request.user, model)
    return read_finals(request.POST, model, texts)


def _model(request: PersonRequest, catalogue: Catalogue) -> ImageModel:
    asked = catalogue.find_enabled(request.POST.get("model", request.GET.get("model", "")))
    if asked is not None and asked.takes_prompt:
        return asked
    return first_model(catalogue, request.user)
