"""The studio screen: the form, its price, the board of results."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omixa_studio import jobs
from omixa_studio.catalogue import Catalogue, Fault, ImageModel, load_catalogue
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.clicks import new_click, read_click
from omixa_studio.forms.generation import (
    Asked,
    fault_sentence,
    option_texts,
    read_generation,
    read_id,
    read_ids,
)
from omixa_studio.models import Generation, Person, RunKind
from omixa_studio.presenters.costs.refusals import budget_fault
from omixa_studio.presenters.shell import shell_of
from omixa_studio.presenters.studio.bill import bill_for
from omixa_studio.presenters.studio.board import blocks_for, heads_for
from omixa_studio.presenters.studio.cards import cards_for, seen_stamps, stamps_of
from omixa_studio.presenters.studio.composer import compose
from omixa_studio.presenters.studio.references import Reference, listed, of_upload, sent_before
from omixa_studio.queries import generations
from omixa_studio.queries.pictures import visible_to
from omixa_studio.services import claims, runs, submission
from omixa_studio.services.beginning import (
    edit_model,
    first_model,
    mask_model,
    remembered,
    texts_of,
)
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.references import gather, keep_file
from omixa_studio.services.submission import Choice, ChoiceRefused

from . import respond
from .requests import PersonRequest

EXAMPLES = (
    N_("A lighthouse keeper's kitchen at dusk, copper pans, rain on the window, warm lamp"),
    N_("Paper-cut fox in a birch forest, morning fog, limited palette"),
    N_("A ceramic teapot on raw linen, studio light, long soft shadows"),
)


@require_GET
def page(request: PersonRequest) -> HttpResponse:
    """Show the form and the board; `model`, `prompt`, `again`, `input` fill the form."""
    return render(request, "studio/page.html", _page(request, **_wanted(request)))


@require_POST
def submit(request: PersonRequest) -> HttpResponse:
    """Queue what the form asks for, once per click; 422 with the form if it does not fit."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    asked = read_generation(
        catalogue, request.POST, request.FILES, upload_bytes=settings.UPLOAD_BYTES
    )
    faults = asked.faults
    if asked.model and not faults:
        try:
            made = _submit(request, catalogue, asked, asked.model)
        except ChoiceRefused as refusal:
            faults = refusal.faults
        except BudgetRefused as refusal:
            faults = (budget_fault(refusal),)
        else:
            return _queued(request, made)
    model = asked.model or first_model(catalogue, request.user)
    form = {
        "model": model,
        "texts": asked.texts,
        "references": _still_there(request.user, asked, request.POST),
    }
    context = (_form if respond.wants_part(request) else _page)(request, **form, faults=faults)
    return respond.refused(
        request,
        page="studio/page.html",
        fragment="studio/_composer.html",
        context=context,
        into="#composer",
    )


@require_http_methods(["GET", "POST"])
def cards(request: PersonRequest) -> HttpResponse:
    """Answer the page's poll with the cards that changed since it last looked.

    The page posts what it shows: five hundred stamps are too long for an address.
    """
    asked = request.POST or request.GET
    seen = seen_stamps(asked.get("seen", ""))
    now = stamps_of(request.user, seen)
    moved = [pk for pk, stamp in now.items() if stamp != seen[pk]]
    settled = bool(moved) or len(now) < len(seen)
    if not settled and not _queue_moved(request):
        return respond.nothing_new()
    rows = generations.changed_cards(request.user, moved)
    changed = cards_for(rows, load_catalogue(settings.MODELS_TOML))
    context = {
        "cards": changed,
        "heads": heads_for(changed).values(),
        "oob": True,
        "open": generations.open_of(request.user).count(),
        "shell": shell_of(request.user),
    }
    event = "money" if settled else ""
    return respond.part(request, "studio/cards.html", context, event=event)


