"""Add pictures to a collection: one, a few at once, many in the background."""

from collections.abc import Sequence
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from omixa_studio.forms.collections import (
    MOST_IDS,
    CollectionText,
    read_collection,
)
from omixa_studio.forms.generation import read_id
from omixa_studio.models import Collection, Person, Picture
from omixa_studio.presenters.adding import SHOWN_PICTURES, Adding, adding_of
from omixa_studio.queries import collections as read
from omixa_studio.queries import selections
from omixa_studio.queries.pictures import visible_to
from omixa_studio.queries.selections import Resolved
from omixa_studio.sentences import say
from omixa_studio.services import collecting, curating
from omixa_studio.services.background import TooManyJobs
from omixa_studio.services.refusals import ChoiceRefused

from . import respond, undos
from .requests import PersonRequest
from .selected import busy, selected, start_later

# The fields of a selection, which the dialogue sends again.
SELECTION = ("ids", "gallery", "ranges", "all", "without", "as_of")


@require_http_methods(["GET", "HEAD", "POST"])
def of_picture(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask to which collection to add a picture, and add it."""
    picture = get_object_or_404(visible_to(request.user), pk=pk)
    return _ask_or_add(request, [picture.pk])


@require_POST
def add(request: PersonRequest) -> HttpResponse:
    """Ask to which collection to add the pictures of a selection; with one, or a `name`, add them.

    Many of a gallery are added in the background; `ids` alone are all visible, or nothing is done.
    """
    chosen = selected(request)
    ids = chosen.first(request.user, MOST_IDS + 1)
    if len(ids) > MOST_IDS:
        return _ask_or_start(request, chosen, ids[:SHOWN_PICTURES])
    return _ask_or_add(request, ids)


def _ask_or_add(request: PersonRequest, ids: list[int]) -> HttpResponse:
    """Private pictures go into a shared collection only with a `share` of "yes" or "no"."""
    person = request.user
    pictures = _visible(person, ids)
    named = read_id(request.POST.get("collection", ""))
    text = read_collection(request.POST)
    if not (named or text.name):
        return _ask(request, adding_of(person, pictures))
    private = [one.pk for one in pictures if one.person_id == person.pk and not one.shared]
    chosen = get_object_or_404(read.fillable_by(person), pk=named) if named else None
    said = request.POST.get("share", "")
    if chosen and chosen.is_shared and private and said not in ("yes", "no"):
        return _ask(request, adding_of(person, pictures, into=chosen), refused=True)
    return _add(request, chosen, text, ids, sharing=private if said == "yes" else [])


def _ask_or_start(request: PersonRequest, chosen: Resolved, first: Sequence[int]) -> HttpResponse:
    """Ask to which collection to add many pictures, of which these are the first; or start it."""
    person, text = request.user, read_collection(request.POST)
    named = read_id(request.POST.get("collection", ""))
    into = get_object_or_404(read.fillable_by(person), pk=named) if named else None
    count = selections.found_by(person, chosen.selection, chosen.stretches).count
    asking = partial(adding_of, person, _visible(person, first), count=count)
    if not (into or text.name):
        return _ask(request, asking())
    private, said = 0, request.POST.get("share", "")
    if into and into.is_shared and said not in ("yes", "no"):
        private = selections.private_among(person, chosen.selection, chosen.stretches)
    if private:
        return _ask(request, asking(into=into, private=private), refused=True)
    step = "share_and_collect" if said == "yes" else "collect"
    made = None
    try:
        if not into:
            into = made = collecting.make_collection(person, text)
        start_later(person, step, chosen, into, total=count)
    except ChoiceRefused as refusal:
        return _ask(request, asking(faults=[say(fault) for fault in refusal.faults]), refused=True)
    except TooManyJobs:
        if made:
            made.delete()
        return _ask(request, asking(faults=[busy()]), refused=True)
    messages.success(request, _("It runs in the background. You can go on working."))
    if not respond.wants_part(request):
        return respond.back(request, reverse("collections"))
    return respond.part(request, "collections/_added.html", {"oob": True}, event="job-started")


def _add(
    request: PersonRequest,
    chosen: Collection | None,
    text: CollectionText,
    ids: Sequence[int],
    *,
    sharing: Sequence[int],
) -> HttpResponse:
    """Add pictures to a collection, or to a new one, and share some of them first."""
    person = request.user
    try:
        collection = chosen or collecting.make_collection(person, text)
        added = collecting.add_many(collection, person, ids)
    except ChoiceRefused as refusal:
        faults = [say(fault) for fault in refusal.faults]
        asked = adding_of(person, _visible(person, ids), faults=faults)
        return _ask(request, asked, refused=True)
    curating.share_several(person, sharing)
    path = reverse("collection_remove", args=[collection.pk])
    ids_added = undos.keep(request, f"ids={','.join(map(str, added))}")
    undo = f"undo:{path}?{ids_added}" if added else ""
    messages.success(request, _said(collection, len(added)), extra_tags=undo)
    where = respond.came_from(request) or reverse("collection", args=[collection.pk])
    if not respond.wants_part(request):
        return respond.see_other(where)
    shown = {"oob": True, "next_path": where}
    return respond.part(request, "collections/_added.html", shown, event="pictures-marked")


def _visible(person: Person, ids: Sequence[int]) -> list[Picture]:
    """Return the pictures in the order of their ids; 404 unless all of them are visible."""
    rows = visible_to(person).in_bulk(list(ids))
    if len(rows) < len(ids):
        raise Http404
    return [rows[pk] for pk in ids]


def _said(collection: Collection, count: int) -> str:
    name = {"name": collection.name, "n": count}
    if not count:
        return _("Already in “%(name)s”.") % name
    said = ngettext(
        "%(n)d picture added to “%(name)s”.", "%(n)d pictures added to “%(name)s”.", count
    )
    return said % name


def _ask(request: PersonRequest, asked: Adding, *, refused: bool = False) -> HttpResponse:
    """Ask for a collection: on a page, or for script in a dialog."""
    in_dialog = respond.wants_part(request)
    template = "collections/_adding.html" if in_dialog else "collections/adding.html"
    sent = request.POST or request.GET
    kept = [(name, text) for name in SELECTION for text in sent.getlist(name)]
    shown = {
        "adding": asked,
        "in_dialog": in_dialog,
        "next": sent.get("next", ""),
        "sent": kept or [("ids", str(one.pk)) for one in asked.pictures],
    }
    return render(request, template, shown, status=422 if refused else 200)
