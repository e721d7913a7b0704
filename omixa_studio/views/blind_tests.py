"""Blind tests: the list, the form for a new one, and the results."""

from collections.abc import Sequence
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.catalogue import Catalogue, Fault, load_catalogue
from omixa_studio.forms.blind_tests import BlindTestAsked, read_blind_test
from omixa_studio.forms.budget_requests import asks_for_more
from omixa_studio.forms.generation import read_id, written_project
from omixa_studio.forms.offers import DEFAULT
from omixa_studio.presenters.blind_tests.form import form_of
from omixa_studio.presenters.blind_tests.pages import (
    blind_test_list,
    blind_test_sheet,
    may_see_results,
)
from omixa_studio.presenters.blind_tests.results import COLUMNS, results_of, results_rows
from omixa_studio.queries import blind_tests as reads
from omixa_studio.queries.people import everyone
from omixa_studio.queries.pictures import visible_to
from omixa_studio.sentences import say
from omixa_studio.services import blind_tests, deciding
from omixa_studio.services.offers import NotChanged
from omixa_studio.services.refusals import Refused

from . import csv_files, respond
from .proof import admin_act
from .refusals import RefusalShown, refusal_of, refused_in_json, wants_json
from .requests import PersonRequest, actor_of, click_of


@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """Show the tests that the person made or is invited to, newest first."""
    shown = blind_test_list(request.user, read_id(request.GET.get("before", "")))
    return render(request, "blind_tests/index.html", vars(shown))


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest) -> HttpResponse:
    """Show the form and its total; with `step=start` buy the pictures."""
    person, catalogue = request.user, load_catalogue(settings.MODELS_TOML)
    old = reads.recent_prompts(settings.GATEWAY_TARGET, person)
    people = [one for one in everyone().filter(is_active=True) if one != person]
    data = request.POST if request.method == "POST" else _begun(request)
    asked = read_blind_test(catalogue, data, old=old, people=[one.pk for one in people])
    # Nobody is told what is missing before having begun.
    faults: Sequence[Fault] = asked.faults if asked.written and asked.chosen else ()
    starts = request.POST.get("step") == "start" or asks_for_more(request.POST)
    outcome = _start(request, asked, catalogue) if starts else RefusalShown()
    if isinstance(outcome, HttpResponse):
        return outcome
    faults = outcome.faults if starts else faults
    draw = partial(form_of, person, catalogue, asked, old=old, people=people)
    form = vars(draw(faults=faults, project=written_project(data)))
    if respond.wants_part(request) and not starts:
        return respond.part(request, "blind_tests/_total.html", form)
    shown = {**form, "offer": outcome.offer}
    status = 422 if starts and not outcome.made else 200
    return render(request, "blind_tests/new.html", shown, status=status)


def _start(
    request: PersonRequest, asked: BlindTestAsked, catalogue: Catalogue
) -> HttpResponse | RefusalShown:
    """Start a test and go to it, or ask for the money, with which it starts by itself."""
    try:
        click = click_of(request)
        test = blind_tests.start(
            request.user, asked, catalogue=catalogue, wake=jobs.wake, click=click
        )
    except Refused as refused:
        if wants_json(request):
            return refused_in_json(refused)
        return refusal_of(request, refused)
    return respond.see_other(reverse("blind_test", args=[test.pk]))


@require_safe
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the progress of a test, and its results to those who may see them."""
    test = get_object_or_404(reads.visible_to(request.user).select_related("run"), pk=pk)
    sheet = blind_test_sheet(test, load_catalogue(settings.MODELS_TOML), request.user)
    if respond.wants_part(request) and request.GET.get("seen") == sheet.stamp:
        return respond.nothing_new()
    template = "blind_tests/_test.html" if respond.wants_part(request) else "blind_tests/test.html"
    return respond.part(request, template, {"sheet": sheet})


@require_POST
def close(request: PersonRequest, pk: int) -> HttpResponse:
    """Close a test; everyone then sees the results."""
    test = get_object_or_404(reads.closable_by(request.user), pk=pk)
    blind_tests.close(test, by=actor_of(request))
    return respond.see_other(reverse("blind_test", args=[pk]))


@require_POST
@admin_act
def adopt(request: PersonRequest, pk: int) -> HttpResponse:
    """Make the model that a test suggests the default for everyone."""
    test = get_object_or_404(reads.visible_to(request.user), pk=pk)
    catalogue = load_catalogue(settings.MODELS_TOML)
    if not may_see_results(test, reads.ballot_of(test, request.user)):
        raise Http404
    slug = results_of(test, catalogue, request.user).advice.adopts
    if slug:
        _adopt(request, slug)
    else:
        messages.error(request, _("The test suggests no model that could become the default."))
    return respond.see_other(reverse("blind_test", args=[pk]))


@require_safe
def export(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return the results as CSV, to those who may see them."""
    test = get_object_or_404(reads.visible_to(request.user), pk=pk)
    if not may_see_results(test, reads.ballot_of(test, request.user)):
        raise Http404
    results = results_of(test, load_catalogue(settings.MODELS_TOML), request.user)
    rows = results_rows(results)
    return csv_files.csv_file(request, f"blind-test-{pk}", COLUMNS, rows, days=(None, None))


def _adopt(request: PersonRequest, slug: str) -> None:
    try:
        deciding.apply_offer(settings.MODELS_TOML, slug, DEFAULT, {}, by=actor_of(request))
    except NotChanged as reason:
        messages.error(request, _("Nothing was changed. %(reason)s") % {"reason": say(reason.said)})
        return
    model = load_catalogue(settings.MODELS_TOML).find(slug)
    name = model.name if model else slug
    messages.success(request, _("Default model for everyone: %(name)s.") % {"name": name})


def _begun(request: PersonRequest) -> QueryDict:
    """Read the form's initial values: `picture` names pictures whose prompts are tested."""
    data = request.GET.copy()
    pks = [read_id(text) for text in data.getlist("picture")]
    if not pks:
        return data
    rows = visible_to(request.user).filter(pk__in=[pk for pk in pks if pk is not None])
    found = dict(rows.values_list("pk", "generation__prompt"))
    if len(found) < len(set(pks)):
        raise Http404
    lines = dict.fromkeys(" ".join(found[pk].split()) for pk in pks if pk is not None)
    data["prompts"] = "\n".join(filter(None, lines))
    return data
