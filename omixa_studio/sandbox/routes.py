"""The routes of the sandbox; the table at the end lists all of them.

`/_sandbox/…` is for tests: which calls came, and how the next ones shall misbehave. It needs the
key, and a Host that is this machine: a page of somebody else in a browser here has neither.
"""

import importlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from email.message import Message
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from omixa_studio.catalogue import load_catalogue

from . import reports
from .answers import Answer, Refusal, error_answer, json_answer
from .book import Call
from .faults import answer_for, check_fault, fault_of_prompt
from .orders import Order
from .reading import ValidRequest, read_fields, read_wish
from .reports import SHAPES, models_payload
from .state import API, PICTURES, SandboxState

# Keys that begin so buy as well, so that several can be tried.
PRACTICE = "omx_practice_"
# As many pictures are drawn at a time; more would only share the same two cores.
PENCILS = threading.Semaphore(2)


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """A received request. `write` sends an answer and says whether all of it went out."""

    method: str
    target: str
    headers: Message
    body: bytes
    write: Callable[[Answer], bool]

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    def query(self, name: str, default: str) -> str:
        return parse_qs(urlsplit(self.target).query).get(name, [default])[0]


def respond(state: SandboxState, incoming: IncomingCall) -> None:
    """Answer a request."""
    route = ROUTES.get((incoming.method, incoming.path), no_such_route)
    try:
        answer = route(state, incoming)
    except Refusal as refusal:
        answer = refusal.answer
    if answer is not None:
        incoming.write(answer)


def generate(state: SandboxState, incoming: IncomingCall) -> None:
    """The paid address: book the call, find out what to do, charge, answer."""
    call = state.book.begin(incoming.target, dict(incoming.headers.items()), incoming.body)
    written = False
    try:
        answer = decide(state, incoming, call)
        state.book.charge(
            call, status=answer.status, billed=answer.billed, pictures=answer.pictures
        )
        if state.book.names_requests:
            named = ("X-Request-Id", reports.request_id(state.book, call))
            answer = replace(answer, headers=(*answer.headers, named))
        written = incoming.write(answer)
    finally:
        state.book.finish(call, written=written)


def decide(state: SandboxState, incoming: IncomingCall, call: Call) -> Answer:
    try:
        check_key(state, incoming)
        fields = read_fields(incoming.headers.get("Content-Type", ""), incoming.body)
        call.model, call.prompt = str(fields.get("model", "")), str(fields.get("prompt", ""))
        call.fault = state.book.next_fault(fault_of_prompt(call.prompt))
        return answer_for(order_of(state, call, fields), call.fault)
    except Refusal as refusal:
        return refusal.answer
    except ValueError:
        if not call.fault:
            raise
        # A fault with an argument that it cannot read, for instance status:soon.
        return error_answer(422, f"The fault {call.fault!r} cannot be understood.")


def order_of(state: SandboxState, call: Call, fields: dict[str, object]) -> Order:
    wish: ValidRequest | Refusal
    try:
        wish = read_wish(fields, load_catalogue(state.models_toml), state.closed)
    except Refusal as refusal:
        wish = refusal
    take = state.book.take_of(call.prompt) if isinstance(wish, ValidRequest) else 0
    return Order(
        call=call,
        wish=wish,
        seconds=state.seconds,
        fixed_answer=state.fixed_answer,
        prepared=state.book.prepared,
        picture_url=state.picture_url,
        keep_picture=state.kept.__setitem__,
        draw=lambda wish, index: draw(wish, index, take),
        wait=lambda seconds: wait(state, seconds),
    )


def draw(wish: ValidRequest, index: int, take: int) -> bytes:
    # Pillow comes with the first picture: an idle sandbox stays a third smaller.
    pictures = importlib.import_module("omixa_studio.sandbox.pictures")
    with PENCILS:
        data: bytes = pictures.draw_picture(wish, index, take)
    return data


def wait(state: SandboxState, seconds: float) -> None:
    """Sleep. Raises ConnectionAbortedError when the sandbox closes: the call is cut off."""
    if seconds > 0 and state.closing.wait(seconds):
        raise ConnectionAbortedError