@require_http_methods(["GET", "POST"])
def composer(request: PersonRequest) -> HttpResponse:
    """Show the form for another model, keeping the prompt, or with old settings (`again`)."""
    wanted = _switched(request) if request.method == "POST" else _wanted(request)
    if not respond.wants_part(request):
        return render(request, "studio/page.html", _page(request, **wanted))
    return respond.part(request, "studio/_composer.html", _form(request, **wanted))


@require_GET
def estimate(request: PersonRequest) -> HttpResponse:
    """Price the form as it stands."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    model = catalogue.find_enabled(request.GET.get("model", "")) or first_model(
        catalogue, request.user
    )
    shell = shell_of(request.user)
    given = sum(len(read_ids(request.GET, name)) for name in ("input_uploads", "input_pictures"))
    texts = option_texts(request.GET)
    bill = bill_for(catalogue, model, texts, shell.left, references=given)
    return respond.part(request, "studio/_estimate.html", {"bill": bill, "shell": shell})


@require_POST
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Cancel a generation of one's own while it is queued; free."""
    generation = get_object_or_404(Generation, pk=pk, person=request.user)
    if not claims.cancel(generation):
        messages.warning(request, _("Too late to cancel: it is already on its way."))
    if not respond.wants_part(request):
        return respond.see_other(reverse("studio"))
    return _board_part(request, generations.changed_cards(request.user, [pk]))


