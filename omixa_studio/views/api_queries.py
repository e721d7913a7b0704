"""What programs write into addresses and bodies, read by the forms; what is odd is an error."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from omixa_studio.forms.api_gallery import MOST_ON_A_PAGE
from omixa_studio.forms.api_images import FieldRefused
from omixa_studio.forms.api_numbers import QueryPart, read_numbers
from omixa_studio.presenters.api.pictures import gallery_told
from omixa_studio.queries.api_pictures import page_around
from omixa_studio.queries.galleries import Gallery
from omixa_studio.sentences import say
from omixa_studio.services.refusals import Refused

from .api_access import TokenRequest, json_of
from .api_errors import ApiError
from .openai_bodies import field_error

Read = TypeVar("Read")


def numbers_of(request: HttpRequest, known: Mapping[str, QueryPart]) -> dict[str, int]:
    """Return the numbers of a query that may hold nothing but these parts. Raises ApiError."""
    return read_by(lambda: read_numbers(request.GET, known))


def change_of(request: HttpRequest, read: Callable[[Mapping[str, Any]], Read]) -> Read:
    """Return what a JSON body asks for, read by a form. Raises ApiError."""
    fields = json_of(request)
    return read_by(lambda: read(fields))


def read_by(read: Callable[[], Read]) -> Read:
    """Return what a form reads; a field that it refuses is an ApiError."""
    try:
        return read()
    except FieldRefused as refused:
        raise field_error(refused) from None


def gallery_page(
    request: TokenRequest, gallery: Gallery, values: Mapping[str, Any], asked: Mapping[str, int]
) -> dict[str, Any]:
    """Return what is told of a page of a gallery. Raises ApiError if its place is gone."""
    page = page_around(request.user, gallery, values, asked.get("before"))
    if page is None:
        said = _("This position in the gallery no longer exists. Begin at its first page.")
        raise ApiError(409, said, param="before", code="place_gone")
    most, counted = asked.get("limit", MOST_ON_A_PAGE), bool(asked.get("count"))
    return gallery_told(gallery, page, request.user, most=most, counted=counted)


def conflict(refused: Refused) -> ApiError:
    """Return the error for what cannot be done as things are."""
    said = " ".join(say(fault) for fault in refused.faults)
    param = next((fault.field for fault in refused.faults if fault.field), None)
    which = getattr(refused, "pictures", None)
    more = {"pictures": which} if which else {}
    return ApiError(
        409, said or _("Nothing was changed."), param=param, code=refused.reason, **more
    )
