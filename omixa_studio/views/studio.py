"""The studio screen: the form, its price, the board of results."""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.catalogue import Catalogue, load_catalogue
from omixa_studio.catalogue.ruling import Ruling, within
from omixa_studio.forms.budget_requests import with_way
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.generation import (
    count_references,
    option_texts,
    read_generation,
    read_id,
    read_named,
    written_project,
)
from omixa_studio.forms.variables import literal, read_variables
from omixa_studio.models import Generation
from omixa_studio.presenters.shell import shells_of
from omixa_studio.presenters.studio import beginnings
from omixa_studio.presenters.studio.beginnings import Beginning
from omixa_studio.presenters.studio.bill import bill_for
from omixa_studio.presenters.studio.changes import BoardShown, changes_since, new_cards
from omixa_studio.presenters.studio.page import form_of, page_of
from omixa_studio.queries import generations
from omixa_studio.queries.pictures import visible_to
from omixa_studio.queries.presets import usable_by
from omixa_studio.queries.prompts import used_by
from omixa_studio.queries.request_rules import catalogue_for, ruling_of
from omixa_studio.sentences import say
from omixa_studio.services import asking, claims, pricing, sending, submission
from omixa_studio.services.beginning import first_model
from omixa_studio.services.refusals import Refused

from . import respond
from .refusals import refusal_of, refused_in_json, wants_json
from .requests import PersonRequest, click_of


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the form and the board; the address may fill the form: see `_wanted`."""
    ruling = ruling_of(request.user)
    wanted = _in_project(_wanted(request, _ruled(ruling)), request.GET)
    return render(request, "studio/page.html", page_of(request.user, wanted, ruling))


@require_POST
def submit(request: PersonRequest) -> HttpResponse:
    """Queue what the form asks for, once per click; 422 with the form if it does not fit."""
    person, catalogue = request.user, load_catalogue(settings.MODELS_TOML)
    asked = read_generation(
        catalogue, request.POST, request.FILES, upload_bytes=settings.UPLOAD_BYTES
    )
    try:
        made = asking.start(
            person, asked, catalogue=catalogue, wake=jobs.wake, click=click_of(request)
        )
    except Refused as refused:
        if wants_json(request):
            return refused_in_json(refused)
        refusal = refusal_of(request, refused)
        if refusal.made:
            return _board(request, (), click=new_click())
    else:
        return _board(request, made, click=new_click())
    kept = sending.keep_files(person, asked.images)
    named = read_named(request.POST)
    beginning = beginnings.refused(person, catalogue, asked, refusal.faults, named=named, kept=kept)
    ruling = ruling_of(person)
    context = (form_of if respond.wants_part(request) else page_of)(person, beginning, ruling)
    return respond.refused(
        request,
        page="studio/page.html",
        fragment="studio/_composer.html",
        context={**context, "offer": refusal.offer, "ways": refusal.ways(_ruled(ruling))},
        into="#composer",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def cards(request: PersonRequest) -> HttpResponse:
    """Answer the page's poll with the cards that changed since the last one.

    The page posts what it shows: five hundred stamps are too long for an address.
    """
    asked = request.POST or request.GET
    shown = BoardShown(
        seen=asked.get("seen", ""),
        queue=asked.get("queue"),
        lines=asked.get("lines"),
        after=read_id(asked.get("after", "")),
        ended=asked.get("shown", ""),
    )
    changes = changes_since(request.user, shown)
    if changes is None:
        return respond.nothing_new()
    event = "money" if changes.settled else ""
    return respond.part(request, "studio/cards.html", vars(changes), event=event)


@require_http_methods(["GET", "HEAD", "POST"])
def composer(request: PersonRequest) -> HttpResponse:
    """Show the form for another model, keeping the prompt, or with old settings (`again`)."""
    person, ruling = request.user, ruling_of(request.user)
    begin = _left if request.method == "POST" else _wanted
    beginning = _in_project(begin(request, _ruled(ruling)), request.POST or request.GET)
    if not respond.wants_part(request):
        return render(request, "studio/page.html", page_of(person, beginning, ruling))
    return respond.part(request, "studio/_composer.html", form_of(person, beginning, ruling))


@require_safe
def estimate(request: PersonRequest) -> HttpResponse:
    """Price the form as it stands."""
    catalogue = catalogue_for(request.user)
    named = catalogue.find_enabled(request.GET.get("model", ""))
    model = named or first_model(catalogue, request.user)
    project = read_id(request.GET.get("project", ""))
    shell, chosen = shells_of(request.user, model.slug, project)
    texts, given = option_texts(request.GET), count_references(request.GET)
    terms = pricing.terms_now(catalogue, [model])
    bill = bill_for(terms, model, texts, chosen.left, references=given)
    return respond.part(
        request, "studio/_estimate.html", {"bill": bill, "shell": shell, "chosen": chosen}
    )


@require_POST
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Cancel a generation of one's own while it is queued; free."""
    generation = get_object_or_404(Generation, pk=pk, person=request.user)
    if not claims.cancel(generation):
        messages.warning(request, _("Too late to cancel: the request was already sent."))
    return _board(request, [pk])


