"""The one error that the gateway package raises, and its structured sentence."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, TypedDict

from omixa_studio.gateway.remains import NOTHING, Remains

Kind = Literal[
    "input", "policy", "gateway", "ours", "key", "balance", "rate", "unavailable", "model"
]
Charged = Literal["no", "yes", "unknown"]
Pause = Literal["no", "until", "open"]


class Told(TypedDict):
    """One sentence for people, storable as JSON: its key and its parameters.

    A value may be another Told. omixa_studio/sentences.py has the words.
    """

    key: str
    values: dict[str, object]


def told(key: str, **values: object) -> Told:
    """Make a sentence from its key and parameters."""
    return {"key": key, "values": values}


class GatewayError(Exception):
    """A call that brought no picture.

    told         for people: what happened and what to do next, never the gateway's own words
    detail       the gateway's own words for admins, cleaned and cut
    charged      "yes" where an amount was reported (`billed`, dollars), "unknown" where the call
                 may have cost something, "no" where it cannot have
    state        the state to which this leads: "failed", or "unknown" where a person decides
    retryable    the same paid call may be sent again; only ever true with charged "no"
    retry_after  seconds the gateway asked us to wait, None where it said nothing
    pause        stop sending for everyone: "until" a while has passed, "open" until an admin acts
    fetch_again  a picture that was paid for may be there later: fetch it again, and it alone
    remains      what came that is no picture, to be kept where it was paid for
    status       HTTP status, None where no complete answer came
    """

    def __init__(
        self,
        *said: Told,
        kind: Kind,
        charged: Charged,
        detail: str = "",
        state: Literal["failed", "unknown"] | None = None,
        billed: Decimal | None = None,
        billed_text: str = "",
        retryable: bool = False,
        retry_after: float | None = None,
        pause: Pause = "no",
        fetch_again: bool = False,
        status: int | None = None,
        request_id: str = "",
        remains: Remains = NOTHING,
    ) -> None:
        super().__init__(*(one["key"] for one in said))
        self.told = list(said)
        self.detail = detail
        self.kind = kind
        self.charged: Charged = charged if billed is None else "yes"
        self.state = state or ("unknown" if self.charged == "unknown" else "failed")
        self.billed = billed
        self.billed_text = billed_text
        self.retryable = retryable and self.charged == "no"
        self.retry_after = retry_after
        self.pause = pause
        self.fetch_again = fetch_again
        self.status = status
        self.request_id = request_id
        self.remains = remains

    def __repr__(self) -> str:
        return (
            f"GatewayError({self.told!r}, kind={self.kind!r}, charged={self.charged!r}, "
            f"state={self.state!r}, retryable={self.retryable!r}, status={self.status!r})"
        )
