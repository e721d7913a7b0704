"""Convert a library's exception to a GatewayError that says whether anything was sent."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.line import CallConnection
from omixa_studio.gateway.outcomes import Outcome, with_cost
from omixa_studio.gateway.redaction import clean

UNREACHABLE = Outcome(
    "unavailable",
    "unreachable",
    "no",
    retryable=True,
)
UNTRUSTED = Outcome(
    "unavailable",
    "untrusted",
    "no",
    retryable=True,
)
TOO_SLOW = Outcome(
    "gateway",
    "too_slow",
    "unknown",
)
BROKEN_OFF = Outcome(
    "gateway",
    "broken_off",
    "unknown",
)
TOO_LARGE = Outcome(
    "gateway",
    "answer_too_large",
    "unknown",
)


def broken(line: CallConnection, error: BaseException | None, key: str) -> GatewayError:
    """Return the error for a call that ended without a complete answer."""
    causes = [] if error is None else list(_chain(error))
    detail = "; ".join(f"{type(one).__name__}: {one}" for one in causes[-2:])
    if line.sent:
        return fault(TOO_SLOW if line.expired else BROKEN_OFF, detail, key)
    untrusted = any(isinstance(one, ssl.SSLError) for one in causes)
    return fault(UNTRUSTED if untrusted else UNREACHABLE, detail, key)


def fault(outcome: Outcome, detail: str, key: str) -> GatewayError:
    return GatewayError(
        *with_cost(outcome, outcome.charged),
        kind=outcome.kind,
        charged=outcome.charged,
        detail=clean(detail, key=key),
        retryable=outcome.retryable,
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it wraps: requests and urllib3 use three different places."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        wrapped = [one for one in found.args if isinstance(one, BaseException)]
        reason = getattr(found, "reason", None)
        if isinstance(reason, BaseException):
            wrapped.insert(0, reason)
        found = wrapped[0] if wrapped else found.__cause__ or found.__context__
