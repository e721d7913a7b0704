"""Review: one's own pictures of a gallery, one after the other, each with one answer."""

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from omixa_studio.forms.collections import read_query
from omixa_studio.forms.gallery import Sought, read_sought
from omixa_studio.forms.generation import read_id
from omixa_studio.forms.review import read_run_id
from omixa_studio.models import Person
from omixa_studio.presenters.review import Where, review_of
from omixa_studio.queries import collections, galleries
from omixa_studio.queries.galleries import Gallery
from omixa_studio.queries.review import gallery_of_run, own_of, step_of

from . import respond
from .requests import PersonRequest


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show a picture to be starred, rejected or skipped, or that it was the last one.

    Script gets the picture without the page around it, to have it before it is needed.
    """
    unmarked = request.GET.get("unmarked") == "1"
    where, gallery = _where(request.GET, request.user)
    after = read_id(request.GET.get("after", ""))
    at = after or read_id(request.GET.get("at", ""))
    step = step_of(own_of(gallery, request.user, unmarked=unmarked), at, beyond=after is not None)
    shown = {
        "review": review_of(step, where, at=at, unmarked=unmarked),
        "place": reverse("gallery"),
    }
    template = "_step.html" if respond.wants_part(request) else "review.html"
    return respond.part(request, f"review/{template}", shown)


def _where(data: QueryDict, person: Person) -> tuple[Where, Gallery]:
    """Return the gallery that an address names, and what leads back to it."""
    within = data.get("in", "")
    sought = read_sought(data, team=within in ("team", "collection"))
    if within == "collection":
        return _in_collection(data, person, sought)
    if within == "run":
        return _in_run(data, person)
    team = within == "team"
    texts = {"in": "team", **sought.texts} if team else dict(sought.texts)
    path = reverse("team" if team else "gallery")
    gallery = galleries.gallery_of("team" if team else "mine", person, sought.values)
    return Where(path=path, filters=sought.texts, texts=texts), gallery


def _in_collection(data: QueryDict, person: Person, sought: Sought) -> tuple[Where, Gallery]:
    pk = read_id(data.get("collection", ""))
    collection = get_object_or_404(collections.readable_by(person), pk=pk)
    live = read_query(collection.query)
    values = {name: value for name, value in sought.values.items() if name != "collection"}
    gallery = collections.gallery_of(collection, person, values, live.values, team=live.team)
    filters = sought.without(("collection",))
    texts = {"in": "collection", "collection": str(pk), **filters}
    path = reverse("collection", args=[collection.pk])
    return Where(path=path, filters=filters, texts=texts), gallery


def _in_run(data: QueryDict, person: Person) -> tuple[Where, Gallery]:
    pk = read_run_id(data.get("run", ""))
    gallery = gallery_of_run(person, pk) if pk else None
    if pk is None or gallery is None:
        raise Http404
    texts = {"in": "run", "run": str(pk)}
    return Where(path=reverse("run", args=[pk]), filters={}, texts=texts), gallery
