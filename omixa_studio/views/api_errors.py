"""Errors as programs read them: OpenAI's shape, and whether asking again makes sense."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# The client of OpenAI sends the same request again after 408, 409, 429 and 5xx unless told not to.
SHOULD_RETRY = "x-should-retry"
KEPT_HEADERS = {"Allow", "Retry-After", "WWW-Authenticate"}
SENTENCES = {
    400: gettext_lazy("The request is malformed."),
    401: gettext_lazy("Send an access token: Authorization: Bearer omixa_…"),
    403: gettext_lazy("You may not do this."),
    404: gettext_lazy("There is nothing at this address."),
    405: gettext_lazy("This address does not take this method."),
    413: gettext_lazy("The request is too large."),
    415: gettext_lazy("The body has to be JSON, with Content-Type: application/json."),
    429: gettext_lazy("Too many requests. Wait a little."),
    503: gettext_lazy("The studio cannot answer now."),
}


class ApiError(Exception):
    """What a view for programs raises to answer with `api_error` of the same arguments."""

    def __init__(
        self,
        status: int,
        message: str = "",
        *,
        type: str = "",
        param: str | None = None,
        code: str | None = None,
        retry: bool = False,
        **more: Any,
    ) -> None:
        self.response = api_error(
            status, message, type=type, param=param, code=code, retry=retry, **more
        )
        self.facts: dict[str, object] = json.loads(self.response.content)["error"]
        super().__init__(self.facts["message"])


def api_error(
    status: int,
    message: str = "",
    *,
    type: str = "",
    param: str | None = None,
    code: str | None = None,
    retry: bool = False,
    **more: object,
) -> JsonResponse:
    """Answer a program with an error in OpenAI's shape.

    `message` is a finished sentence, by default that of the status. `type` follows from the status
    unless it is given. `retry` is whether a client may send the same again by itself: only where it
    is certain that nothing was bought, and likely to work later. `more` stands beside the four.
    """
    said = message or str(SENTENCES.get(status) or _("Something went wrong in the studio."))
    error = {"message": said, "type": type or _type_of(status), "param": param, "code": code}
    response = JsonResponse({"error": error | more}, status=status)
    response[SHOULD_RETRY] = "true" if retry else "false"
    return response


def as_program_reads(page: HttpResponse) -> HttpResponse:
    """Return an error of a program's shape for one that is a page; a redirect leads nowhere."""
    status = page.status_code
    if status == HTTPStatus.NOT_MODIFIED:
        return page
    response = api_error(status if status >= HTTPStatus.BAD_REQUEST else HTTPStatus.NOT_FOUND)
    for name in KEPT_HEADERS & set(page.headers):
        response[name] = page[name]
    return response


def _type_of(status: int) -> str:
    if status == 429:
        return "rate_limit_error"
    return "invalid_request_error" if status < 500 else "server_error"
