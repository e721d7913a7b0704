"""Upscale and remove background: the dialogue with the price, then the click that starts it."""

from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from omixa_studio import jobs
from omixa_studio.catalogue import Catalogue, load_catalogue
from omixa_studio.forms.actions import ActionAsked, read_action
from omixa_studio.models import Picture
from omixa_studio.presenters.pictures.questions import CUTOUT, UPSCALE, Action, ask, unable
from omixa_studio.queries.pictures import visible_to
from omixa_studio.services import actions, asking
from omixa_studio.services.beginning import remembered
from omixa_studio.services.refusals import Refused

from . import respond
from .refusals import RefusalShown, refusal_of, refused_in_json, wants_json
from .requests import PersonRequest, click_of


@require_http_methods(["GET", "HEAD", "POST"])
def upscale(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask before upscaling a picture, with its prompt and price; POST starts it."""
    return _one(request, pk, UPSCALE)


@require_http_methods(["GET", "HEAD", "POST"])
def cutout(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask before removing a picture's background, with the price; POST starts it."""
    return _one(request, pk, CUTOUT)


def _one(request: PersonRequest, pk: int, action: Action) -> HttpResponse:
    rows = visible_to(request.user).select_related("generation")
    picture = get_object_or_404(rows, pk=pk)
    catalogue = load_catalogue(settings.MODELS_TOML)
    posted = request.method == "POST"
    if question := unable(request.user, catalogue, action, [picture]):
        return respond.question(request, question, refused=posted)
    models = actions.models_for(catalogue, action.operation)
    asked = read_action(request.POST if posted else request.GET, models)
    asked, cut = asking.with_own_prompt(request.user, picture, asked)
    refusal = RefusalShown()
    if posted and asked.starts:
        try:
            return _start(request, catalogue, picture, action, asked)
        except Refused as refused:
            if wants_json(request):
                return refused_in_json(refused)
            refusal = refusal_of(request, refused, ids="action-%s")
            if refusal.made:
                return _asked(request)
    texts = asked.texts if posted else {**remembered(request.user, asked.model), **asked.texts}
    asked = replace(asked, texts=texts)
    question = ask(request.user, catalogue, asked, action, [picture], faults=refusal.faults)
    shown = replace(question, cut=cut)
    return respond.question(request, shown, refused=bool(refusal.faults), offer=refusal.offer)


def _asked(request: PersonRequest) -> HttpResponse:
    """Redirect to the board, where the request for money waits; script closes the dialog."""
    if not respond.wants_part(request):
        return respond.see_other(reverse("studio"))
    return respond.part(request, "actions/_started.html", {"oob": True})


def _start(
    request: PersonRequest,
    catalogue: Catalogue,
    picture: Picture,
    action: Action,
    asked: ActionAsked,
) -> HttpResponse:
    """Queue the action and redirect to the board; script stays on its page and gets a link."""
    click = click_of(request)
    asking.start_action(
        request.user, picture, asked, catalogue=catalogue, wake=jobs.wake, click=click
    )
    studio = reverse("studio")
    if not respond.wants_part(request):
        return respond.see_other(studio)
    said = format_html('{} <a href="{}">{}</a>', _(action.started), studio, _("Go to the studio"))
    messages.success(request, said)
    return respond.part(request, "actions/_started.html", {"oob": True}, event="money")
