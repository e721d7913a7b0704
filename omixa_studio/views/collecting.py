"""Remove pictures from a collection, arrange it."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.collections import (
    MOST_IDS,
    read_ids,
    read_places,
)
from omixa_studio.forms.generation import read_id
from omixa_studio.models import Collection
from omixa_studio.presenters.collections import placed
from omixa_studio.presenters.pictures.tiles import tiles_for
from omixa_studio.queries import collections as read
from omixa_studio.queries import selections
from omixa_studio.queries.selections import Resolved
from omixa_studio.sentences import say
from omixa_studio.services import collecting
from omixa_studio.services.background import TooManyJobs
from omixa_studio.services.refusals import ChoiceRefused

from . import respond, undos
from .requests import PersonRequest
from .selected import busy, selected, start_later


@require_POST
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove pictures from a collection, many in the background; undo puts them where they were."""
    collection = _fillable(request, pk)
    of_gallery = selected(request) if request.POST.get("gallery") else None
    ids = of_gallery.first(request.user, MOST_IDS + 1) if of_gallery else _asked(request)
    if of_gallery and len(ids) > MOST_IDS:
        return _remove_later(request, collection, of_gallery)
    places = collecting.remove_pictures(collection, ids)
    if places:
        undo = f"{reverse('collection_put', args=[pk])}?{undos.keep(request, _query(places))}"
        said = ngettext(
            "%(n)d picture removed from the collection.",
            "%(n)d pictures removed from the collection.",
            len(places),
        )
        messages.success(request, said % {"n": len(places)}, extra_tags=f"undo:{undo}")
    return respond.back(request, reverse("collection", args=[pk]))


@require_POST
def put(request: PersonRequest, pk: int) -> HttpResponse:
    """Give pictures the positions `at`, one for each of `ids`: undoes a removal or a move."""
    collection = _fillable(request, pk)
    places = read_places(undos.sent_or_kept(request, "ids"))
    if places is None:
        raise BadRequest("as many positions as pictures are needed")
    try:
        collecting.put_pictures(collection, request.user, places)
    except ChoiceRefused as refusal:
        messages.error(request, " ".join(say(fault) for fault in refusal.faults))
    return respond.back(request, reverse("collection", args=[pk]))


@require_safe
def arrange(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the pictures of a collection to be put in order, a part at a time."""
    collection = _fillable(request, pk)
    if collection.order != "manual":
        return respond.see_other(reverse("collection", args=[pk]))
    gallery = read.gallery_of(collection, request.user, {}, {}, team=False)
    cursor = read_id(request.GET.get("from", ""))
    part = read.part_to_arrange(gallery, cursor)
    shown = {
        "collection": collection,
        "placed": placed(part.pictures, tiles_for(part.pictures, request.user), part),
        "part": part,
        "place": reverse("gallery"),
    }
    return render(request, "collections/arrange.html", shown)


@require_POST
def move(request: PersonRequest, pk: int) -> HttpResponse:
    """Move the pictures of `ids` to stand before the picture `before`, or at the end."""
    collection, ids = _fillable(request, pk), _asked(request)
    text = request.POST.get("before", "")
    before = read_id(text)
    if text and before is None:
        raise BadRequest("no such picture")
    former = collecting.move_pictures(collection, ids, before=before)
    if not former:
        messages.error(request, _("Not moved: the collection has changed. Reload the page."))
        return respond.back(request, reverse("collection_arrange", args=[pk]), refused=True)
    undo = f"{reverse('collection_put', args=[pk])}?{undos.keep(request, _query(former))}"
    messages.success(request, _("Moved."), extra_tags=f"undo:{undo}")
    return respond.back(request, reverse("collection_arrange", args=[pk]))


def _remove_later(request: PersonRequest, collection: Collection, chosen: Resolved) -> HttpResponse:
    person = request.user
    count = selections.found_by(person, chosen.selection, chosen.stretches).count
    where = reverse("collection", args=[collection.pk])
    try:
        start_later(person, "uncollect", chosen, collection, total=count)
    except TooManyJobs:
        messages.error(request, busy())
        return respond.back(request, where, refused=True)
    messages.success(request, _("It runs in the background. You can go on working."))
    return respond.back(request, where)


def _fillable(request: PersonRequest, pk: int) -> Collection:
    return get_object_or_404(read.fillable_by(request.user), pk=pk)


def _asked(request: PersonRequest) -> list[int]:
    if request.POST.get("gallery"):
        ids: list[int] | None = selected(request).first(request.user, MOST_IDS + 1)
    else:
        ids = read_ids(undos.sent_or_kept(request, "ids"))
    if not ids or len(ids) > MOST_IDS:
        raise BadRequest("no pictures, or too many")
    return ids


def _query(places: dict[int, int]) -> str:
    """Return positions by picture as a query; commas keep it short."""
    return f"ids={','.join(map(str, places))}&at={','.join(map(str, places.values()))}"
