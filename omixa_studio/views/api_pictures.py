"""Pictures for programs: searched as in the galleries, told, marked, their files fetched."""

from collections.abc import Sequence

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from omixa_studio.forms.api_changes import (
    PictureChange,
    read_picture_change,
    read_pictures_change,
)
from omixa_studio.forms.api_gallery import (
    FILTERED,
    GALLERIES,
    PAGED,
    read_gallery,
)
from omixa_studio.forms.api_numbers import QueryText
from omixa_studio.models import Picture
from omixa_studio.presenters.api.operations import Operation, tells
from omixa_studio.presenters.api.pictures import facts_of, pictures_told
from omixa_studio.presenters.pictures.kinds import type_of
from omixa_studio.presenters.pictures.saved import file_name
from omixa_studio.queries import galleries, pictures
from omixa_studio.queries.api_pictures import whole
from omixa_studio.services import kept
from omixa_studio.services.picture_changes import change_pictures
from omixa_studio.services.refusals import ChoiceRefused, Refused

from .access import caller_of
from .api_access import TokenRequest, api
from .api_errors import ApiError
from .api_queries import change_of, conflict, gallery_page, numbers_of, read_by
from .stored import TYPES_OF_SUFFIX, stored_part

IN = QueryText("The gallery, mine if absent.", {"type": "string", "enum": list(GALLERIES)})
SEARCH = {"in": IN, **PAGED, **FILTERED}
RANGES = "One range of bytes may be asked for; the ETag is the SHA-256."


@tells(
    Operation(
        method="GET",
        summary="Search pictures, newest first",
        about="Filters and words are those of the galleries; a page follows by its before.",
        answers="GalleryPage",
        query=SEARCH,
        errors=(409,),
        example_query="in=team&q=harbour&count=1",
    ),
    Operation(
        method="PATCH",
        summary="Mark several pictures of one's own",
        about=(
            "The same as for one picture, without a note, on up to 500 of them: all that is sent "
            "on all of them, or nothing. An error names those that do not take it as its pictures."
        ),
        body="PicturesChange",
        answers="PicturesChanged",
        errors=(409,),
        example={"ids": [17, 18], "rejected": True, "untag": ["fog"]},
    ),
)
@api("read", methods=("GET", "PATCH"), posting="make read")
def search(request: TokenRequest) -> HttpResponse:
    """Tell a page of one's own pictures, of the team's or of one's trash; or change several."""
    if request.method == "PATCH":
        return _change_several(request)
    asked = numbers_of(request, SEARCH)
    kind = request.GET.get("in", "mine")
    sought = read_by(lambda: read_gallery(request.GET, team=kind == "team"))
    target = settings.GATEWAY_TARGET
    gallery = galleries.gallery_of(kind, request.user, sought.values, target=target)
    return JsonResponse(gallery_page(request, gallery, sought.values, asked))


@tells(
    Operation(method="GET", summary="Everything about a picture", answers="PictureFacts"),
    Operation(
        method="PATCH",
        summary="Mark a picture of one's own",
        about=(
            "Star or reject it, share it with the team, move it to the trash or restore it, write "
            "its note, put tags on it and take them off: all that is sent, or nothing."
        ),
        body="PictureChange",
        answers="PictureFacts",
        errors=(409,),
        example={"starred": True, "tag": ["harbour"]},
    ),
)
@api("read", methods=("GET", "PATCH"), posting="make read")
def picture(request: TokenRequest, pk: int) -> HttpResponse:
    """Tell everything about a picture that the person may see, or change one of their own."""
    if request.method == "PATCH":
        _change(request, pk)
    rows = pictures.visible_or_own(request.user).select_related("generation", "person")
    found = get_object_or_404(rows, pk=pk)
    sees = caller_of(request).sees_costs
    return JsonResponse(facts_of(found, request.user, sees_costs=sees))


@tells(
    Operation(method="GET", summary="The original file", about=RANGES, answers="", errors=(416,))
)
@api("read")
def file(request: TokenRequest, pk: int) -> HttpResponseBase:
    """Return the original file of a picture, byte for byte as it came, or a part of it."""
    rows = pictures.visible_to(request.user).select_related("generation")
    found = get_object_or_404(rows, pk=pk)
    kind = type_of(found.format)
    response = stored_part(
        request, found.name, tag=found.sha256, content_type=kind, size=found.bytes
    )
    if response.status_code == 200:
        disposition = content_disposition_header(as_attachment=True, filename=file_name(found))
        response["Content-Disposition"] = disposition or "attachment"
        if request.method == "GET":
            kept.note_downloads([pk])
    return response


@tells(Operation(method="GET", summary="A small copy, at most 512 pixels", answers=""))
@api("read")
def thumb(request: TokenRequest, pk: int) -> HttpResponseBase:
    """Return the thumbnail of a picture; 404 for one that cannot be drawn here."""
    found = get_object_or_404(pictures.visible_or_own(request.user), pk=pk)
    if not found.drawable:
        raise Http404
    suffix = found.thumb[found.thumb.rfind(".") :]
    kind = TYPES_OF_SUFFIX.get(suffix, "application/octet-stream")
    return stored_part(request, found.thumb, tag=f"{found.sha256}-thumb", content_type=kind)


def _change(request: TokenRequest, pk: int) -> None:
    """Change a picture of the person's own. Raises ApiError, Http404."""
    get_object_or_404(Picture, pk=pk, person=request.user)
    _change_all(request, [pk], change_of(request, read_picture_change))


def _change_several(request: TokenRequest) -> HttpResponse:
    asked, person = change_of(request, read_pictures_change), request.user
    own = Picture.objects.filter(person=person, pk__in=asked.ids).values_list("pk", flat=True)
    if missing := sorted(set(asked.ids).difference(own)):
        said = _("There is no such picture of yours.")
        raise ApiError(400, said, param="ids", code="picture_not_found", pictures=missing)
    _change_all(request, asked.ids, asked.change)
    rows = Picture.objects.filter(person=person).in_bulk(asked.ids)
    told = pictures_told(whole([rows[pk] for pk in asked.ids if pk in rows]), person)
    return JsonResponse({"pictures": told})


def _change_all(request: TokenRequest, pks: Sequence[int], asked: PictureChange) -> None:
    try:
        change_pictures(request.user, pks, asked)
    except (ChoiceRefused, Refused) as refused:
        raise conflict(refused) from None
