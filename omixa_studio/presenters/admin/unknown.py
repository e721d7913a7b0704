"""Calls with an unknown cost, each with what is known about it."""

import socket
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from omixa_studio.catalogue import load_catalogue
from omixa_studio.gateway.records import UsageEntry
from omixa_studio.models import Generation, State
from omixa_studio.presenters.targets import elsewhere
from omixa_studio.queries.lost import listed_calls
from omixa_studio.queries.pauses import names_of_keys
from omixa_studio.queries.unknown import (
    settled_calls,
    taken_request_ids,
    unknown_calls,
    unknown_count,
)
from omixa_studio.services import usage
from omixa_studio.spool import Leftover, leftovers

MOST_ROWS = 100
# In this order: the ones that can be decided by looking at the pictures come first.
HEADINGS = {
    State.DONE: _("Pictures kept, cost unknown"),
    State.UNKNOWN: _("Outcome unknown"),
    State.FAILED: _("Refused, cost unknown"),
}


@dataclass(frozen=True, kw_only=True)
class UnknownCall:
    """One unknown call. `found` is None until its gateway has been asked.

    `elsewhere` is the worker whose machine may have the answer, "" if it is this machine. `gateway`
    names a gateway that the studio no longer uses.
    """

    generation: Generation
    model_name: str
    spooled: Leftover | None
    elsewhere: str = ""
    gateway: str = ""
    key: str = ""
    is_on_own_bill: bool = False
    found: Sequence[UsageEntry] | None = None
    amount: str = ""
    error: str = ""


def page_of(rows: Sequence[UnknownCall]) -> dict[str, object]:
    """Return the context of the page: the rows, and how many more there are."""
    left_out = unknown_count(settings.GATEWAY_TARGET) - len(rows) if len(rows) == MOST_ROWS else 0
    lost = listed_calls()
    shown = list(lost[:MOST_ROWS])
    names = names_of_keys([call.gateway_key for call in shown])
    return {
        "rows": rows,
        "groups": [
            (heading, [row for row in rows if _outcome(row) == state])
            for state, heading in HEADINGS.items()
            if any(_outcome(row) == state for row in rows)
        ],
        "left_out": left_out,
        "lost": [(call, names.get(call.gateway_key, "")) for call in shown],
        "lost_count": lost.count() if len(shown) == MOST_ROWS else len(shown),
        "lost_last": max((call.pk for call in shown), default=0),
    }


def _outcome(row: UnknownCall) -> str:
    state = row.generation.state
    return state if state in HEADINGS else State.FAILED


def unknown_rows() -> list[UnknownCall]:
    """Return the calls that an admin has to decide, with their files in the spool."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    spooled = leftovers(settings.SPOOL_DIR)
    rows = []
    calls = unknown_calls(settings.GATEWAY_TARGET).prefetch_related("pictures", "files")
    for generation in calls[:MOST_ROWS]:
        model = catalogue.find(generation.model)
        owner = generation.attempt and (generation.pk, generation.attempt)
        rows.append(
            UnknownCall(
                generation=generation,
                model_name=model.name if model else generation.model,
                spooled=spooled.get(owner) if owner else None,
                elsewhere=_elsewhere(generation),
                gateway=elsewhere(generation),
                key=key.name if (key := generation.gateway_key) else "",
                is_on_own_bill=bool(key and key.on_own_bill),
            )
        )
    return rows


def _elsewhere(generation: Generation) -> str:
    host, _, _process = generation.worker.rpartition(":")
    return generation.worker if host not in ("", socket.gethostname()) else ""


def compared(rows: Iterable[UnknownCall], entries: Sequence[UsageEntry]) -> list[UnknownCall]:
    """Match the gateway's usage entries with the rows, without entries of calls of known cost."""
    rows = list(rows)
    ours = [row for row in rows if not (row.gateway or row.is_on_own_bill)]
    entries = _unexplained(ours, entries)
    likely = [one.id for row in ours for one in usage.fitting(row.generation, entries) if one.id]
    taken = taken_request_ids(settings.GATEWAY_TARGET, likely)
    found = {row.generation.pk: usage.fitting(row.generation, entries, taken=taken) for row in ours}
    claims = Counter(id(one) for fits in found.values() for one in fits)
    return [
        replace(row, found=fits, amount=_typed(fits, claims))
        if (fits := found.get(row.generation.pk)) is not None
        else row
        for row in rows
    ]


def _unexplained(rows: Sequence[UnknownCall], entries: Sequence[UsageEntry]) -> list[UsageEntry]:
    """Return the entries that no call of known cost accounts for, if any fits a row at all."""
    target = settings.GATEWAY_TARGET
    times = [
        one.created
        for one in entries
        if one.created and any(usage.may_be(row.generation, one) for row in rows)
    ]
    if not times:
        return list(entries)
    around = timedelta(seconds=settings.CALL_SECONDS) + usage.SLACK
    settled = settled_calls(target, min(times) - around, max(times) + around)
    ours = {row.generation.request_id for row in rows if row.generation.request_id}
    return usage.left_over(entries, list(settled), not_theirs=ours)


def with_fault(
    rows: Iterable[UnknownCall], pk: int, *, typed: str, sentence: str
) -> list[UnknownCall]:
    """Return the same rows, one of them with the typed amount and its error."""
    return [
        replace(row, amount=typed, error=sentence) if row.generation.pk == pk else row
        for row in rows
    ]


def _typed(found: Sequence[UsageEntry], claims: Counter[int]) -> str:
    """Return the amount to prefill if one entry fits, unless it may be the bill of another call."""
    amount = usage.suggested(found)
    alone = all(claims[id(one)] == 1 for one in found)
    return f"{amount:f}" if amount is not None and alone else ""
