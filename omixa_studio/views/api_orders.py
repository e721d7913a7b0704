"""What a program orders: found again, or bought once; for every address that makes pictures."""

import threading
from contextlib import nullcontext

from django.conf import settings
from django.utils.translation import gettext as _

from omixa_studio import jobs
from omixa_studio.forms.api_images import FieldRefused, ImagesBody, choose
from omixa_studio.models import ApiOrder
from omixa_studio.presenters.api.failures import ApiFailure, refusal_shown
from omixa_studio.queries.request_rules import catalogue_for
from omixa_studio.services import api_orders as orders
from omixa_studio.services.beginning import usual_model
from omixa_studio.services.refusals import Refused

from .api_access import TokenRequest
from .api_errors import ApiError
from .deliveries import is_confirmed_meanwhile
from .openai_bodies import field_error

LONGEST_KEY = 255
# Each takes up to some hundred megabytes while it is made ready for sending.
_preparing = threading.BoundedSemaphore(4)


def order_of(request: TokenRequest, body: ImagesBody, *, stays: bool = False) -> ApiOrder:
    """Return the order that a request belongs to, bought now if it is a new one.

    `stays` is as of OrderWanted. Raises ApiError if it is refused.
    """
    wanted = orders.OrderWanted(
        token=request.token,
        digest=body.digest,
        key=key_of(request),
        is_repeat=request.headers.get("x-stainless-retry-count", "0") != "0",
        stays=stays,
    )
    try:
        order, ordinal = orders.find(wanted)
        if order and is_confirmed_meanwhile(order.pk):
            order, ordinal = orders.find(wanted)
        if order:
            return order
        return _bought(request, body, wanted, ordinal)
    except FieldRefused as refused:
        raise field_error(refused) from None
    except orders.KeyReused as refused:
        raise ApiError(409, refusal_shown(refused).message, code=refused.reason) from None
    except Refused as refused:
        raise error_of(refusal_shown(refused)) from None


def _bought(
    request: TokenRequest, body: ImagesBody, wanted: orders.OrderWanted, ordinal: int
) -> ApiOrder:
    catalogue = catalogue_for(request.user)
    usual = usual_model(catalogue, edits=body.is_edit)
    asked = choose(body, catalogue, usual, upload_bytes=settings.UPLOAD_BYTES)
    with _preparing if body.images else nullcontext():
        return orders.place(wanted, asked, ordinal, catalogue=catalogue, wake=jobs.wake)


def key_of(request: TokenRequest) -> str:
    """Return the Idempotency-Key of a request, "" for none. Raises ApiError."""
    key = request.headers.get("idempotency-key", "")
    if len(key) > LONGEST_KEY:
        said = _("An Idempotency-Key has up to %(most)s characters.") % {"most": LONGEST_KEY}
        raise ApiError(400, said, param="Idempotency-Key", code="invalid_value")
    return key


def error_of(failure: ApiFailure) -> ApiError:
    """Return the error of a failure, to be raised or answered."""
    return ApiError(
        failure.status,
        failure.message,
        type=failure.type,
        param=failure.param,
        code=failure.code,
        retry=failure.retry,
        **failure.more,
    )
