"""Put requests and lines of a bill side by side: by proof, else by nearness. Pure; reads no row.

Proof is the same request id. Nearness is the same model and amount within the time of the call; it
makes two things likely to be one, and never more than that.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from omixa_studio.models import MatchKind, Proof

from .usage import SLACK


@dataclass(frozen=True, slots=True)
class SentCall:
    """A request that was sent: from when to when it can have been at the gateway, and its cost.

    `micros` is what the ledger has, in micro-dollars: 0 if it was free, None while unknown.
    """

    pk: int
    request_id: str
    model: str
    began: datetime
    ended: datetime
    micros: int | None


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of the bill; `micros` is None if its amount is unclear, or (no `text`) not told."""

    pk: int
    request_id: str
    model: str
    at: datetime | None
    micros: int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A request and a line that are one, or one of them alone."""

    call: SentCall | None
    line: BillLine | None
    proof: Proof = Proof.NONE


CallKey = Callable[[SentCall], Hashable]
LineKey = Callable[[BillLine], Hashable]


@dataclass(frozen=True)
class Pass:
    """One way of finding neighbours: which calls and lines take part, and what they must share.

    None as a key takes something out of the pass.
    """

    of_call: CallKey
    of_line: LineKey


def _of_model(one: SentCall | BillLine) -> str:
    return one.model.lower()


# From the likeliest to the least likely; who found a neighbour takes no further part.
PASSES = (
    Pass(
        lambda call: (_of_model(call), call.micros) if call.micros else None,
        lambda line: (_of_model(line), line.micros) if line.micros and line.model else None,
    ),
    Pass(
        lambda call: call.micros or None,
        lambda line: line.micros if line.micros and not line.model else None,
    ),
    Pass(
        lambda call: _of_model(call) if call.micros is None else None,
        lambda line: _of_model(line) or None if line.micros else None,
    ),
    Pass(
        lambda call: _of_model(call) if call.micros else None,
        lambda line: _of_model(line) or None if line.micros or line.text else None,
    ),
    # A call that was free to our knowledge, and a line that says otherwise.
    Pass(
        lambda call: _of_model(call) if call.micros == 0 else None,
        lambda line: _of_model(line) or None if line.micros else None,
    ),
)


def pair(calls: Sequence[SentCall], lines: Sequence[BillLine]) -> list[SideBySide]:
    """Return every call and every line once: in a pair, or alone."""
    pairs = _by_id(calls, lines)
    for one in PASSES:
        taken = {pair.call.pk for pair in pairs if pair.call}
        gone = {pair.line.pk for pair in pairs if pair.line}
        pairs += near(
            [call for call in calls if call.pk not in taken],
            [line for line in lines if line.pk not in gone],
            one,
        )
    taken = {pair.call.pk for pair in pairs if pair.call}
    gone = {pair.line.pk for pair in pairs if pair.line}
    pairs += [SideBySide(call, None) for call in calls if call.pk not in taken]
    pairs += [SideBySide(None, line) for line in lines if line.pk not in gone]
    return pairs


def near(calls: Iterable[SentCall], lines: Iterable[BillLine], one: Pass) -> list[SideBySide]:
    """Pair as many calls and lines as possible that share a key and a time."""
    calls_of: dict[Hashable, list[SentCall]] = defaultdict(list)
    lines_of: dict[Hashable, list[tuple[datetime, int, BillLine]]] = defaultdict(list)
    for line in lines:
        if line.at is not None and (key := one.of_line(line)) is not None:
            lines_of[key].append((line.at, line.pk, line))
    for call in calls:
        if (key := one.of_call(call)) in lines_of:
            calls_of[key].append(call)
    found: list[SideBySide] = []
    for key, its_calls in calls_of.items():
        found += _in_time(its_calls, sorted(lines_of[key], key=lambda item: item[:2]))
    return found


def kind_of(one: SideBySide, *, covered: bool) -> MatchKind | None:
    """Return what a pair is; None if there is nothing to tell, such as a free call without a line.

    `covered` is whether the bill is known at the time of the call.
    """
    call, line = one.call, one.line
    if call and line:
        return _kind_of_both(call, line)
    if line:
        unclear = MatchKind.UNCLEAR if line.micros is None and line.text else None
        return MatchKind.BILL_ONLY if line.micros else unclear
    if call and call.micros:
        return MatchKind.HERE_ONLY if covered else MatchKind.UNCOVERED
    return None


def _kind_of_both(call: SentCall, line: BillLine) -> MatchKind:
    if call.micros is None:
        return MatchKind.UNKNOWN
    if line.micros is None:
        return MatchKind.UNCLEAR if line.text or call.micros else MatchKind.EQUAL
    return MatchKind.EQUAL if call.micros == line.micros else MatchKind.AMOUNT


def _by_id(calls: Iterable[SentCall], lines: Iterable[BillLine]) -> list[SideBySide]:
    lines_of = {line.request_id: line for line in lines if line.request_id}
    found: list[SideBySide] = []
    for call in calls:
        if call.request_id and (line := lines_of.pop(call.request_id, None)):
            found.append(SideBySide(call, line, Proof.ID))
    return found


def _in_time(
    calls: list[SentCall], lines: list[tuple[datetime, int, BillLine]]
) -> list[SideBySide]:
    """Give each line the call around it that ends first, so that most lines find one."""
    waiting = sorted(calls, key=lambda call: (call.began, call.pk), reverse=True)
    around: list[tuple[datetime, int, SentCall]] = []
    found: list[SideBySide] = []
    for at, _, line in lines:
        while waiting and waiting[-1].began - SLACK <= at:
            call = waiting.pop()
            heapq.heappush(around, (call.ended + SLACK, call.pk, call))
        while around and around[0][0] < at:
            heapq.heappop(around)
        if around:
            found.append(SideBySide(heapq.heappop(around)[2], line, Proof.NEAR))
    return found
