"""One collection: its pictures, its settings, its deletion."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.collections import MOST_IDS, read_collection, read_query, written
from omixa_studio.forms.gallery import Sought, read_sought
from omixa_studio.forms.generation import read_id
from omixa_studio.presenters.collections import head_of
from omixa_studio.presenters.pictures.gallery import gallery_paths, script_paths
from omixa_studio.presenters.pictures.tiles import Section, section_of, tiles_for
from omixa_studio.presenters.pictures.trail import collection_query
from omixa_studio.queries import collections as read
from omixa_studio.queries import gallery_months, gallery_pages, pictures
from omixa_studio.queries.galleries import Gallery, page_in
from omixa_studio.queries.people import names_of
from omixa_studio.services import collecting, curating

from . import respond, undos
from .requests import PersonRequest, actor_of


@require_safe
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the pictures of a collection that the person may see, in its order."""
    person = request.user
    collection = get_object_or_404(read.readable_by(person), pk=pk)
    sought = read_sought(request.GET, team=True)
    live = read_query(collection.query)
    gallery = read.gallery_of(collection, person, sought.values, live.values, team=live.team)
    found = page_in(gallery, sought.cursor)
    shown = {
        "head": head_of(collection, person),
        "gallery_path": request.path,
        "paths": gallery_paths(request.path, sought.query, found, selecting=False),
        "script": script_paths("collection", sought.query, pk),
        "sought": sought,
        "trail": collection_query(pk, sought),
        "sections": _sections(request, gallery, found, sought),
        "team": True,
        "place": reverse("gallery"),
    }
    whole = not (respond.wants_part(request) and sought.cursor)
    template = "collections/collection.html" if whole else "gallery/_sections.html"
    return render(request, template, shown)


@require_POST
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Rename a collection, change its note, who may open it and its order, with an undo."""
    collection = get_object_or_404(read.changeable_by(request.user), pk=pk, deleted_at=None)
    former = written(collection)
    text = read_collection(undos.sent_or_kept(request, "name"))
    if not text.name:
        messages.error(request, _("A collection needs a name."))
    elif text.is_too_long:
        messages.error(request, _("The note is too long."))
    else:
        collecting.change_collection(collection, text, by=actor_of(request))
        path = reverse("collection_change", args=[pk])
        undo = f"undo:{path}?{undos.keep(request, former)}" if "name" in request.POST else ""
        messages.success(request, _("Saved."), extra_tags=undo)
    return respond.see_other(reverse("collection", args=[pk]))


@require_POST
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a collection, with an undo; its pictures stay."""
    collection = get_object_or_404(read.changeable_by(request.user), pk=pk)
    if collecting.delete_collection(collection, by=actor_of(request)):
        undo = reverse("collection_restore", args=[pk])
        said = _("Collection deleted. Its pictures are still in the gallery.")
        messages.success(request, said, extra_tags=f"undo:{undo}")
    return respond.see_other(reverse("collections"))


@require_POST
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Restore a deleted collection."""
    collection = get_object_or_404(read.changeable_by(request.user), pk=pk)
    if collecting.restore_collection(collection, by=actor_of(request)):
        messages.success(request, _("Restored."))
    elif collection.deleted_at:
        messages.error(request, _("Not restored: there are as many collections as are kept."))
    return respond.back(request, reverse("collections"))


@require_POST
def cover(request: PersonRequest, pk: int) -> HttpResponse:
    """Make the `picture` the cover; an undo names the one before, none if there was none."""
    collection = get_object_or_404(read.changeable_by(request.user), pk=pk, deleted_at=None)
    named = read_id(request.POST.get("picture", "") or request.GET.get("picture", ""))
    chosen = get_object_or_404(pictures.visible_to(request.user), pk=named) if named else None
    collecting.set_cover(collection, chosen)
    path = reverse("collection_cover", args=[pk])
    undo = f"undo:{path}?picture={collection.cover_id or ''}"
    messages.success(request, _("This is the cover now."), extra_tags=undo if chosen else "")
    return respond.back(request, reverse("collection", args=[pk]))


@require_POST
def share(request: PersonRequest, pk: int) -> HttpResponse:
    """Share the person's own private pictures of a collection with the team."""
    collection = get_object_or_404(read.readable_by(request.user), pk=pk)
    private = read.private_in(collection, request.user).values_list("pk", flat=True)
    shared = curating.share_several(request.user, list(private[:MOST_IDS]))
    if shared:
        undo = urlencode([("action", "private"), *(("ids", one) for one in shared)])
        said = ngettext(
            "%(n)d picture shared with the team.",
            "%(n)d pictures shared with the team.",
            len(shared),
        )
        tags = f"undo:{reverse('bulk')}?{undo}"
        messages.success(request, said % {"n": len(shared)}, extra_tags=tags)
    if curating.judged_among(list(private[:MOST_IDS])):
        messages.error(request, _("The team judges some of them blind until the test is closed."))
    return respond.back(request, reverse("collection", args=[pk]))


def _sections(
    request: PersonRequest, gallery: Gallery, page: gallery_pages.Page, sought: Sought
) -> list[Section]:
    """Return the tiles of a page: under months if sorted by time, else in one row after another."""
    person = request.user
    makers = names_of(picture.person_id for picture in page.pictures)
    if gallery.forwards:
        return [Section("", "", tiles_for(page.pictures, person, makers=makers))][
            : len(page.pictures)
        ]
    following = respond.wants_part(request) and sought.cursor is not None
    above = gallery_pages.made_at(person, sought.cursor[1]) if following and sought.cursor else None
    months = gallery_months.months_on(
        page, gallery.rows, target=settings.GATEWAY_TARGET, above=above
    )
    return [section_of(month, person, makers) for month in months]
