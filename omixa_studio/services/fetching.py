"""Download pictures that an answer gives as URLs, with limits per picture and per answer."""

import time
from collections.abc import Callable
from typing import Protocol

from django.conf import settings

from omixa_studio.gateway.answer import ITEM_BYTES
from omixa_studio.gateway.errors import GatewayError, told

PICTURE_SECONDS = 60.0
ANSWER_SECONDS = 300.0

FetchOne = Callable[[str], bytes]


class Fetch(Protocol):
    """The gateway's download function; `max_bytes` and `seconds` bound one picture."""

    def __call__(self, url: str, *, max_bytes: int, seconds: float) -> bytes: ...


def within_limits(fetch: Fetch, *, seconds: float = ANSWER_SECONDS) -> FetchOne:
    """Return a download function for one answer, limited to `seconds` and ANSWER_BYTES in all."""
    until = time.monotonic() + seconds
    left = settings.ANSWER_BYTES

    def fetch_one(url: str) -> bytes:
        nonlocal left
        rest = until - time.monotonic()
        if rest <= 0:
            raise GatewayError(
                told("no_time_to_fetch"),
                kind="gateway",
                charged="unknown",
                fetch_again=True,
            )
        most = min(ITEM_BYTES, left)
        data = fetch(url, max_bytes=most, seconds=min(PICTURE_SECONDS, rest))
        left -= len(data)
        return data

    return fetch_one
