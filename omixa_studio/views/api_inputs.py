"""Uploads of programs: kept once per content, to be named in orders."""

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from omixa_studio.presenters.api.operations import FORM, Operation, tells
from omixa_studio.presenters.api.pictures import input_told
from omixa_studio.services import sending
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.reading import BUSY

from .api_access import TokenRequest, api
from .api_errors import ApiError


@tells(
    Operation(
        method="POST",
        summary="Upload an image to be sent along",
        about="The same image again has the same id. One that nothing uses goes after a day.",
        body="InputFile",
        body_kind=FORM,
        answers="Input",
        errors=(503,),
    )
)
@api("make", methods=("POST",))
def upload(request: TokenRequest) -> HttpResponse:
    """Keep an uploaded image as it will be sent, and tell its id."""
    if request.content_type != FORM:
        said = _("The body has to be a form with files.")
        raise ApiError(415, said, code="unsupported_media_type")
    files = request.FILES.getlist("image")
    if len(files) != 1 or len(request.FILES) != 1 or request.POST:
        raise ApiError(400, _("Send one file, as image."), param="image", code="invalid_value")
    try:
        kept = sending.keep_file(request.user, files[0])
    except ImageRefused as refusal:
        if str(refusal) == BUSY:
            raise ApiError(503, _(BUSY), code="studio_busy", retry=True) from None
        raise ApiError(400, _(str(refusal)), param="image", code="invalid_value") from None
    return JsonResponse(input_told(kept))
