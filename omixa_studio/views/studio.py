"""The studio screen: the form, its price, the board of results."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omixa_studio import jobs
from omixa_studio.catalogue import Fault, load_catalogue
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.clicks import new_click, read_click
from omixa_studio.forms.generation import (
    count_references,
    option_texts,
    read_generation,
    read_id,
    read_named,
)
from omixa_studio.models import Generation, Person
from omixa_studio.presenters.costs.refusals import faults_of
from omixa_studio.presenters.shell import shell_of
from omixa_studio.presenters.studio import beginnings
from omixa_studio.presenters.studio.beginnings import Beginning
from omixa_studio.presenters.studio.bill import bill_for
from omixa_studio.presenters.studio.board import blocks_for, heads_for
from omixa_studio.presenters.studio.cards import cards_for, seen_stamps, stamps_of
from omixa_studio.presenters.studio.composer import compose
from omixa_studio.queries import generations
from omixa_studio.queries.pictures import visible_to
from omixa_studio.sentences import say
from omixa_studio.services import asking, claims, sending, submission
from omixa_studio.services.beginning import (
    first_model,
)
from omixa_studio.services.refusals import Refused

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
    return render(request, "studio/page.html", _page(request.user, _wanted(request)))


@require_POST
def submit(request: PersonRequest) -> HttpResponse:
    """Queue what the form asks for, once per click; 422 with the form if it does not fit."""
    person, catalogue = request.user, load_catalogue(settings.MODELS_TOML)
    asked = read_generation(
        catalogue, request.POST, request.FILES, upload_bytes=settings.UPLOAD_BYTES
    )
    faults: Sequence[Fault]
    try:
        made = asking.start(person, asked, catalogue=catalogue, wake=jobs.wake)
    except Refused as refusal:
        faults = faults_of(refusal)
    else:
        return _queued(request, made)
    kept = sending.keep_files(person, asked.images)
    named = read_named(request.POST)
    beginning = beginnings.refused(person, catalogue, asked, faults, named=named, kept=kept)
    return respond.refused(
        request,
        page="studio/page.html",
        fragment="studio/_composer.html",
        context=(_form if respond.wants_part(request) else _page)(person, beginning),
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
    switched = request.method == "POST"
    beginning = _named(request, request.POST) if switched else _wanted(request)
    if not respond.wants_part(request):
        return render(request, "studio/page.html", _page(request.user, beginning))
    return respond.part(request, "studio/_composer.html", _form(request.user, beginning))


@require_GET
def estimate(request: PersonRequest) -> HttpResponse:
    """Price the form as it stands."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    named = catalogue.find_enabled(request.GET.get("model", ""))
    model = named or first_model(catalogue, request.user)
    shell = shell_of(request.user)
    texts, given = option_texts(request.GET), count_references(request.GET)
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
    except Refused as refusal:
        messages.error(request, " ".join(say(fault) for fault in faults_of(refusal)))
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


def _page(person: Person, beginning: Beginning) -> dict[str, object]:
    """What the page needs: the form, and the board beside it."""
    cards = cards_for(generations.board(person), load_catalogue(settings.MODELS_TOML))
    return {
        **_form(person, beginning),
        "blocks": blocks_for(cards),
        "open": sum(card.is_open for card in cards),
        "examples": [_(example) for example in EXAMPLES],
    }


def _form(person: Person, beginning: Beginning) -> dict[str, object]:
    """What the composer's template needs: the form, its price, a fresh one-time value."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    shell = shell_of(person)
    given = len(beginning.references)
    return {
        "composer": compose(catalogue, beginning),
        "bill": bill_for(catalogue, beginning.model, beginning.texts, shell.left, references=given),
        "shell": shell,
        "click": new_click(),
    }


def _wanted(request: PersonRequest) -> Beginning:
    """The form that the address asks for: an old generation's settings, a picture, a model."""
    person, catalogue = request.user, load_catalogue(settings.MODELS_TOML)
    old = read_id(request.GET.get("again", ""))
    if old is not None:
        row = get_object_or_404(generations.reusable(person), pk=old)
        return beginnings.again(person, catalogue, row)
    for name, begin in (("edit", beginnings.to_edit), ("mask", beginnings.to_mask)):
        pk = read_id(request.GET.get(name, ""))
        if pk is not None:
            return begin(person, catalogue, get_object_or_404(visible_to(person), pk=pk))
    return _named(request, request.GET)


def _named(request: PersonRequest, data: QueryDict) -> Beginning:
    """A form for the model, the prompt and the references that are named."""
    return beginnings.anew(
        request.user,
        load_catalogue(settings.MODELS_TOML),
        slug=data.get("model", ""),
        prompt=data.get("prompt", ""),
        named=read_named(data),
    )
