"""What programs write into addresses and bodies, read by the forms; what is odd is an error."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from omixa_studio.forms.api_images import FieldRefused
from omixa_studio.forms.api_numbers import QueryPart, read_numbers
from omixa_studio.sentences import say
from omixa_studio.services.refusals import Refused

from .api_access import json_of
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


def conflict(refused: Refused) -> ApiError:
    """Return the error for what cannot be done as things are."""
    said = " ".join(say(fault) for fault in refused.faults)
    param = next((fault.field for fault in refused.faults if fault.field), None)
    return ApiError(409, said or _("Nothing was changed."), param=param, code=refused.reason)
