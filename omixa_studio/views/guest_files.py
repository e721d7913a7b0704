"""The files of pictures at guest links, without the prompts that a link hides."""

from dataclasses import astuple
from pathlib import PurePath

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from omixa_studio import storage
from omixa_studio.models import GuestLink, Picture
from omixa_studio.presenters.guests import guest_file_name
from omixa_studio.presenters.pictures.kinds import SHOWN, type_of
from omixa_studio.queries.guests import OpenLink, picture_at
from omixa_studio.services import kept, renditions, stripping
from omixa_studio.services.pixels import ImageRefused

from .guest_access import KEEP, Guest, for_guests
from .stored import TYPES_OF_SUFFIX, guarded, missing, stored, tile_of_undrawn

KIND_OF_SUFFIX = {".jpg": "jpeg", ".webp": "webp", ".png": "png"}


@require_safe
@for_guests
def thumb(request: HttpRequest, shown: OpenLink, guest: Guest, number: int) -> HttpResponseBase:
    """Return the thumbnail of a picture at a link."""
    link, picture = shown.link, _picture(shown, number)
    if not picture.drawable:
        return _fresh(tile_of_undrawn(picture))
    return _rendition(request, picture.thumb, _tag(link, picture, "thumb"))


@require_safe
@for_guests
def preview(request: HttpRequest, shown: OpenLink, guest: Guest, number: int) -> HttpResponseBase:
    """Return a picture at up to 2048 pixels, encoded anew, so that it tells nothing else."""
    link, picture = shown.link, _picture(shown, number)
    if not picture.drawable:
        return _fresh(tile_of_undrawn(picture))
    tag = _tag(link, picture, "preview")
    if picture.preview:
        return _rendition(request, picture.preview, tag)
    unchanged = get_conditional_response(request, etag=f'"{tag}"')
    if unchanged is not None:
        return guarded(unchanged, tag, keep=KEEP)
    return _anonymous(picture, tag)


@require_safe
@for_guests
def file(request: HttpRequest, shown: OpenLink, guest: Guest, number: int) -> HttpResponseBase:
    """Return a picture as it came, where the link allows downloads.

    Where prompts are hidden, without what is written in the file besides the picture; a kind that
    cannot be read so is encoded anew.
    """
    link, picture = shown.link, _picture(shown, number)
    if not link.downloads:
        raise Http404
    tag = _tag(link, picture, f"file-{link.prompts}")
    unchanged = get_conditional_response(request, etag=f'"{tag}"')
    if unchanged is not None:
        return guarded(unchanged, tag, keep=KEEP)
    if link.prompts:
        kind = type_of(picture.format)
        response = stored(request, picture.name, tag=tag, content_type=kind, keep=KEEP)
        suffix = ""
    else:
        response, suffix = _without_texts(picture, tag)
    if response.status_code == 200:
        saved = "download" in request.GET or picture.format not in SHOWN
        name = guest_file_name(link, picture, number, suffix)
        response["Content-Disposition"] = content_disposition_header(saved, name) or "inline"
        if "download" in request.GET and request.method == "GET":
            kept.note_downloads([picture.pk])
    return response


def _rendition(request: HttpRequest, name: str, tag: str) -> HttpResponseBase:
    """Return a stored smaller copy; those of older versions repeat comments of the original."""
    unchanged = get_conditional_response(request, etag=f'"{tag}"')
    if unchanged is not None:
        return guarded(unchanged, tag, keep=KEEP)
    suffix = PurePath(name).suffix
    try:
        data = stripping.without_texts(storage.get(name), KIND_OF_SUFFIX[suffix], prompt="")
    except FileNotFoundError:
        return missing()
    return guarded(HttpResponse(data, content_type=TYPES_OF_SUFFIX[suffix]), tag, keep=KEEP)


def _picture(shown: OpenLink, number: int) -> Picture:
    picture = picture_at(shown, number)
    if picture is None:
        raise Http404
    return picture


def _without_texts(picture: Picture, tag: str) -> tuple[HttpResponseBase, str]:
    """Return the file without its texts, and its suffix if that is not the original's."""
    try:
        data = storage.get(picture.name)
    except FileNotFoundError:
        return missing(), ""
    prompt = picture.generation.prompt
    plain = stripping.without_texts(data, picture.format, prompt=prompt)
    if plain:
        return guarded(
            HttpResponse(plain, content_type=type_of(picture.format)), tag, keep=KEEP
        ), ""
    if not picture.drawable:
        raise Http404
    response = _anonymous(picture, tag)
    return response, ".jpg" if response["Content-Type"] == "image/jpeg" else ".webp"


def _anonymous(picture: Picture, tag: str) -> HttpResponseBase:
    try:
        data, suffix = astuple(renditions.anonymous(storage.get(picture.name), picture.format))
    except storage.StorageAwayError:
        raise
    except (OSError, ImageRefused):
        return missing()
    return guarded(HttpResponse(data, content_type=TYPES_OF_SUFFIX[suffix]), tag, keep=KEEP)


def _tag(link: GuestLink, picture: Picture, what: str) -> str:
    """Return a tag that tells nothing of the original: not even that two are the same."""
    return salted_hmac("guest file", f"{link.pk}:{picture.sha256}:{what}").hexdigest()


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = KEEP
    return response
