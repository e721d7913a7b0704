"""What a failing status means: a table, as section 6 of the contract notes and the design say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from omixa_studio.gateway.errors import Charged, Kind, Pause, Told, told

_POLICY = re.compile(r"safety|polic(?:y|ies)|moderat|blocked|content.?filter|prohibited|nsfw", re.I)
_SIGNATURE = re.compile(r"signature|hmac|signing|x-omixa-timestamp", re.I)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The meaning of one kind of refusal."""

    kind: Kind
    key: str  # of its sentence
    charged: Charged
    retryable: bool = False
    pause: Pause = "no"
    state: Literal["failed", "unknown"] | None = None  # where it does not follow from `charged`


COST: Mapping[Charged, str] = {
    "no": "cost_none",
    "yes": "cost_charged",
    "unknown": "cost_unknown",
}

OUTCOMES: Mapping[int, Outcome] = {
    400: Outcome(
        "input",
        "not_accepted",
        "no",
    ),
    401: Outcome(
        "key",
        "key_refused",
        "no",
        pause="open",
    ),
    402: Outcome(
        "balance",
        "balance_low",
        "no",
        pause="open",
    ),
    403: Outcome(
        "model",
        "model_forbidden",
        "no",
    ),
    404: Outcome(
        "model",
        "model_not_found",
        "no",
    ),
    408: Outcome(
        "gateway",
        "gave_up_waiting",
        "unknown",
    ),
    409: Outcome(
        "gateway",
        "conflict",
        "unknown",
    ),
    413: Outcome(
        "input",
        "request_too_large",
        "no",
    ),
    415: Outcome(
        "input",
        "not_accepted",
        "no",
    ),
    422: Outcome(
        "input",
        "not_accepted",
        "no",
    ),
    429: Outcome(
        "rate",
        "slow_down",
        "no",
        retryable=True,
        pause="until",
    ),
}
NO_ROUTE = Outcome(
    "unavailable",
    "no_route",
    "no",
    retryable=True,
    pause="until",
)
REDIRECT = Outcome(
    "ours",
    "redirected",
    "no",
)
SERVER_FAULT = Outcome(
    "gateway",
    "gateway_failed",
    "unknown",
)
ODD_STATUS = Outcome(
    "gateway",
    "odd_status",
    "unknown",
)
POLICY = Outcome(
    "policy",
    "policy",
    "no",
)
SIGNATURE = Outcome(
    "key",
    "signing_asked",
    "no",
    pause="open",
)


EMPTY_SUCCESS = Outcome(
    "policy",
    "no_picture",
    "unknown",
    state="failed",
)
POLICY_INSIDE = Outcome(
    "policy",
    "policy",
    "unknown",
    state="failed",
)
ERROR_INSIDE = Outcome(
    "gateway",
    "error_inside",
    "unknown",
    state="failed",
)
NOTHING_USABLE = Outcome(
    "gateway",
    "nothing_usable",
    "unknown",
)
UNREADABLE = Outcome(
    "gateway",
    "unreadable",
    "unknown",
)


def outcome_inside_success(words: str, *, error: bool) -> Outcome:
    """Return the outcome of a 200 without pictures, given the words that came with it."""
    if _POLICY.search(words):
        return POLICY_INSIDE
    return ERROR_INSIDE if error else EMPTY_SUCCESS


def outcome_of(status: int, words: str, *, enveloped: bool) -> Outcome:
    """Return the outcome of a status, given the words that came with it."""
    if status == 401 and _SIGNATURE.search(words):
        return SIGNATURE
    if status in (400, 422) and _POLICY.search(words):
        return POLICY
    if status == 503 and enveloped:
        return NO_ROUTE
    if 300 <= status < 400:
        return REDIRECT
    return OUTCOMES.get(status, SERVER_FAULT if 500 <= status < 600 else ODD_STATUS)


def with_cost(outcome: Outcome, charged: Charged) -> tuple[Told, Told]:
    """Append whether the failure cost money."""
    return told(outcome.key), told(COST[charged])
