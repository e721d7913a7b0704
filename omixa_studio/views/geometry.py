"""What the script of a gallery fetches: its geometry, windows of tiles, places of pictures."""

from django.conf import settings
from django.http import (
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotFound,
    HttpResponseNotModified,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from omixa_studio.forms.collections import read_query
from omixa_studio.forms.gallery import read_sought
from omixa_studio.forms.windows import read_place, read_window
from omixa_studio.models import Collection
from omixa_studio.presenters.pictures.geometry import gzipped, head_of, plain
from omixa_studio.presenters.pictures.tiles import tiles_for
from omixa_studio.presenters.pictures.trail import collection_query, trail_query
from omixa_studio.queries import collections, galleries, pictures
from omixa_studio.queries.galleries import Gallery
from omixa_studio.queries.geometry import (
    geometry_of,
    ordinal_of,
    remember_version,
    version_lately,
    version_of,
)
from omixa_studio.queries.people import names_of

from .requests import PersonRequest

VERSION, BYTES = "X-Gallery-Version", "application/octet-stream"
# Galleries with pictures of several people, who are named.
OF_MANY = ("team", "collection")


@require_safe
def geometry(request: PersonRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """Answer with the shape of every picture of a gallery, for the script that lays them out."""
    gallery = _gallery(request, kind, pk)
    months = gallery.counted_months()
    version = remember_version(version_of(gallery, months), _asked(request, pk))
    tag = f'"{version}-{request.user.pk}-{get_language()}"'
    if tag in request.headers.get("if-none-match", ""):
        return _kept(HttpResponseNotModified(), tag)
    mapped = geometry_of(gallery, months)
    said = months if gallery.is_counted and kind != "trash" else []
    head = head_of(mapped, said, version=version)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return _kept(HttpResponse(plain(head, mapped), content_type=BYTES), tag)
    response = HttpResponse(gzipped(head, mapped), content_type=BYTES)
    response["Content-Encoding"] = "gzip"
    return _kept(response, tag)


@require_safe
def window(request: PersonRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """Answer with some tiles of a gallery, counted from a picture in it."""
    asked = read_window(request.GET)
    if asked is None:
        return HttpResponseBadRequest(_("These tiles do not exist."))
    gallery, person = _gallery(request, kind, pk), request.user
    if asked["key"] and not galleries.has_place(gallery, person, asked["key"]):
        return _gone()
    found = galleries.window(gallery, asked["key"], skip=asked["skip"], count=asked["count"])
    team = kind in OF_MANY
    makers = names_of(picture.person_id for picture in found) if team else {}
    shown = {
        "team": team,
        "trail": _trail(request, kind, pk),
        "tiles": tiles_for(found, person, makers=makers),
        "thrown": kind == "trash",
    }
    response = render(request, "gallery/_window.html", shown)
    months = gallery.counted_months()
    response[VERSION] = version_lately(gallery, months, _asked(request, pk))
    return response


@require_safe
def place(request: PersonRequest, kind: str, pk: int | None = None) -> HttpResponse:
    """Answer with the number of pictures above a picture, or above those of a day.

    The number is null if the gallery has no such picture: it may have left it a moment ago.
    """
    gallery, asked = _gallery(request, kind, pk), read_place(request.GET)
    if not asked:
        return HttpResponseBadRequest(_("Name a picture or a day."))
    found = asked.get("picture")
    if found is None:
        found = galleries.first_by(gallery, asked["day"])
    months = gallery.counted_months()
    ordinal = None if found is None else ordinal_of(gallery, months, found)
    if ordinal is None and found and not pictures.known_to(request.user).filter(pk=found).exists():
        return _gone()
    version = version_lately(gallery, months, _asked(request, pk))
    return JsonResponse({"ordinal": ordinal, "version": version})


def _gallery(request: PersonRequest, kind: str, pk: int | None) -> Gallery:
    sought = read_sought(request.GET, team=kind in OF_MANY)
    if pk is None:
        target = settings.GATEWAY_TARGET
        return galleries.gallery_of(kind, request.user, sought.values, target=target)
    collection = _collection(request, pk)
    live = read_query(collection.query)
    return collections.gallery_of(
        collection, request.user, sought.values, live.values, team=live.team
    )


def _asked(request: PersonRequest, pk: int | None) -> tuple[int, int | None, str]:
    """Return who asks for which collection with which filters."""
    return request.user.pk, pk, read_sought(request.GET, team=True).query


def _trail(request: PersonRequest, kind: str, pk: int | None) -> str:
    sought = read_sought(request.GET, team=kind in OF_MANY)
    if pk is None:
        return trail_query(sought, team=kind == "team")
    return collection_query(pk, sought)


def _collection(request: PersonRequest, pk: int) -> Collection:
    return get_object_or_404(collections.readable_by(request.user), pk=pk)


def _gone() -> HttpResponse:
    # Without the page around a 404, which nobody would see.
    return HttpResponseNotFound(_("This picture is not in this gallery."))


def _kept(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
