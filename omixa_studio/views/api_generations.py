"""Requests of programs: made, listed, followed, cancelled."""

import uuid

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from omixa_studio import awaiting
from omixa_studio.forms.api_numbers import QueryNumber
from omixa_studio.models import Generation, State, TokenScope
from omixa_studio.presenters.api.operations import Operation, tells
from omixa_studio.presenters.api.studio import generations_told
from omixa_studio.queries import generations as queries
from omixa_studio.services import claims

from .access import caller_of
from .api_access import TokenRequest, api, insufficient
from .api_errors import ApiError
from .api_orders import needed_key_of, order_of
from .api_queries import numbers_of
from .deliveries import line_of
from .openai_bodies import body_of

LONGEST_WAIT, LONGEST_PAGE, USUAL_PAGE = 60, 100, 50
SECONDS_UNTIL_AGAIN = 5
LARGEST_ID = 2**31
WAIT = {
    "wait": QueryNumber(0, LONGEST_WAIT, "Answer when all have ended, or after so many seconds.")
}
PAGES = {
    "before": QueryNumber(1, LARGEST_ID, "Older ones than this id."),
    "limit": QueryNumber(1, LONGEST_PAGE, f"How many, {USUAL_PAGE} if absent."),
    "open": QueryNumber(0, 1, "1: only those queued or running, all of them."),
}
WANTED = {"model": "imagen-4.0-generate-001", "prompt": "A harbour in the fog", "n": 2}
KEY = {"Idempotency-Key": "The same key again buys nothing and answers with the same requests."}


@tells(
    Operation(method="GET", summary="Requests, newest first", answers="Generations", query=PAGES),
    Operation(
        method="POST",
        summary="Buy pictures",
        about=(
            "Images are sent along as data addresses or files, or named by id: pictures that the "
            "person can see (input_pictures), files uploaded before (input_uploads)."
        ),
        body="Wanted",
        example=WANTED,
        answers="Made",
        status=202,
        headers=KEY,
        query=WAIT,
        errors=(409, 424, 503),
    ),
)
@api("read", methods=("GET", "POST"), posting="make")
def generations(request: TokenRequest) -> HttpResponse:
    """List the person's requests, or make some."""
    return _make(request) if request.method == "POST" else _list(request)


@tells(Operation(method="GET", summary="Follow a request", answers="Generation", query=WAIT))
@api("read")
def generation(request: TokenRequest, pk: int) -> HttpResponse:
    """Tell of a request of the person; with `wait` when it and those made with it have ended."""
    seconds = numbers_of(request, WAIT).get("wait", 0)
    row = get_object_or_404(Generation, pk=pk, person=request.user)
    late = False
    if seconds and row.is_open:
        late = not _waited(request, row.group, seconds)
        row.refresh_from_db()
    return _with_hint(JsonResponse(_told([row])[0]), late=late)


@tells(
    Operation(
        method="POST",
        summary="Cancel a request that is still queued; free",
        answers="Generation",
        errors=(409,),
    )
)
@api("make", methods=("POST",))
def cancel(request: TokenRequest, pk: int) -> HttpResponse:
    """Cancel a request of the person while it is queued; once cancelled, the same again is fine."""
    row = get_object_or_404(Generation, pk=pk, person=request.user)
    if row.token_id != request.token.pk and not caller_of(request).has(TokenScope.READ):
        raise insufficient(TokenScope.READ)
    if not claims.cancel(row):
        row.refresh_from_db()
        if row.state != State.CANCELLED:
            said = _("Too late to cancel: the request was already sent.")
            raise ApiError(409, said, code="too_late")
    row.refresh_from_db()
    return JsonResponse(_told([row])[0])


def _make(request: TokenRequest) -> HttpResponse:
    """Buy once per key, and answer at once, or with `wait` when all have ended."""
    seconds = numbers_of(request, WAIT).get("wait", 0)
    body = body_of(request, is_edit=None)
    if body.as_url or body.streams:
        said = _("This address answers in one way: leave out response_format and stream.")
        raise ApiError(400, said, param="response_format", code="unknown_parameter")
    needed_key_of(request)
    group = order_of(request, body, stays=True).group
    late = bool(seconds) and not _waited(request, group, seconds)
    rows = list(queries.of_group(request.user, group))
    return _with_hint(JsonResponse({"generations": _told(rows)}, status=202), late=late)


def _list(request: TokenRequest) -> HttpResponse:
    asked = numbers_of(request, PAGES)
    most = asked.get("limit", USUAL_PAGE)
    found = queries.page_of(
        request.user, before=asked.get("before"), is_open=bool(asked.get("open")), most=most + 1
    )
    rows = found[:most]
    before = rows[-1].pk if len(found) > most else None
    return JsonResponse({"generations": _told(rows), "before": before})


def _waited(request: TokenRequest, group: uuid.UUID, seconds: int) -> bool:
    """Wait as long as the program does; False if too many do."""
    line = line_of(request)
    is_gone = line.is_gone if line else lambda: False
    return awaiting.wait_for(group, seconds, person_id=request.user.pk, is_gone=is_gone)


def _with_hint(response: HttpResponse, *, late: bool) -> HttpResponse:
    """Tell a program that could not wait when to come again."""
    if late:
        response["Retry-After"] = str(SECONDS_UNTIL_AGAIN)
    return response


def _told(rows: list[Generation]) -> list[dict[str, object]]:
    return generations_told(rows, queries.pictures_of(rows))
