"""What the stand-in gateway remembers: every paid call, and which calls shall misbehave."""

import hashlib
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation


@dataclass(slots=True)
class Call:
    """One received POST to the paid address. `time` and `finished` are Unix seconds, `billed`
    is dollars and None where nothing was charged, `answered` says that a success was written
    to its last byte."""

    number: int
    time: float
    path: str
    headers: dict[str, str]
    body: bytes
    size: int
    sha256: str
    model: str = ""
    prompt: str = ""
    fault: str = ""
    status: int | None = None
    pictures: int = 0
    billed: Decimal | None = None
    answered: bool = False
    finished: float | None = None

    def summary(self) -> dict[str, object]:
        """The call as JSON can carry it, without headers and body."""
        return {
            "number": self.number,
            "time": self.time,
            "model": self.model,
            "prompt": self.prompt,
            "size": self.size,
            "sha256": self.sha256,
            "fault": self.fault,
            "status": self.status,
            "pictures": self.pictures,
            "billed": None if self.billed is None else str(self.billed),
            "answered": self.answered,
            "finished": self.finished,
        }


@dataclass(slots=True)
class Book:
    """Calls and coming faults; every method takes the lock for a moment only."""

    keep_bodies: bool = True
    calls: list[Call] = field(default_factory=list)
    waiting: deque[str] = field(default_factory=deque)
    always: str = ""
    prepared: bytes | None = None
    # The shape of the lists about usage (reports.SHAPES), and whether answers name their request.
    shape: str = ""
    names_requests: bool = False
    # Begins the request ids, so that those of another run are others.
    born: int = field(default_factory=lambda: int(time.time()))
    asked: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, path: str, headers: Mapping[str, str], body: bytes) -> Call:
        """Write a call down before anything else is done with it."""
        digest = hashlib.sha256(body).hexdigest()
        kept = (dict(headers), body) if self.keep_bodies else ({}, b"")
        with self.lock:
            call = Call(len(self.calls) + 1, time.time(), path, *kept, len(body), digest)
            self.calls.append(call)
        return call

    def charge(self, call: Call, *, status: int, billed: str | None, pictures: int) -> None:
        """Note what the call cost. This happens before the answer leaves, as in a real gateway:
        a client that is gone by then has paid all the same."""
        with self.lock:
            call.status, call.pictures = status, pictures
            call.billed = dollars(billed)

    def finish(self, call: Call, *, written: bool) -> None:
        """Note that nothing more happens with the call; `written`: to its last byte."""
        with self.lock:
            call.answered = written and call.pictures > 0 and call.status == 200
            call.finished = time.time()

    def script(self, faults: Sequence[str], always: str | None, prepared: bytes | None) -> None:
        """Add faults for the next calls; `always` "" ends a standing fault, None leaves it."""
        with self.lock:
            self.waiting.extend(faults)
            self.always = self.always if always is None else always
            self.prepared = self.prepared if prepared is None else prepared

    def next_fault(self, asked_for: str) -> str:
        """The fault for the call at hand: its own wish, else the script, else the standing one."""
        with self.lock:
            if asked_for:
                return asked_for
            return self.waiting.popleft() if self.waiting else self.always

    def take_of(self, prompt: str) -> int:
        """How often this prompt was drawn before: the same words again give a new picture."""
        with self.lock:
            self.asked[prompt] += 1
            return self.asked[prompt] - 1

    def reset(self) -> None:
        """Forget calls, faults and prompts."""
        with self.lock:
            self.calls.clear()
            self.waiting.clear()
            self.asked.clear()
            self.always, self.prepared = "", None
            self.shape, self.names_requests = "", False

    def billed_total(self) -> Decimal:
        """Dollars charged for all calls so far."""
        with self.lock:
            return sum((call.billed for call in self.calls if call.billed is not None), Decimal(0))

    def report(self, since: int = 0) -> dict[str, object]:
        """Counts and the calls numbered above `since`, for other processes."""
        with self.lock:
            billed = [call.billed for call in self.calls if call.billed is not None]
            return {
                "count": len(self.calls),
                "answered": sum(call.answered for call in self.calls),
                "open": sum(call.finished is None for call in self.calls),
                "billed_total": str(sum(billed, Decimal(0))),
                "waiting_faults": list(self.waiting),
                "always": self.always,
                "calls": [call.summary() for call in self.calls[since:]],
            }


def dollars(text: str | None) -> Decimal | None:
    """An amount as a number; None for nothing and for a text that is no amount."""
    try:
        amount = Decimal(text or "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
