"""The free lists: models, and the request log. Their shapes are not documented.

So the readers are tolerant and require nothing: a list, or a list within an object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from omixa_studio.gateway.document import Unreadable, read_document
from omixa_studio.gateway.errors import GatewayError, told
from omixa_studio.gateway.money import parse_money
from omixa_studio.gateway.records import OfferedModel, RawAnswer, UsageEntry
from omixa_studio.gateway.redaction import clean
from omixa_studio.gateway.refusal import plain_text, refusal, request_id

MOST_ENTRIES = 10_000
LISTS = ("data", "models", "requests", "items", "results")

_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")


def read_models(raw: RawAnswer) -> tuple[OfferedModel, ...]:
    """Return every entry with a slug. Raises GatewayError if the answer is no such list."""
    found = (_model(entry) for entry in _entries(raw))
    return tuple(model for model in found if model.slug)


def read_usage(raw: RawAnswer) -> tuple[UsageEntry, ...]:
    """Return every entry in the order received. Raises GatewayError if it is no list."""
    return tuple(_usage(entry) for entry in _entries(raw))


def _model(entry: Mapping[str, object]) -> OfferedModel:
    slug = _word(entry, "slug", "id", "model", "name")
    return OfferedModel(
        slug=slug,
        name=_word(entry, "display_name", "title", "name", "slug", "id", "model"),
        modality=_word(entry, "modality", "type"),
        provider=_word(entry, "provider", "owned_by"),
        prices=_prices(entry),
        raw=entry,
    )


def _prices(entry: Mapping[str, object]) -> dict[str, str]:
    """Return texts and numbers whose name mentions a price, also inside such an object."""
    found: dict[str, str] = {}
    for name, value in entry.items():
        if not re.search(r"pric|cost|hold", name, re.IGNORECASE):
            continue
        inner = value if isinstance(value, dict) else {name: value}
        found |= {clean(key): clean(text) for key, text in inner.items() if isinstance(text, str)}
    return found


def _usage(entry: Mapping[str, object]) -> UsageEntry:
    cost = _word(entry, "billed_amount", "cost", "amount", "total_cost")
    return UsageEntry(
        id=_word(entry, "id", "request_id", "uuid"),
        model=_word(entry, "model", "model_slug", "slug"),
        operation=_word(entry, "operation", "endpoint", "type"),
        status=_word(entry, "status", "state"),
        cost=parse_money(cost),
        cost_text=cost,
        created=_moment(_word(entry, "created_at", "created", "timestamp", "time")),
        raw=entry,
    )


def _word(entry: Mapping[str, object], *names: str) -> str:
    """Return the first of these keys that holds text or a number."""
    texts = (entry.get(name) for name in names)
    return next((clean(text, most=200) for text in texts if isinstance(text, str) and text), "")


def _moment(text: str) -> datetime | None:
    """Return a time from Unix seconds or ISO text; without a zone it is read as UTC."""
    try:
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _entries(raw: RawAnswer) -> list[dict[str, object]]:
    if raw.status != 200:
        raise refusal(raw, paid=False)
    try:
        document = read_document(raw.body)
    except Unreadable:
        raise _not_a_list(raw) from None
    found = document
    if isinstance(document, dict):
        found = next((document[name] for name in LISTS if name in document), None)
    if not isinstance(found, list):
        raise _not_a_list(raw)
    return [entry for entry in found[:MOST_ENTRIES] if isinstance(entry, dict)]


def _not_a_list(raw: RawAnswer) -> GatewayError:
    return GatewayError(
        told("odd_list"),
        kind="gateway",
        charged="no",
        detail=plain_text(bytes(raw.body[:2000])),
        status=raw.status,
        request_id=request_id(raw.headers),
    )
