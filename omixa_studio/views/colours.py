"""The colours of a gallery's pictures, for the script that shows them."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from omixa_studio.forms.colours import read_colour
from omixa_studio.forms.gallery import read_sought
from omixa_studio.presenters.pictures.colours import byte_of, colours_head
from omixa_studio.presenters.pictures.geometry import gzipped, plain
from omixa_studio.queries import galleries
from omixa_studio.queries.geometry import geometry_of, version_of

from .requests import PersonRequest

BYTES = "application/octet-stream"


@require_safe
def colours(request: PersonRequest, kind: str) -> HttpResponse:
    """Answer with one byte per picture of a gallery, in the order of its geometry."""
    colour = read_colour(request.GET)
    if not colour:
        return HttpResponseBadRequest(_("There are no such colours."))
    sought = read_sought(request.GET, team=kind == "team")
    target = settings.GATEWAY_TARGET
    gallery = galleries.gallery_of(kind, request.user, sought.values, target=target)
    months, byte = gallery.counted_months(), byte_of(colour)
    version = version_of(gallery, months)
    marks = sum(month.marks for month in months)
    tag = f'"{version}-{marks}-{byte.name}-{request.user.pk}-{get_language()}"'
    if tag in request.headers.get("if-none-match", ""):
        return _kept(HttpResponseNotModified(), tag)
    mapped = geometry_of(gallery, months, byte)
    head = colours_head(mapped, colour, version=version)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return _kept(HttpResponse(plain(head, mapped), content_type=BYTES), tag)
    response = HttpResponse(gzipped(head, mapped), content_type=BYTES)
    response["Content-Encoding"] = "gzip"
    return _kept(response, tag)


def _kept(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
