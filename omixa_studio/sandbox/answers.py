"""Answers of the stand-in gateway, as values: what is sent, and in which manner."""

import json
from dataclasses import dataclass

JSON = "application/json"

# Type and code of each error. The documentation prints one pair only, billing_error with
# insufficient_balance; all others are the sandbox's own words in the documented envelope.
ERRORS: dict[int, tuple[str, str, str]] = {
    400: ("invalid_request_error", "bad_request", "The request could not be understood."),
    401: ("authentication_error", "invalid_api_key", "The API key is missing or invalid."),
    402: ("billing_error", "insufficient_balance", "The wallet balance is too low."),
    403: ("permission_error", "model_not_allowed", "This key may not use the model."),
    404: ("invalid_request_error", "not_found", "There is nothing at this address."),
    408: ("timeout_error", "request_timeout", "The request took too long."),
    409: ("invalid_request_error", "conflict", "The request collides with another one."),
    411: ("invalid_request_error", "length_required", "The request must state its length."),
    413: ("invalid_request_error", "request_too_large", "The request is too large."),
    415: ("invalid_request_error", "unsupported_media_type", "The body must be JSON."),
    422: ("validation_error", "invalid_payload", "The payload failed validation."),
    429: ("rate_limit_error", "rate_limited", "Too many requests, try again later."),
    500: ("server_error", "internal_error", "Something went wrong."),
    502: ("server_error", "bad_gateway", "The provider answered with nonsense."),
    503: ("server_error", "no_healthy_route", "There is no healthy route right now."),
    504: ("server_error", "gateway_timeout", "The provider did not answer in time."),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `manner` names how it goes over the wire (see wire.MANNERS);
    `billed` is the decimal text of what the call cost, None where nothing was charged."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    manner: str = "whole"
    billed: str | None = None
    pictures: int = 0


class Refusal(Exception):
    """The documented error envelope: an HTTP status and a sentence."""

    def __init__(self, status: int, message: str = "", code: str = "") -> None:
        super().__init__(message)
        self.answer = error_answer(status, message, code)


def error_answer(status: int, message: str = "", code: str = "") -> Answer:
    """The envelope `{"error": {"message", "type", "code"}}` with a status."""
    return json_answer({"error": error_body(status, message, code)}, status)


def error_body(status: int, message: str = "", code: str = "") -> dict[str, str]:
    """The inside of the envelope; empty texts are filled from the table."""
    kind, usual_code, usual_message = ERRORS.get(status, ERRORS[500])
    return {"message": message or usual_message, "type": kind, "code": code or usual_code}


def json_answer(payload: object, status: int = 200) -> Answer:
    """A JSON answer that costs nothing."""
    return Answer(status, json.dumps(payload).encode())
