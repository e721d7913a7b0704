"""The list of collections: mine and the team's; a new one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.collections import read_collection, read_saved_search
from omixa_studio.forms.generation import read_id
from omixa_studio.presenters.collections import cards_of_collections, new_choices
from omixa_studio.queries.collections import page_of_collections
from omixa_studio.sentences import say
from omixa_studio.services import collecting
from omixa_studio.services.refusals import ChoiceRefused

from . import respond
from .requests import PersonRequest

LONGEST_SEARCH = 100
TITLES = {"mine": gettext_lazy("Mine"), "team": gettext_lazy("Shared by others")}


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the person's collections and those that others share, each newest first.

    `whose` ("mine" or "team") shows one of the lists alone, from the one `before` an id on.
    """
    words = request.GET.get("q", "").replace("\x00", " ")[:LONGEST_SEARCH]
    alone = request.GET.get("whose", "")
    before = read_id(request.GET.get("before", "")) if alone else None
    lists = []
    for whose in [alone] if alone in TITLES else TITLES:
        found = page_of_collections(request.user, own=whose == "mine", words=words, before=before)
        cards = cards_of_collections(found.collections, request.user)
        older = urlencode([("whose", whose), ("q", words), ("before", str(found.before))])
        lists.append(
            {
                "whose": whose,
                "title": TITLES[whose],
                "cards": cards,
                "older": f"?{older}" if found.before else "",
            }
        )
    shown = {
        "lists": lists,
        "any": any(one["cards"] for one in lists),
        "words": words,
        "accesses": new_choices(),
        "place": reverse("gallery"),
    }
    return render(request, "collections/collections.html", shown)


@require_POST
def new(request: PersonRequest) -> HttpResponse:
    """Make a collection and open it; one with the `query` of a search is live."""
    text, query = read_collection(request.POST), read_saved_search(request.POST)
    if not text.name:
        messages.error(request, _("A collection needs a name."))
        return respond.back(request, reverse("collections"), refused=True)
    if query is None:
        messages.error(request, _("This search is too long to be saved, or searches for nothing."))
        return respond.back(request, reverse("collections"), refused=True)
    try:
        made = collecting.make_collection(request.user, text, query=query)
    except ChoiceRefused as refusal:
        messages.error(request, " ".join(say(fault) for fault in refusal.faults))
        return respond.back(request, reverse("collections"), refused=True)
    undo = reverse("collection_delete", args=[made.pk])
    messages.success(request, _("Collection made."), extra_tags=f"undo:{undo}")
    return respond.see_other(reverse("collection", args=[made.pk]))
