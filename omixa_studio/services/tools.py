"""What a worker hands in to its calls."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from omixa_studio.catalogue import Catalogue
from omixa_studio.gateway.records import AnswerSink
from omixa_studio.sent import Journal
from omixa_studio.spool import Spool

from . import claims
from .fetching import Fetch
from .space import Space


class Send(Protocol):
    """The paid call; `before_send` runs with the connection made, before the first byte."""

    def __call__(
        self, body: bytes, sink: AnswerSink, *, before_send: Callable[[], None]
    ) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a worker hands in: the gateway's two verbs, its folders, its clock and its turn.

    `unpacking` lets in as many answers at a time as there are cores, fewer where they are large;
    `worker` is its name.
    """

    send: Send
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
