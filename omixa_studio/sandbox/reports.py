"""Lists that the documentation names without showing their shape: the models and the usage log.

That `GET /models`, `/usage/requests` and `/usage/rollups` exist, and roughly what an entry tells,
is documented; every JSON name below is the sandbox's own guess.
"""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from omixa_studio.catalogue import Catalogue

from .book import Call


def models_payload(catalogue: Catalogue) -> dict[str, object]:
    """The enabled models with modality, provider and prices."""
    return {
        "data": [
            {
                "id": model.slug,
                "name": model.name,
                "modality": "image",
                "provider": model.provider,
                "operations": list(model.operations),
                "prices": {"image_per_unit": text(model.image_price)},
            }
            for model in catalogue.enabled
        ]
    }


def requests_payload(calls: Sequence[Call]) -> dict[str, object]:
    """The request log, newest first, at most 100 entries."""
    return {"data": [entry(call) for call in reversed(calls[-100:])]}


def entry(call: Call) -> dict[str, object]:
    return {
        "id": f"req_{call.number:08d}",
        "created": int(call.time),
        "model": call.model,
        "operation": "images.generations",
        "stream": False,
        "status": "running" if call.finished is None else outcome(call),
        "input_tokens": 0,
        "output_tokens": 0,
        "cost": text(call.billed),
        "latency_ms": None if call.finished is None else int((call.finished - call.time) * 1000),
        "error": None if call.status in (None, 200) else f"HTTP {call.status}",
    }


def outcome(call: Call) -> str:
    return "succeeded" if call.billed is not None else "failed"


def rollups_payload(calls: Sequence[Call]) -> dict[str, object]:
    """Totals per day (UTC)."""
    days: dict[str, list[Call]] = defaultdict(list)
    for call in tuple(calls):
        moment = datetime.datetime.fromtimestamp(call.time, datetime.UTC)
        days[moment.date().isoformat()].append(call)
    return {"data": [rollup(day, days[day]) for day in sorted(days)]}


def rollup(day: str, calls: list[Call]) -> dict[str, object]:
    billed = [call.billed for call in calls if call.billed is not None]
    total = sum(billed, Decimal(0))
    return {"period": day, "requests": len(calls), "pictures": len(billed), "cost": text(total)}


def text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.6f}"
