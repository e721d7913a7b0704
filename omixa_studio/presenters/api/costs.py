"""Costs, limits and requests for money as programs read them: dollars as text, unknown apart."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from omixa_studio.forms.costs import CostsAsked
from omixa_studio.models import BudgetRequest, Person, dollars
from omixa_studio.presenters.costs.review import (
    COLUMNS_ON_A_PAGE,
    ROWS_ON_A_PAGE,
    CostReview,
    build_review,
)
from omixa_studio.queries.budget import Room
from omixa_studio.queries.cost_sums import LedgerSum, UnknownSum
from omixa_studio.queries.review_sums import sums_by, unknown_by
from omixa_studio.queries.spent import Spent, SpentPage

from .studio import limit_told, money

CURRENCY = "USD"
Lost = Mapping[tuple[Any, ...], UnknownSum]


def review_told(asked: CostsAsked, person: Person) -> dict[str, Any]:
    """Return the review of the screen of costs as `person` may see it, a page of it."""
    target, span = settings.GATEWAY_TARGET, asked.span
    review = build_review(target, asked, person)
    lost = unknown_by(target, span, (asked.by,))
    unknown = review.unknown or unknown_by(target, span).get((), UnknownSum())
    whole = review.whole or sums_by(target, span).get((), LedgerSum())
    return {
        "currency": CURRENCY,
        "target": target,
        "practice": settings.SANDBOX_MODE,
        "from": span.first,
        "to": span.last,
        "total": _sum_told(whole),
        "unknown": {
            "requests": unknown.requests,
            "failed": unknown.failed,
            "held": micros_told(unknown.held),
        },
        "by": asked.by,
        "then": asked.then or None,
        "groups": _groups(review, lost),
        "page": asked.page,
        "pages": max(-(-review.all_rows // ROWS_ON_A_PAGE), 1),
        "beside": asked.beside,
        "pages_beside": max(-(-review.all_columns // COLUMNS_ON_A_PAGE), 1),
    }


def spent_told(page: SpentPage, *, reads: bool) -> dict[str, Any]:
    """Return requests with what the ledger says of them, and the place of the next page.

    `reads` is whether prompts and pictures are open to who asks.
    """
    place = page.following
    return {
        "currency": CURRENCY,
        "requests": [_spent(one, reads=reads) for one in page.rows],
        "before": f"{place[0]}.{place[1]}" if place else None,
    }


def budgets_told(rooms: list[Room]) -> dict[str, Any]:
    """Return limits with what counts against them, and where people ask for more."""
    return {
        "currency": CURRENCY,
        "limits": [
            {
                **limit_told(room),
                "subject": room.subject,
                "counted": micros_told(room.counted_micros),
                "raised": micros_told(room.raised_micros),
            }
            for room in rooms
        ],
        "ask_url": f"{settings.STUDIO_URL}{reverse('budget_requests')}",
    }


def asked_told(row: BudgetRequest) -> dict[str, Any]:
    """Return a request for more money, and its answer."""
    same = ("state", "scope", "period", "until", "message", "granted_until", "note")
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in (*same, "created_at", "answered_at")},
        "amount": micros_told(row.amount_micros),
        "granted": None if row.granted_micros is None else micros_told(row.granted_micros),
    }


def micros_told(micros: int) -> str | None:
    """Return micro-dollars as dollars with six places."""
    return money(dollars(micros))


def _groups(review: CostReview, lost: Lost) -> list[dict[str, Any]]:
    asked = review.asked
    first = (asked.page - 1) * ROWS_ON_A_PAGE
    keys = list(review.sums)[first : first + ROWS_ON_A_PAGE]
    columns = [one for one in review.columns if one.key is not None]
    return [
        {
            "key": _key(key),
            "name": str(row.values[0]),
            "sum": _sum_told(review.sums[key]),
            "unknown": lost.get((key,), UnknownSum()).requests,
            "parts": [
                {"key": _key(one.key), "name": one.label, "sum": _sum_told(cell)}
                for one in columns
                if (cell := review.cells.get((key, one.key)))
            ],
        }
        for key, row in zip(keys, review.rows, strict=True)
    ]


def _sum_told(line: LedgerSum) -> dict[str, Any]:
    """Return a sum; its bill is None where there are requests and none has a known cost."""
    is_known = line.billed or line.requests > line.not_final or not line.requests
    return {
        "requests": line.requests,
        "pictures": line.pictures,
        "billed": micros_told(line.billed) if is_known else None,
        "reserved": micros_told(line.open),
        "failed": line.failed,
        "not_final": line.not_final,
    }


def _spent(one: Spent, *, reads: bool) -> dict[str, Any]:
    made = one.generation
    is_open = reads and not one.is_private
    return {
        "generation": one.pk,
        "day": one.day,
        "created_at": made.created_at if made else None,
        "person": one.person_id,
        "person_name": one.person_name,
        "model": one.model,
        "operation": one.operation,
        "state": made.state if made else None,
        "prompt": made.prompt if made and is_open else None,
        "billed": None if one.billed is None else micros_told(one.billed),
        "held": micros_told(one.held),
        "pictures": [picture.pk for picture in one.pictures] if reads else [],
    }


def _key(key: Any) -> Any:
    return key.isoformat() if isinstance(key, date) else key