@require_POST
def retry(request: PersonRequest, pk: int) -> HttpResponse:
    """Request a failed generation of one's own again, as a new one."""
    generation = get_object_or_404(Generation, pk=pk, person=request.user, state="failed")
    catalogue = load_catalogue(settings.MODELS_TOML)
    try:
        made = submission.retry(
            generation, catalogue=catalogue, wake=jobs.wake, click=click_of(request)
        )
    except Refused as refused:
        if wants_json(request):
            return refused_in_json(refused)
        refusal = refusal_of(request, refused, ids=f"retry-{pk}-%s")
        if refusal.made:
            return _board(request, ())
        if refusal.offer and respond.wants_part(request):
            click = request.POST.get("click", "")
            shown = {"refusal": refusal, "old": generation, "click": click}
            return respond.asked_beside(request, "requests/_retry.html", shown)
        messages.error(request, " ".join(say(fault) for fault in refusal.faults))
    else:
        return _board(request, [made.pk], click=new_click())
    return _board(request, [pk])


def _board(request: PersonRequest, made: Sequence[int], *, click: str = "") -> HttpResponse:
    """Redirect to the board; script gets the cards, and with `click` a form for the next one."""
    if not respond.wants_part(request):
        return respond.see_other(reverse("studio"))
    new = vars(new_cards(request.user, made, click=click))
    return respond.part(request, "studio/cards.html", new, event="money")


def _ruled(ruling: Ruling) -> Catalogue:
    return within(load_catalogue(settings.MODELS_TOML), ruling)


def _wanted(request: PersonRequest, catalogue: Catalogue) -> Beginning:
    """Return the form that the address asks for: old settings or prompt, a picture, a model."""
    person = request.user
    old = read_id(request.GET.get("again", ""))
    if old is not None:
        row = get_object_or_404(generations.reusable(person), pk=old)
        count = read_id(request.GET.get("n", ""))
        return beginnings.again(person, catalogue, row, count=count)
    if (preset := read_id(request.GET.get("apply", ""))) is not None:
        return _applied(request, catalogue, preset, request.GET)
    used = read_id(request.GET.get("reuse", ""))
    if used is not None:
        prompt = get_object_or_404(used_by(person), pk=used).prompt
        return beginnings.anew(
            person, catalogue, prompt=literal(prompt), named=read_named(request.GET)
        )
    for name, begin in (("edit", beginnings.to_edit), ("mask", beginnings.to_mask)):
        pk = read_id(request.GET.get(name, ""))
        if pk is not None:
            return begin(person, catalogue, get_object_or_404(visible_to(person), pk=pk))
    return _named(request, catalogue, request.GET)


def _in_project(beginning: Beginning, data: QueryDict) -> Beginning:
    """Return a form with the project that an address or a form names, if it does."""
    project = written_project(data)
    return beginning if project is None else replace(beginning, project=project)


def _left(request: PersonRequest, catalogue: Catalogue) -> Beginning:
    """Return the form saved in a browser (`draft=yes`), for another model, or with a preset."""
    data = with_way(request.POST)
    return replace(_chosen(request, catalogue, data), variables=read_variables(data))


def _chosen(request: PersonRequest, catalogue: Catalogue, data: QueryDict) -> Beginning:
    if (preset := read_id(data.get("apply", ""))) is not None:
        return _applied(request, catalogue, preset, data)
    if data.get("draft") != "yes":
        return _named(request, catalogue, data)
    return beginnings.draft(
        request.user,
        catalogue,
        option_texts(data),
        slug=data.get("model", ""),
        named=read_named(data),
        preset=read_id(data.get("preset", "")),
    )


def _applied(request: PersonRequest, catalogue: Catalogue, pk: int, data: QueryDict) -> Beginning:
    """Return a form with a preset applied; whatever it leaves open keeps the form's value."""
    person = request.user
    preset = get_object_or_404(usable_by(person), pk=pk)
    texts, named = option_texts(data), read_named(data)
    return beginnings.with_preset(person, catalogue, preset, texts, named=named)


def _named(request: PersonRequest, catalogue: Catalogue, data: QueryDict) -> Beginning:
    """Return a form with the named model, prompt and references."""
    return beginnings.anew(
        request.user,
        catalogue,
        slug=data.get("model", ""),
        prompt=data.get("prompt", ""),
        named=read_named(data),
    )
