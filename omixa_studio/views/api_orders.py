"""What a program orders: found again, or bought once; for every address that makes pictures."""

import threading
from collections.abc import Callable
from contextlib import nullcontext

from django.conf import settings
from django.utils.translation import gettext as _

from omixa_studio import jobs
from omixa_studio.catalogue import Catalogue, Fault
from omixa_studio.forms.api_images import LONGEST_KEY, FieldRefused, ImagesBody, choose
from omixa_studio.forms.generation import Asked
from omixa_studio.models import ApiOrder
from omixa_studio.presenters.api.failures import ApiFailure, refusal_shown
from omixa_studio.queries.inputs import uploads_of, usable_pictures
from omixa_studio.queries.request_rules import catalogue_for
from omixa_studio.services import api_orders as orders
from omixa_studio.services.beginning import usual_model
from omixa_studio.services.refusals import Refused
from omixa_studio.services.sending import NO_PICTURE

from .api_access import TokenRequest
from .api_errors import ApiError
from .deliveries import is_confirmed_meanwhile
from .openai_bodies import field_error

BeforeBuying = Callable[[Asked], None]
# Each takes up to some hundred megabytes while it is made ready for sending.
_preparing = threading.BoundedSemaphore(4)


def order_of(
    request: TokenRequest,
    body: ImagesBody,
    *,
    key: str | None = None,
    stays: bool = False,
    first: BeforeBuying = lambda asked: None,
) -> ApiOrder:
    """Return the order that a request belongs to, bought now if it is a new one.

    `key` is that of the header unless it is given; `stays` is as of OrderWanted; `first` sees what
    is asked for before it is bought, and may raise. Raises ApiError if it is refused.
    """
    wanted = orders.OrderWanted(
        token=request.token,
        digest=body.digest,
        key=key_of(request) if key is None else key,
        is_repeat=request.headers.get("x-stainless-retry-count", "0") != "0",
        stays=stays,
    )
    try:
        order, ordinal = orders.find(wanted)
        if order and is_confirmed_meanwhile(order.pk):
            order, ordinal = orders.find(wanted)
        if order:
            return order
        return _bought(request, body, wanted, ordinal, first)
    except FieldRefused as refused:
        raise field_error(refused) from None
    except orders.KeyReused as refused:
        raise ApiError(409, refusal_shown(refused).message, code=refused.reason) from None
    except Refused as refused:
        raise error_of(refusal_shown(refused)) from None


def asked_of(request: TokenRequest, body: ImagesBody, catalogue: Catalogue) -> Asked:
    """Return what a body asks for, with pictures that the person can see. Raises FieldRefused."""
    usual = usual_model(catalogue, edits=body.is_edit)
    asked = choose(body, catalogue, usual, upload_bytes=settings.UPLOAD_BYTES)
    for name, ids, seen in (
        ("input_pictures", body.pictures, usable_pictures),
        ("mask_picture", (body.mask_picture,) if body.mask_picture else (), usable_pictures),
        ("input_uploads", body.uploads, uploads_of),
    ):
        if ids and len(seen(request.user, ids)) < len(ids):
            raise FieldRefused(Fault(name, NO_PICTURE, {}), "picture_not_found")
    return asked


def _bought(
    request: TokenRequest,
    body: ImagesBody,
    wanted: orders.OrderWanted,
    ordinal: int,
    first: BeforeBuying,
) -> ApiOrder:
    catalogue = catalogue_for(request.user)
    asked = asked_of(request, body, catalogue)
    first(asked)
    with _preparing if body.is_edit else nullcontext():
        return orders.place(wanted, asked, ordinal, catalogue=catalogue, wake=jobs.wake)


def key_of(request: TokenRequest) -> str:
    """Return the Idempotency-Key of a request, "" for none. Raises ApiError."""
    key = request.headers.get("idempotency-key", "")
    if len(key) > LONGEST_KEY:
        said = _("An Idempotency-Key has up to %(most)s characters.") % {"most": LONGEST_KEY}
        raise ApiError(400, said, param="Idempotency-Key", code="invalid_value")
    return key


def needed_key_of(request: TokenRequest) -> str:
    """Return the Idempotency-Key of a request that has to have one. Raises ApiError."""
    key = key_of(request)
    if not key:
        said = _("Send an Idempotency-Key of your own with each order: a repeat then buys nothing.")
        raise ApiError(400, said, param="Idempotency-Key", code="missing_key")
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
