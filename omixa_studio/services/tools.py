"""The dependencies that a worker passes to its calls."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from omixa_studio.catalogue import Catalogue
from omixa_studio.gateway.records import AnswerSink
from omixa_studio.sent import Journal
from omixa_studio.spool import Spool

from . import claims
from .fetching import Fetch
from .space import Space


class Send(Protocol):
    """The paid call; `before_send` runs after connecting, before the first byte."""

    def __call__(
        self, body: bytes, sink: AnswerSink, *, before_send: Callable[[], None]
    ) -> None: ...


class SendWithKey(Protocol):
    """The paid call with a key that is given."""

    def __call__(
        self, body: bytes, sink: AnswerSink, *, before_send: Callable[[], None], key: str
    ) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The dependencies of a call: the gateway's functions, the worker's folders and clock.

    `unpacking` admits as many answers at a time as there are cores, fewer if they are large;
    `worker` is the worker's name. `send` is with the `key` of the environment.
    """

    send: Send
    send_with_key: SendWithKey
    fetch: Fetch
    spool: Spool
    journal: Journal
    catalogue: Callable[[], Catalogue]
    unpacking: Space
    key: str
    target: str = ""
    worker: str = ""
    clock: Callable[[], float] = time.monotonic
    lease_seconds: float = claims.LEASE_SECONDS

    def with_key(self, key: str) -> "Tools":
        """Return the same for a call with another key of the gateway."""
        return replace(self, key=key, send=partial(self.send_with_key, key=key))