def check_key(state: SandboxState, incoming: IncomingCall) -> None:
    """Raises Refusal 401 unless the request carries a key: `Authorization: Bearer <key>`."""
    given = incoming.headers.get("Authorization", "")
    if given.startswith(f"Bearer {PRACTICE}"):
        return
    if given not in {f"Bearer {key}" for key in (state.key, *state.more_keys)}:
        raise Refusal(401)


def check_control(state: SandboxState, incoming: IncomingCall) -> None:
    """Raises Refusal unless whoever steers the sandbox has its key and sits at this machine."""
    if incoming.headers.get("Authorization", "") != f"Bearer {state.key}":
        raise Refusal(401)
    host = urlsplit(f"//{incoming.headers.get('Host', '')}").hostname or ""
    if not (host in ("localhost", state.host) or _is_loopback(host)):
        raise Refusal(403)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def models(state: SandboxState, incoming: IncomingCall) -> Answer:
    check_key(state, incoming)
    return json_answer(models_payload(load_catalogue(state.models_toml)))


def usage_requests(state: SandboxState, incoming: IncomingCall) -> Answer:
    check_key(state, incoming)
    page = incoming.query("page", "1")
    number = int(page) if page.isdecimal() and len(page) < 9 else 1
    return reports.requests_answer(state.book, number)


def usage_rollups(state: SandboxState, incoming: IncomingCall) -> Answer:
    check_key(state, incoming)
    period = incoming.query("period_type", "day")
    if period != "day":
        raise Refusal(422, "period_type must be day.")
    return reports.rollups_answer(state.book)


def control_calls(state: SandboxState, incoming: IncomingCall) -> Answer:
    check_control(state, incoming)
    since = incoming.query("since", "0")
    return json_answer(state.book.report(int(since) if since.isdigit() else 0))


def control_script(state: SandboxState, incoming: IncomingCall) -> Answer:
    """`{"faults": ["…"], "always": "…" or "", "answer": "prepared body"}`, all optional.

    `usage` chooses the shape of the lists about usage, `request_ids` whether answers have an id.
    """
    check_control(state, incoming)
    try:
        wanted = json.loads(incoming.body or b"{}")
        answer = wanted.get("answer")
        prepared = None if answer is None else answer.encode()
        set_faults(state, wanted.get("faults", []), wanted.get("always"), prepared=prepared)
        set_usage(state, wanted.get("usage"), wanted.get("request_ids"))
    except (ValueError, AttributeError, TypeError) as error:
        raise Refusal(422, str(error)) from None
    return json_answer({"ok": True})


def set_faults(
    state: SandboxState, faults: Sequence[str], always: str | None, *, prepared: bytes | None
) -> None:
    """Queue faults for the next calls. Raises ValueError for one that does not exist."""
    for fault in (*faults, always):
        if fault:
            check_fault(fault)
    state.book.script(faults, always, prepared)


def set_usage(state: SandboxState, shape: str | None, names_requests: bool | None) -> None:
    """Choose the shape of the lists about usage; None leaves it. ValueError if there is none."""
    if shape not in (None, "", *SHAPES):
        raise ValueError(f"There is no shape {shape!r}; there are: {', '.join(SHAPES)}.")
    book = state.book
    book.shape = book.shape if shape is None else shape
    book.names_requests = book.names_requests if names_requests is None else bool(names_requests)


def control_reset(state: SandboxState, incoming: IncomingCall) -> Answer:
    check_control(state, incoming)
    state.book.reset()
    state.kept.clear()
    return json_answer({"ok": True})


def no_such_route(state: SandboxState, incoming: IncomingCall) -> Answer:
    name = incoming.path.removeprefix(f"{PICTURES}/")
    if incoming.method == "GET" and name in state.kept:
        return Answer(200, state.kept[name], "application/octet-stream")
    return error_answer(404)


ROUTES: dict[tuple[str, str], Callable[[SandboxState, IncomingCall], Answer | None]] = {
    ("POST", f"{API}/images/generations"): generate,
    ("GET", f"{API}/models"): models,
    ("GET", f"{API}/usage/requests"): usage_requests,
    ("GET", f"{API}/usage/rollups"): usage_rollups,
    ("GET", "/_sandbox/calls"): control_calls,
    ("POST", "/_sandbox/script"): control_script,
    ("POST", "/_sandbox/reset"): control_reset,
}
