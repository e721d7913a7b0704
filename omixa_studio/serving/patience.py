"""The timeouts of the web server."""

import time
from dataclasses import dataclass, field

# A slower client only holds its connection open; a poor mobile network is faster than this.
LEAST_BYTES_A_SECOND = 2048


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Every timeout of the web server, in seconds; tests shorten them."""

    first_byte: float = 10.0
    next_request: float = 5.0
    head: float = 10.0
    stall: float = 20.0
    thread: float = 60.0
    goodbye: float = 2.0


@dataclass
class Pace:
    """A deadline that is extended whenever enough bytes have moved since the last time."""

    seconds: float
    moved: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def deadline(self) -> float:
        """Return when the connection is too slow (monotonic clock, seconds)."""
        return self.began + self.seconds

    def add(self, size: int) -> None:
        """Count bytes that have moved."""
        self.moved += size
        if self.moved >= self.seconds * LEAST_BYTES_A_SECOND:
            self.moved, self.began = 0, time.monotonic()
