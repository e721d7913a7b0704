"""One paid call in work: what was asked, and the normal answer to it."""

import functools
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import pybase64

from .answers import JSON, Answer, Refusal
from .book import Call
from .prices import bill
from .reading import ValidRequest

SPREAD = 0.4


@dataclass(frozen=True, slots=True)
class Order:
    """A received call with everything an answer may need. `wish` is the valid request or the
    refusal it earns; `draw` makes picture number i; `wait` sleeps seconds and ends early
    when the sandbox closes."""

    call: Call
    wish: ValidRequest | Refusal
    seconds: float
    fixed_answer: bytes | None
    prepared: bytes | None
    picture_url: str
    keep_picture: Callable[[str, bytes], None]
    draw: Callable[[ValidRequest, int], bytes]
    wait: Callable[[float], None]

    @property
    def valid(self) -> ValidRequest:
        """The request. Raises Refusal where it is not valid."""
        if isinstance(self.wish, Refusal):
            raise self.wish
        return self.wish


def answer_normally(order: Order, argument: str = "") -> Answer:
    """Draw what was asked and bill the list price, or return the prepared body."""
    if order.fixed_answer is not None and order.valid:
        order.wait(order.seconds)
        return verbatim(order.fixed_answer)
    return success(order)


def success(order: Order, count: int | None = None, billed: str | None = None) -> Answer:
    """The documented answer with `count` pictures (as many as asked by default)."""
    return picture_answer(order, draw_pictures(order, count), billed)


def draw_pictures(order: Order, count: int | None = None) -> list[bytes]:
    """The pictures, after the time that such work takes."""
    wish, begun = order.valid, time.monotonic()
    wanted = wish.count if count is None else count
    pictures = [order.draw(wish, index) for index in range(wanted)]
    order.wait(spread(order) - (time.monotonic() - begun))
    return pictures


def picture_answer(order: Order, pictures: list[bytes], billed: str | None = None) -> Answer:
    """Encoded pictures in the documented envelope; `billed` in place of the list price."""
    data = [
        {"b64_json": pybase64.b64encode_as_string(picture), "url": None} for picture in pictures
    ]
    return data_answer(order, data, billed)


def data_answer(order: Order, data: list[dict[str, str | None]], billed: str | None) -> Answer:
    amount = bill(order.valid.model, order.valid.options, len(data)) if billed is None else billed
    payload = {"created": int(time.time()), "data": data, "usage": {"billed_amount": amount}}
    return Answer(200, json.dumps(payload).encode(), JSON, billed=amount, pictures=len(data))


@functools.lru_cache(maxsize=4)
def verbatim(body: bytes) -> Answer:
    """A prepared JSON body as it stands; its own amount goes into the book.

    Kept, since a bench asks for the same megabytes again and again."""
    payload = json.loads(body)
    return Answer(
        200,
        body,
        billed=str(payload["usage"]["billed_amount"]),
        pictures=len(payload["data"]),
    )


def spread(order: Order) -> float:
    """Seconds of this call: the usual time ±40%, the same for the same call each time."""
    seed = hashlib.sha256(f"{order.call.number} {order.call.sha256}".encode()).digest()
    return order.seconds * (1 + SPREAD * (seed[0] / 127.5 - 1))
