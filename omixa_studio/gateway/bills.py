"""The gateway's own books: its request log, its totals of days, and where they go on.

That both lists exist is documented, their shapes are not: names are tried in turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl, urlencode, urlsplit

from omixa_studio.gateway import lenient
from omixa_studio.gateway.document import Unreadable, read_document
from omixa_studio.gateway.errors import GatewayError, told
from omixa_studio.gateway.records import RawAnswer, UsageEntry
from omixa_studio.gateway.refusal import plain_text, refusal, request_id

LISTS = ("data", "requests", "rollups", "usage", "items", "results", "entries", "records", "logs")
IDS = ("request_id", "id", "req_id", "uuid", "generation_id", "transaction_id", "reference")
MODELS = ("model_slug", "model", "model_id", "model_name", "slug")
OPERATIONS = ("operation", "endpoint", "type", "kind", "path", "action")
STATUSES = ("status", "state", "outcome", "result")
COSTS = (
    *("billed_amount", "billed_cost", "billed", "final_cost", "cost_amount", "captured_amount"),
    *("total_cost", "cost", "amount", "cost_total", "total_amount", "charged_amount", "charged"),
    *("charge", "spend", "spent", "cost_value"),
)
TIMES = (
    *("created_at", "created", "timestamp", "time", "started_at", "requested_at", "date", "at"),
    *("start_time", "occurred_at", "datetime", "finished_at", "completed_at", "ts"),
)
DAYS = ("period_start", "period", "day", "date", "bucket", "start", "from", "start_date", *TIMES)
COUNTS = ("requests", "request_count", "count", "calls", "total_requests", "requests_count")
# What distinguishes several rows of one day, whose amounts then add up.
PARTS = (*MODELS, *OPERATIONS, "provider", "key", "api_key_name", "user", "modality")
CURSORS = ("next_cursor", "next_page_token", "cursor_next", "continuation")
LONGEST_QUERY = 500


@dataclass(frozen=True, slots=True)
class DayRollup:
    """The gateway's total of a day: dollars, None if unclear, and their text; the requests."""

    day: date
    cost: Decimal | None
    cost_text: str
    requests: int | None


@dataclass(frozen=True, slots=True)
class BillPage:
    """One answer of the request log; `next_query` leads to the page after it, "" if none does."""

    entries: tuple[UsageEntry, ...]
    next_query: str


def read_entries(raw: RawAnswer) -> BillPage:
    """Return every entry in the order received. Raises GatewayError if there is no list."""
    document = _document(raw)
    rows = lenient.rows_in(document, LISTS)
    if rows is None:
        raise _not_a_list(raw)
    return BillPage(tuple(map(_entry, rows)), _next_query(document))


def read_rollups(raw: RawAnswer) -> tuple[DayRollup, ...]:
    """Return the total of each day, in order. Raises GatewayError if there is nothing of the kind.

    Several rows of a day add up where they are of different models, keys and so on; else they
    contradict each other, unless they are the same, and the day's total is unclear.
    """
    document = _document(raw)
    rows = lenient.rows_in(document, LISTS)
    named = _rows_by_day(document)
    if rows is None and not named:
        raise _not_a_list(raw)
    days: dict[date, dict[str, DayRollup]] = {}
    for row in rows or named:
        texts = lenient.flat(row)
        found = _rollup(texts)
        if found is None:
            continue
        part = "\n".join(texts.get(name, "") for name in PARTS)
        before = days.setdefault(found.day, {}).setdefault(part, found)
        if before.cost != found.cost:
            days[found.day][part] = DayRollup(found.day, None, "", None)
    return tuple(_summed(days[day]) for day in sorted(days))


def _entry(row: Mapping[str, object]) -> UsageEntry:
    texts = lenient.flat(row)
    cost, cost_text = lenient.amount(texts, COSTS)
    return UsageEntry(
        id=lenient.first(texts, IDS),
        model=lenient.first(texts, MODELS),
        operation=lenient.first(texts, OPERATIONS),
        status=lenient.first(texts, STATUSES),
        cost=cost,
        cost_text=cost_text,
        created=_first_moment(texts),
        raw=row,
    )


def _first_moment(texts: Mapping[str, str]) -> datetime | None:
    moments = (lenient.moment(texts[name]) for name in TIMES if name in texts)
    return next((at for at in moments if at is not None), None)


def _rollup(texts: Mapping[str, str]) -> DayRollup | None:
    if texts.get("period_type", "day").lower() not in ("day", "daily"):
        return None
    days = (lenient.day(texts[name]) for name in DAYS if name in texts)
    day = next((one for one in days if one is not None), None)
    if day is None:
        return None
    cost, text = lenient.amount(texts, COSTS)
    count = lenient.first(texts, COUNTS)
    return DayRollup(day, cost, text, int(count) if count.isdecimal() and count.isascii() else None)


def _rows_by_day(document: object) -> list[dict[str, object]]:
    """Return rows from an object whose names are days, at the top or one level below."""
    if not isinstance(document, dict):
        return []
    for one in (document, *(value for value in document.values() if isinstance(value, dict))):
        rows = [
            {"day": name, **(value if isinstance(value, dict) else {"cost": value})}
            for name, value in list(one.items())[: lenient.MOST_ROWS]
            if len(name) in (8, 10) and lenient.day(name)
        ]
        if rows:
            return rows
    return []


def _summed(parts: Mapping[str, DayRollup]) -> DayRollup:
    rows = list(parts.values())
    costs = [row.cost for row in rows]
    counts = [row.requests for row in rows]
    if len(rows) == 1:
        return rows[0]
    total = None if None in costs else sum((cost or Decimal(0) for cost in costs), Decimal(0))
    number = None if None in counts else sum(count or 0 for count in counts)
    return DayRollup(rows[0].day, total, "" if total is None else f"{total:f}", number)


def _next_query(document: object) -> str:
    """Return the query of the next page: of a link, of a cursor, or of a page number.

    Of a link nothing but its query is believed: the key goes to the gateway's own address alone.
    """
    if not isinstance(document, dict):
        return ""
    told_here = {
        name: value for name, value in document.items() if isinstance(value, str | bool | dict)
    }
    texts = lenient.flat(told_here)
    link = lenient.first(texts, ("next", "next_url", "links_next", "next_page_url", "next_link"))
    if "?" in link:
        return urlencode(parse_qsl(urlsplit(link).query))[:LONGEST_QUERY]
    if cursor := lenient.first(texts, CURSORS):
        return urlencode({"cursor": cursor})
    return _next_number(texts)


def _next_number(texts: Mapping[str, str]) -> str:
    following = texts.get("next_page", "")
    if following.isdecimal() and following.isascii():
        return urlencode({"page": following[:9]})
    page, last = texts.get("page", ""), lenient.first(texts, ("total_pages", "last_page", "pages"))
    page = page or texts.get("current_page", "")
    if all(one.isdecimal() and one.isascii() and len(one) < 9 for one in (page, last)):
        return urlencode({"page": int(page) + 1}) if int(page) < int(last) else ""
    return ""


def _document(raw: RawAnswer) -> object:
    if raw.status != 200:
        raise refusal(raw, paid=False)
    try:
        return read_document(raw.body)
    except Unreadable:
        raise _not_a_list(raw) from None


def _not_a_list(raw: RawAnswer) -> GatewayError:
    return GatewayError(
        told("odd_bill"),
        kind="gateway",
        charged="no",
        detail=plain_text(bytes(raw.body[:2000])),
        status=raw.status,
        request_id=request_id(raw.headers),
    )
