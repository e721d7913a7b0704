"""OpenAI's images API: an ordinary generation for each order, and never a second one for a repeat.

docs/api.md says what clients may rely on.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from omixa_studio import awaiting
from omixa_studio.forms.api_images import ImagesBody
from omixa_studio.models import ApiOrder, Picture
from omixa_studio.presenters.api.addresses import signed_address
from omixa_studio.presenters.api.failures import ApiFailure, failure_of
from omixa_studio.presenters.api.images import answer_of, error_event, events_of, model_shown
from omixa_studio.presenters.pictures.kinds import SHOWN, ending_of, type_of
from omixa_studio.queries import api_files, api_orders
from omixa_studio.queries.request_rules import catalogue_for

from .api_access import TokenRequest, api
from .api_errors import ApiError, api_error
from .api_orders import error_of, order_of
from .deliveries import Delivery, Line, line_of
from .openai_bodies import body_of
from .stored import stored

# A proxy closes a connection on which nothing moves, often after a minute.
SECONDS_BETWEEN_COMMENTS = 5.0
SECONDS_BETWEEN_LOOKS = 1.0
# Beyond what a call may take: for the queue, and for keeping what came.
SECONDS_IN_LINE = 300
SECONDS_UNTIL_AGAIN = 5
# What logs call a client that left.
CLIENT_GONE = 499
EVENTS = {False: "image_generation.completed", True: "image_edit.completed"}


@dataclass(frozen=True)
class Open:
    """An order whose client waits, and how it wants its answer."""

    order: ApiOrder
    body: ImagesBody
    line: Line | None
    address_of: Callable[[Picture], str] | None
    leave: Callable[[], None]


@api("make", methods=("POST",))
def generations(request: TokenRequest) -> HttpResponseBase:
    """Answer with pictures of a prompt."""
    return _images(request, is_edit=False)


@api("make", methods=("POST",))
def edits(request: TokenRequest) -> HttpResponseBase:
    """Answer with pictures made from others."""
    return _images(request, is_edit=True)


@api()
def models(request: TokenRequest) -> HttpResponse:
    """List the models that the person may use, and the other names that lead to them."""
    catalogue = catalogue_for(request.user)
    listed = [model_shown(model.slug) for model in catalogue.enabled]
    known = {model.slug for model in catalogue.enabled}
    others = ((name, slug) for name, slug in catalogue.aliases.items() if name not in known)
    listed += [model_shown(name, slug) for name, slug in others if slug in known]
    return JsonResponse({"object": "list", "data": listed})


@api()
def model(request: TokenRequest, name: str) -> HttpResponse:
    """Tell of one model."""
    found = catalogue_for(request.user).find_named(name)
    if found is None:
        raise ApiError(404, _("There is no such model."), param="model", code="model_not_found")
    return JsonResponse(model_shown(name, found.slug if found.slug != name else ""))


@require_safe
@login_not_required
def picture_file(request: TokenRequest, text: str) -> HttpResponseBase:
    """Return a picture whose address an answer contained, within the hour."""
    picture = api_files.signed_picture(text)
    if picture is None:
        raise Http404
    request.META.pop("HTTP_IF_NONE_MATCH", None)
    kept = f"private, max-age={api_files.SECONDS}"
    response = stored(
        request,
        picture.name,
        tag=picture.sha256,
        content_type=type_of(picture.format),
        keep=kept,
    )
    if response.status_code == 200:
        # Without words of the prompt: the address may be handed on.
        name = f"picture-{picture.pk}.{ending_of(picture.format)}"
        disposition = content_disposition_header(picture.format not in SHOWN, name)
        response["Content-Disposition"] = disposition or "inline"
    return response


def _images(request: TokenRequest, *, is_edit: bool) -> HttpResponseBase:
    if not awaiting.take_place(request.user.pk):
        busy = _("Too many programs wait for pictures at the moment. Nothing was asked for.")
        return _again(api_error(503, busy, code="too_many_waiting", retry=True))
    is_handed_on, leave = False, partial(awaiting.leave_place, request.user.pk)
    try:
        body = body_of(request, is_edit=is_edit)
        waits = Open(
            order_of(request, body),
            body,
            line_of(request),
            partial(signed_address, token=request.token) if body.as_url else None,
            leave,
        )
        is_handed_on = body.streams
        return _stream(waits) if body.streams else _answer(waits)
    finally:
        if not is_handed_on:
            leave()


def _answer(waits: Open) -> HttpResponseBase:
    """Wait for an order, and answer with its pictures or why there are none."""
    deadline = time.monotonic() + settings.CALL_SECONDS + SECONDS_IN_LINE
    with awaiting.watched(waits.order.group) as ended:
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            if waits.line and waits.line.is_gone():
                # Nobody reads this. The call goes on, and its repeat gets the pictures.
                return HttpResponse(status=CLIENT_GONE)
            if time.monotonic() > deadline:
                said = _("This takes long. The same request again waits on, and buys nothing.")
                return _again(api_error(503, said, code="still_running", retry=True))
    rows = api_orders.bought_by(waits.order)
    pictures = api_orders.pictures_of(rows)
    failure = failure_of(rows, pictures)
    if failure:
        return _failed(waits, failure)
    parts = answer_of(waits.order, rows, pictures, waits.address_of)
    delivery = Delivery(waits.order.pk, iter(parts), waits.line, size=parts.size, counts=True)
    headers = {"Content-Length": str(parts.size)}
    return StreamingHttpResponse(delivery, content_type="application/json", headers=headers)


def _failed(waits: Open, failure: ApiFailure) -> HttpResponseBase:
    plain = error_of(failure).response
    if not failure.counts:
        return _again(plain) if failure.retry else plain
    size = len(plain.content)
    pieces = iter([plain.content])
    delivery = Delivery(waits.order.pk, pieces, waits.line, size=size, counts=True)
    headers = {**plain.headers, "Content-Length": str(size)}
    return StreamingHttpResponse(delivery, status=plain.status_code, headers=headers)


def _stream(waits: Open) -> HttpResponseBase:
    """Answer with events: comments while the order runs, then its pictures or an error."""
    delivery: Delivery

    def pieces(language: str) -> Iterator[bytes]:
        with awaiting.watched(waits.order.group) as ended:
            yield b": waiting\n\n"
            while not ended.wait(SECONDS_BETWEEN_COMMENTS):
                yield b": waiting\n\n"
        rows = api_orders.bought_by(waits.order)
        pictures = api_orders.pictures_of(rows)
        with translation.override(language):
            failure = failure_of(rows, pictures)
            delivery.counts = failure is None or failure.counts
            if failure:
                yield error_event(error_of(failure).response.content)
                return
        yield from events_of(waits.order, rows, pictures, EVENTS[waits.body.is_edit])

    told = pieces(translation.get_language() or settings.LANGUAGE_CODE)
    delivery = Delivery(waits.order.pk, told, waits.line, ends=waits.leave)
    # Proxies would hold back what they think is a page.
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingHttpResponse(delivery, content_type="text/event-stream", headers=headers)


def _again(response: HttpResponse) -> HttpResponse:
    response["Retry-After"] = str(SECONDS_UNTIL_AGAIN)
    return response
