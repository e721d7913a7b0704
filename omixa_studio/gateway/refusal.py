"""A tolerant reader of error answers: any shape becomes a GatewayError."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

from omixa_studio.gateway.document import Unreadable, inflate, read_document
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.money import billed_in, parse_money
from omixa_studio.gateway.outcomes import Outcome, outcome_of, with_cost
from omixa_studio.gateway.records import RawAnswer
from omixa_studio.gateway.redaction import clean
from omixa_studio.gateway.remains import NOTHING, Remains

MOST_OF_A_REFUSAL = 256 * 1024  # bytes read of an error answer
LONGEST_WAIT = 3600.0  # seconds; a Retry-After beyond this is taken as this

# Both stop at the next "<": else a body of nothing but "<title" is read anew from each of them.
_TITLE = re.compile(r"<title[^<>]*>([^<]{1,300})", re.I)
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Said:
    """The content of an error answer as clean text; `enveloped` if in the gateway's format."""

    message: str = ""
    type: str = ""
    code: str = ""
    enveloped: bool = False
    billed: Decimal | None = None
    billed_text: str = ""

    @property
    def everything(self) -> str:
        return f"{self.code} {self.type} {self.message}"

    @property
    def detail(self) -> str:
        labels = " / ".join(word for word in (self.type, self.code) if word)
        return clean(f"{self.message} ({labels})" if labels else self.message)


def refusal(raw: RawAnswer, *, paid: bool = True) -> GatewayError:
    """Return the error for a non-2xx answer; `paid` is False for free calls."""
    said = read_refusal(raw)
    outcome = outcome_of(raw.status, said.everything, enveloped=said.enveloped)
    return failure(raw, outcome if paid else replace(outcome, charged="no"), said)


def failure(
    raw: RawAnswer, outcome: Outcome, said: Said, remains: Remains = NOTHING
) -> GatewayError:
    """Return the error for an outcome; an amount in the answer decides the cost."""
    charged = outcome.charged
    if said.billed is not None:  # an explicit zero means that it cost nothing
        charged = "yes" if said.billed else "no"
    return GatewayError(
        *with_cost(outcome, charged),
        kind=outcome.kind,
        charged=charged,
        detail=said.detail or clean(raw.headers.get("location", "")),
        state=outcome.state if said.billed is None else None,
        billed=said.billed or None,
        billed_text=said.billed_text,
        retryable=outcome.retryable,
        retry_after=retry_after(raw.headers),
        pause=outcome.pause,
        status=raw.status,
        request_id=request_id(raw.headers),
        remains=remains,
    )


def read_refusal(raw: RawAnswer) -> Said:
    """Return what can be read of an error body, of which at most 256 KiB are parsed."""
    body = bytes(raw.body[:MOST_OF_A_REFUSAL])
    try:
        if raw.headers.get("content-encoding", "identity").strip().lower() in ("gzip", "deflate"):
            packed, body = body, b""
            body = inflate(packed, MOST_OF_A_REFUSAL)
        document = read_document(body)
    except Unreadable:
        return Said(message=plain_text(body))
    return said_by(document)


def said_by(document: object) -> Said:
    """Return the message, type, code and amount in a JSON value of any shape."""
    if not isinstance(document, dict):
        return Said(message=_text(document))
    billed_text = billed_in(document)
    error = document.get("error")
    inner = error if isinstance(error, dict) else document
    told = [_text(inner.get(name)) for name in ("message", "detail", "errors")]
    if not isinstance(error, dict):
        told.insert(0, _text(error))
    message = " ".join(text for text in told if text)
    kind, code = _text(inner.get("type")), _text(inner.get("code"))
    return Said(
        message=clean(message),
        type=clean(kind, most=100),
        code=clean(code, most=100),
        enveloped=isinstance(error, dict) and bool(message or kind or code),
        billed=parse_money(billed_text),
        billed_text=billed_text,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date; None if invalid or past."""
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return min(float(text), LONGEST_WAIT)
    until = _moment(text)
    if until is None:
        return None
    # Relative to the gateway's own clock if it sends a Date.
    seconds = (until - (_moment(headers.get("date", "")) or datetime.now(UTC))).total_seconds()
    return min(seconds, LONGEST_WAIT) if seconds >= 0 else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):  # all raised by some invalid dates
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def request_id(headers: Mapping[str, str]) -> str:
    """Return the first header that looks like a request id."""
    found = (value for name, value in headers.items() if "request-id" in name.lower())
    return clean(next(found, ""), most=200)


def plain_text(body: bytes) -> str:
    """Return a body as one clean line; of an HTML page its title."""
    text = body.decode("utf-8", "replace")
    title = _TITLE.search(text)
    return clean(html.unescape(title[1] if title else _TAG.sub(" ", text)))


def _text(value: object, depth: int = 2) -> str:
    """Return readable text from a JSON value: itself, or texts at most two levels inside."""
    if isinstance(value, str):
        return clean(value)
    parts: list[str] = []
    if isinstance(value, dict) and depth:
        parts = [f"{name}: {_text(value[name], depth - 1)}" for name in list(value)[:20]]
    if isinstance(value, list) and depth:
        parts = [_text(inner, depth - 1) for inner in value[:20]]
    return clean("; ".join(parts))
