"""The files of pictures, only for people who may see them."""

from dataclasses import astuple
from pathlib import PurePath

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.crypto import salted_hmac
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from omixa_studio import storage
from omixa_studio.models import AnswerFile, LostCall, Picture
from omixa_studio.presenters.pictures.kinds import SHOWN, type_of
from omixa_studio.presenters.pictures.saved import file_name
from omixa_studio.queries import blind_tests, pictures
from omixa_studio.queries.unknown import unknown_calls
from omixa_studio.services import kept, renditions
from omixa_studio.services.blind_tests import first_is_left
from omixa_studio.services.pixels import ImageRefused

from .access import admin_only
from .requests import PersonRequest
from .stored import TYPES_OF_SUFFIX, guarded, missing, stored, tile_of_undrawn


@require_safe
def original(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return the original file of a picture; `?download=1` names it by words of its prompt."""
    rows = pictures.visible_to(request.user).select_related("generation")
    picture = get_object_or_404(rows, pk=pk)
    response = stored(
        request,
        picture.name,
        tag=picture.sha256,
        content_type=type_of(picture.format),
    )
    if response.status_code == 200:
        # An SVG may run scripts, and formats that browsers cannot display are saved anyway.
        saved = "download" in request.GET or picture.format not in SHOWN
        disposition = content_disposition_header(saved, file_name(picture))
        response["Content-Disposition"] = disposition or "inline"
        if "download" in request.GET and request.method == "GET":
            kept.note_downloads([pk])
    return response


@require_safe
def answer_file(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return a file of an answer that is no picture, to its person: saved, never opened.

    Also to admins, while the cost of the call is undecided.
    """
    may = Q(generation__person=request.user)
    if request.user.is_admin:
        may |= Q(generation__in=unknown_calls(settings.GATEWAY_TARGET).order_by().values("pk"))
    file = get_object_or_404(AnswerFile.objects.filter(may), pk=pk)
    kind = "application/json" if file.is_whole else "application/octet-stream"
    response = stored(request, file.name, tag=file.sha256, content_type=kind)
    if response.status_code == 200:
        name = f"answer-{file.generation_id}.json"
        if not file.is_whole:
            name = f"answer-{file.generation_id}-{file.index + 1}.bin"
        disposition = content_disposition_header(as_attachment=True, filename=name)
        response["Content-Disposition"] = disposition or "attachment"
    return response


@require_safe
@admin_only
def unknown_thumb(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return the thumbnail of anyone's picture, while its cost is undecided."""
    open_calls = unknown_calls(settings.GATEWAY_TARGET).order_by().values("pk")
    return _thumb_of(request, get_object_or_404(Picture, pk=pk, generation__in=open_calls))


@require_safe
@admin_only
def lost_answer(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return the whole answer of a lost call, as a download."""
    call = get_object_or_404(LostCall.objects.exclude(name=""), pk=pk)
    tag = str(call.attempt)
    response = stored(request, call.name, tag=tag, content_type="application/json")
    if response.status_code == 200:
        name = f"answer-{call.generation_id}.json"
        disposition = content_disposition_header(as_attachment=True, filename=name)
        response["Content-Disposition"] = disposition or "attachment"
    return response


@require_safe
def thumb(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return a picture's thumbnail, for its owner also from the trash."""
    picture = pictures.visible_to(request.user).filter(pk=pk).first()
    picture = picture or get_object_or_404(pictures.trash_of(request.user), pk=pk)
    return _thumb_of(request, picture)


@require_safe
def preview(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return a picture at 2048 pixels; a smaller one is its own preview."""
    picture = get_object_or_404(pictures.visible_to(request.user), pk=pk)
    if not picture.drawable:
        return tile_of_undrawn(picture)
    return stored(request, picture.preview or picture.name, tag=f"{picture.sha256}-preview")


@require_safe
def input_thumb(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return a small copy of an input image."""
    image = get_object_or_404(pictures.visible_inputs(request.user), pk=pk)
    unchanged = get_conditional_response(request, etag=f'"{image.sha256}-thumb"')
    if unchanged is not None:
        return guarded(unchanged, image.sha256 + "-thumb")
    try:
        small = renditions.render(storage.get(image.name), image.mime.removeprefix("image/")).thumb
    except storage.StorageAwayError:
        raise
    except (OSError, ImageRefused):
        return missing()
    response = HttpResponse(small.data, content_type=TYPES_OF_SUFFIX[small.suffix])
    return guarded(response, image.sha256 + "-thumb")


@require_safe
def input_file(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return an input image as it is sent."""
    image = get_object_or_404(pictures.visible_inputs(request.user), pk=pk)
    return stored(request, image.name, tag=image.sha256, content_type=image.mime)


@require_safe
def blind_left(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return the left picture of a blind test's pair, as this person sees it."""
    return _blind(request, pk, is_left=True)


@require_safe
def blind_right(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return the right picture of a blind test's pair, as this person sees it."""
    return _blind(request, pk, is_left=False)


def _blind(request: PersonRequest, pk: int, *, is_left: bool) -> HttpResponseBase:
    """Return a side of a pair without metadata: no byte or header is that of the picture's file."""
    pair = get_object_or_404(blind_tests.of_pair(request.user, pk))
    is_first = first_is_left(request.user.pk, pk) is is_left
    picture = pair.first if is_first else pair.second
    if picture is None or picture.trashed_at:
        raise Http404
    tag = salted_hmac("blind picture", f"{request.user.pk}:{pk}:{is_left}").hexdigest()
    unchanged = get_conditional_response(request, etag=f'"{tag}"')
    if unchanged is not None:
        return guarded(unchanged, tag)
    try:
        data = storage.get(picture.preview or picture.name)
        suffix = PurePath(picture.preview).suffix
        if not suffix:
            data, suffix = astuple(renditions.anonymous(data, picture.format))
    except storage.StorageAwayError:
        raise
    except (OSError, ImageRefused):
        return missing()
    return guarded(HttpResponse(data, content_type=TYPES_OF_SUFFIX[suffix]), tag)


def _thumb_of(request: PersonRequest, picture: Picture) -> HttpResponseBase:
    if not picture.drawable:
        return tile_of_undrawn(picture)
    return stored(request, picture.thumb, tag=f"{picture.sha256}-thumb")
