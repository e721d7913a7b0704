"""The free list of models. Its shape is not documented.

So the reader is tolerant and requires nothing: a list, or a list within an object.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from omixa_studio.gateway.document import Unreadable, read_document
from omixa_studio.gateway.errors import GatewayError, told
from omixa_studio.gateway.records import OfferedModel, RawAnswer
from omixa_studio.gateway.redaction import clean
from omixa_studio.gateway.refusal import plain_text, refusal, request_id

MOST_ENTRIES = 10_000
LISTS = ("data", "models", "items", "results")


def read_models(raw: RawAnswer) -> tuple[OfferedModel, ...]:
    """Return every entry with a slug. Raises GatewayError if the answer is no such list."""
    found = (_model(entry) for entry in _entries(raw))
    return tuple(model for model in found if model.slug)


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


def _word(entry: Mapping[str, object], *names: str) -> str:
    """Return the first of these keys that holds text or a number."""
    texts = (entry.get(name) for name in names)
    return next((clean(text, most=200) for text in texts if isinstance(text, str) and text), "")


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