@require_POST
def retry(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask for a failed generation of one's own again, as a new one."""
    generation = get_object_or_404(Generation, pk=pk, person=request.user, state="failed")
    catalogue = load_catalogue(settings.MODELS_TOML)
    click = read_click(request.POST)
    try:
        made = submission.retry(generation, catalogue=catalogue, wake=jobs.wake, click=click)
    except ChoiceRefused as refusal:
        messages.error(request, " ".join(fault_sentence(fault) for fault in refusal.faults))
    except BudgetRefused as refusal:
        messages.error(request, fault_sentence(budget_fault(refusal)))
    else:
        return _queued(request, [made.pk])
    if not respond.wants_part(request):
        return respond.see_other(reverse("studio"))
    return _board_part(request, [])


def _queue_moved(request: PersonRequest) -> bool:
    """Whether the page shows other counts of the queue than there are."""
    shown = (request.POST or request.GET).get("queue")
    if shown is None:
        return False
    return generations.queue_counts(settings.GATEWAY_TARGET, request.user).stamp != shown


def _submit(
    request: PersonRequest, catalogue: Catalogue, asked: Asked, model: ImageModel
) -> list[int]:
    """Store the inputs and queue, in several calls where one cannot return so many.

    Returns the ids of the generations. Raises ChoiceRefused, BudgetRefused.
    """
    if asked.click and (made := generations.of_click(request.user, asked.click)):
        return [row.pk for row in generations.of_group(request.user, made.group)]
    images, mask = gather(request.user, asked)
    choice = Choice(model=model, values=asked.values, images=images, mask=mask)
    once = {"catalogue": catalogue, "wake": jobs.wake, "click": asked.click or None}
    parts = runs.split(choice)
    if len(parts) == 1:
        return [submission.submit(request.user, choice, **once).pk]
    run = runs.submit_run(request.user, parts, kind=RunKind.SPLIT, **once)
    return [row.pk for row in generations.of_group(request.user, run.pk)]


def _queued(request: PersonRequest, made: list[int]) -> HttpResponse:
    """Lead to the board; script gets the new cards, and a form ready for the next click."""
    if not respond.wants_part(request):
        return respond.see_other(reverse("studio"))
    rows = generations.changed_cards(request.user, made)
    return _board_part(request, rows, click=new_click())


def _board_part(
    request: PersonRequest,
    rows: Iterable[Generation],
    *,
    click: str = "",
) -> HttpResponse:
    """Answer script with cards, and with all around them that changed at the same time."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    context = {
        "blocks": blocks_for(cards_for(rows, catalogue)),
        "open": generations.open_of(request.user).count(),
        "shell": shell_of(request.user),
        "click": click,
    }
    return respond.part(request, "studio/cards.html", context, event="money")


def _page(request: PersonRequest, **form: Any) -> dict[str, object]:
    rows = generations.board(request.user)
    cards = cards_for(rows, load_catalogue(settings.MODELS_TOML))
    return {
        **_form(request, **form),
        "blocks": blocks_for(cards),
        "open": sum(card.is_open for card in cards),
        "examples": [_(example) for example in EXAMPLES],
    }


def _form(
    request: PersonRequest,
    *,
    model: ImageModel,
    texts: Mapping[str, str],
    references: Sequence[Reference] = (),
    faults: Sequence[Fault] = (),
    fresh: bool = False,
) -> dict[str, object]:
    """What the composer's template needs: the form, its price, a fresh one-time value."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    shell = shell_of(request.user)
    form = compose(catalogue, model, texts, references=references, faults=faults, fresh=fresh)
    return {
        "composer": form,
        "bill": bill_for(catalogue, model, texts, shell.left, references=len(references)),
        "shell": shell,
        "click": new_click(),
    }


def _wanted(request: PersonRequest) -> dict[str, Any]:
    """The form that the address asks for: an old generation's settings, a model, a prompt."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    again = read_id(request.GET.get("again", ""))
    if again is not None:
        old = get_object_or_404(generations.reusable(request.user), pk=again)
        model = catalogue.find_enabled(old.model) or first_model(catalogue, request.user)
        texts = {**texts_of(old, model), "prompt": old.prompt}
        references, faults = sent_before(request.user, old)
        return {"model": model, "texts": texts, "references": references, "faults": faults}
    edited = read_id(request.GET.get("edit", ""))
    if edited is not None:
        get_object_or_404(visible_to(request.user), pk=edited)
        return _edit(request, edit_model(catalogue, request.user), edited) | {"fresh": True}
    masked = read_id(request.GET.get("mask", ""))
    if masked is not None:
        get_object_or_404(visible_to(request.user), pk=masked)
        return _edit(request, mask_model(catalogue, request.user), masked)
    slug = request.GET.get("model", "")
    model = catalogue.find_enabled(slug) or first_model(catalogue, request.user)
    texts = remembered(request.user, model)
    if request.GET.get("prompt"):
        texts["prompt"] = request.GET["prompt"]
    return {"model": model, "texts": texts, "references": _named_in(request.user, request.GET)}


def _edit(request: PersonRequest, model: ImageModel, pk: int) -> dict[str, Any]:
    """The form with one picture as its reference, and no prompt yet.

    The count of the last click is left out: who edits a picture expects one, not seven.
    """
    texts = remembered(request.user, model)
    texts.pop("n", None)
    return {"model": model, "texts": texts, "references": listed(request.user, wanted=[pk])}


def _switched(request: PersonRequest) -> dict[str, Any]:
    """The form for another model: its own remembered choices, and the prompt just typed."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    slug = request.POST.get("model", "")
    model = catalogue.find_enabled(slug) or first_model(catalogue, request.user)
    texts = remembered(request.user, model) | {"prompt": request.POST.get("prompt", "")}
    return {"model": model, "texts": texts, "references": _named_in(request.user, request.POST)}


def _named_in(person: Person, data: QueryDict) -> list[Reference]:
    """The references that an address or a form names, spare ones last."""
    uploads = (*read_ids(data, "input_uploads"), *read_ids(data, "spare_uploads"))
    wanted = (*read_ids(data, "input_pictures"), *read_ids(data, "spare_pictures"))
    return listed(person, uploads, wanted)


def _still_there(person: Person, asked: Asked, data: QueryDict) -> list[Reference]:
    """The references of a form that was refused, its files among them: nobody chooses twice."""
    kept = []
    for file in asked.images:
        with suppress(ImageRefused):
            kept.append(of_upload(keep_file(person, file)))
    return [*_named_in(person, data), *kept]
