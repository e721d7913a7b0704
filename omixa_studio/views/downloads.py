"""A picture as a file of a chosen format and size."""

import io

from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from omixa_studio import storage
from omixa_studio.forms.downloads import ORIGINAL, Copies, read_copies
from omixa_studio.models import Picture
from omixa_studio.presenters.pictures.download import download_of
from omixa_studio.presenters.pictures.kinds import KINDS
from omixa_studio.presenters.pictures.saved import copy_name
from omixa_studio.queries.exports import exportable
from omixa_studio.services.converting import Target, convert
from omixa_studio.services.file_metadata import is_signed
from omixa_studio.services.kept import note_downloads
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.provenance import packet_of
from omixa_studio.services.reading import SECONDS_TO_WAIT

from . import respond
from .requests import PersonRequest


@require_safe
def choose(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask for format and size: a dialogue for script, else a page."""
    picture = get_object_or_404(exportable(request.user), pk=pk)
    copies, faults = read_copies(request.GET)
    return _asked(request, picture, copies, faults)


@require_safe
def converted(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return the picture in a format, at a size and quality; 422 with the dialogue if it fails."""
    picture = get_object_or_404(exportable(request.user), pk=pk)
    copies, faults = read_copies(request.GET)
    if faults:
        return _asked(request, picture, copies, faults)
    if copies.format == ORIGINAL:
        return respond.see_other(f"{reverse('picture_file', args=[pk])}?download=1")
    target = Target(copies.format, copies.side, copies.quality)
    packet = packet_of(picture, with_settings=copies.with_settings)
    try:
        original = storage.get(picture.name)
        data = convert(original, picture.format, target, packet, seconds=SECONDS_TO_WAIT)
    except storage.StorageAwayError:
        raise
    except OSError:
        return _asked(request, picture, copies, [_("The file of this picture is missing.")])
    except ImageRefused as refusal:
        return _asked(request, picture, copies, [_(str(refusal))])
    if request.method == "GET":
        note_downloads([pk])
    _name, kind, ending = KINDS[copies.format]
    name = copy_name(picture, ending)
    response = FileResponse(io.BytesIO(data), as_attachment=True, filename=name, content_type=kind)
    response["Content-Length"] = len(data)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _asked(
    request: PersonRequest, picture: Picture, copies: Copies, faults: list[str]
) -> HttpResponse:
    shown = {"download": download_of(picture, copies, signed=_signed(picture), faults=faults)}
    script = respond.wants_part(request)
    template = "pictures/_download.html" if script else "pictures/download.html"
    response = respond.part(request, template, {**shown, "in_dialog": script})
    response.status_code = 422 if faults else 200
    return response


def _signed(picture: Picture) -> bool:
    try:
        return is_signed(storage.get(picture.name), picture.format)
    except OSError:
        return False
