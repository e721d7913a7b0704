"""What a failing status means: a table, as section 6 of the contract notes and the design say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from omixa_studio.gateway.errors import Charged, Kind, Pause

_POLICY = re.compile(r"safety|polic(?:y|ies)|moderat|blocked|content.?filter|prohibited|nsfw", re.I)
_SIGNATURE = re.compile(r"signature|hmac|signing|x-omixa-timestamp", re.I)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one kind of refusal means."""

    kind: Kind
    sentence: str
    charged: Charged
    retryable: bool = False
    pause: Pause = "no"
    state: Literal["failed", "unknown"] | None = None  # where it does not follow from `charged`


COST: Mapping[Charged, str] = {
    "no": "Nothing was charged.",
    "yes": "The gateway charged for it.",
    "unknown": "Whether it was charged is not known.",
}

OUTCOMES: Mapping[int, Outcome] = {
    400: Outcome(
        "input",
        "The gateway did not accept this request. Change the prompt or the options and try again.",
        "no",
    ),
    401: Outcome(
        "key",
        "The gateway did not accept the key. An admin has to set a valid key.",
        "no",
        pause="open",
    ),
    402: Outcome(
        "balance",
        "The wallet's balance is too low. An admin has to top it up and press Resume.",
        "no",
        pause="open",
    ),
    403: Outcome(
        "model",
        "The key may not use this model. Choose another model, or ask an admin to allow it.",
        "no",
    ),
    404: Outcome(
        "model",
        "The gateway does not know this model or address. Choose another model.",
        "no",
    ),
    408: Outcome(
        "gateway",
        "The gateway gave up waiting. An admin has to look at the gateway's usage log.",
        "unknown",
    ),
    409: Outcome(
        "gateway",
        "The gateway reported a conflict. An admin has to look at the gateway's usage log.",
        "unknown",
    ),
    413: Outcome(
        "input",
        "The request was too large for the gateway. Use fewer or smaller input images.",
        "no",
    ),
    415: Outcome(
        "input",
        "The gateway did not accept this request. Change the prompt or the options and try again.",
        "no",
    ),
    422: Outcome(
        "input",
        "The gateway did not accept this request. Change the prompt or the options and try again.",
        "no",
    ),
    429: Outcome(
        "rate",
        "The gateway asked us to slow down. The request is tried again after a while.",
        "no",
        retryable=True,
        pause="until",
    ),
}
NO_ROUTE = Outcome(
    "unavailable",
    "The gateway has no healthy route at the moment. The request is tried again after a while.",
    "no",
    retryable=True,
    pause="until",
)
REDIRECT = Outcome(
    "ours",
    "The gateway's address is misconfigured: it redirects, which is never followed with the key. "
    "An admin has to correct the base address.",
    "no",
)
SERVER_FAULT = Outcome(
    "gateway",
    "The gateway failed. An admin has to look at its usage log before this is tried again.",
    "unknown",
)
ODD_STATUS = Outcome(
    "gateway",
    "The gateway answered in an unexpected way. An admin has to look at its usage log before this "
    "is tried again.",
    "unknown",
)
POLICY = Outcome(
    "policy",
    "The gateway refused this prompt or picture by its safety rules. Change it and try again.",
    "no",
)
SIGNATURE = Outcome(
    "key",
    "The gateway asks for signed requests, which this studio does not send. An admin has to "
    "switch signing off for this key.",
    "no",
    pause="open",
)


EMPTY_SUCCESS = Outcome(
    "policy",
    "The gateway sent no picture, which is how it refuses a prompt. Change the prompt before "
    "trying again.",
    "unknown",
    state="failed",
)
POLICY_INSIDE = Outcome(
    "policy",
    "The gateway refused this prompt or picture by its safety rules. Change it and try again.",
    "unknown",
    state="failed",
)
ERROR_INSIDE = Outcome(
    "gateway",
    "The gateway reported an error instead of a picture. An admin can read the details.",
    "unknown",
    state="failed",
)
NOTHING_USABLE = Outcome(
    "gateway",
    "The gateway's answer holds no picture that can be opened. An admin has to look at the "
    "gateway's usage log.",
    "unknown",
)
UNREADABLE = Outcome(
    "gateway",
    "The gateway's answer cannot be read. An admin has to look at the gateway's usage log.",
    "unknown",
)


def outcome_inside_success(words: str, *, error: bool) -> Outcome:
    """What a 200 without pictures means, given whether and which words came with it."""
    if _POLICY.search(words):
        return POLICY_INSIDE
    return ERROR_INSIDE if error else EMPTY_SUCCESS


def outcome_of(status: int, words: str, *, enveloped: bool) -> Outcome:
    """What a status means, given the words that came with it."""
    if status == 401 and _SIGNATURE.search(words):
        return SIGNATURE
    if status in (400, 422) and _POLICY.search(words):
        return POLICY
    if status == 503 and enveloped:
        return NO_ROUTE
    if 300 <= status < 400:
        return REDIRECT
    return OUTCOMES.get(status, SERVER_FAULT if 500 <= status < 600 else ODD_STATUS)


def with_cost(sentence: str, charged: Charged) -> str:
    """No failure is shown without a word on whether it cost money."""
    return f"{sentence} {COST[charged]}"
