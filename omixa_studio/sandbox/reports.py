"""Lists that the documentation names without showing their shape: the models and the usage log.

That `GET /models`, `/usage/requests` and `/usage/rollups` exist, and roughly what an entry tells,
is documented; every JSON name below is the sandbox's own guess.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

from omixa_studio.catalogue import Catalogue

from .answers import Answer, json_answer
from .book import Book, Call

PAGE = 100
Row = dict[str, object]
Rows = list[Row]


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


def requests_answer(book: Book, page: int) -> Answer:
    """The request log, newest first, in pages of 100 entries, in the shape that was chosen."""
    calls = book.calls[::-1]
    shown = calls[(page - 1) * PAGE : page * PAGE]
    pages = -(-len(calls) // PAGE) or 1
    make = SHAPES[book.shape or PLAIN][0]
    return make([entry(book, call) for call in shown], {"page": page, "total_pages": pages})


def rollups_answer(book: Book) -> Answer:
    """Totals per day (UTC), in the shape that was chosen."""
    days: dict[str, list[Call]] = defaultdict(list)
    for call in tuple(book.calls):
        moment = datetime.datetime.fromtimestamp(call.time, datetime.UTC)
        days[moment.date().isoformat()].append(call)
    return SHAPES[book.shape or PLAIN][1]([rollup(day, days[day]) for day in sorted(days)])


def request_id(book: Book, call: Call) -> str:
    return f"req_{book.born:x}_{call.number:06d}"


def entry(book: Book, call: Call) -> Row:
    return {
        "id": request_id(book, call),
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


def rollup(day: str, calls: list[Call]) -> Row:
    billed = [call.billed for call in calls if call.billed is not None]
    total = sum(billed, Decimal(0))
    return {"period": day, "requests": len(calls), "pictures": len(billed), "cost": text(total)}


def text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.6f}"


# Shapes: how the lists about usage look. Each is told the same rows, and so the same sums.


def plain(rows: Rows, paging: Row | None = None) -> Answer:
    return json_answer({"data": rows, **(paging or {})})


def bare(rows: Rows, paging: Row | None = None) -> Answer:
    """A list and nothing around it, money as numbers."""
    return json_answer([{**row, "cost": number(row["cost"])} for row in rows])


def nested_entries(rows: Rows, paging: Row) -> Answer:
    """Everything inside something, names in another spelling, times in milliseconds."""
    found = [
        {
            "request": {"id": row["id"], "createdAt": int(str(row["created"])) * 1000},
            "model": {"slug": row["model"], "provider": {"id": "p1"}},
            "usage": {"tokens": {"total": 120}, "billedAmount": row["cost"]},
            "user": {"id": "u1"},
        }
        for row in rows
    ]
    page = int(str(paging["page"]))
    more = page < int(str(paging["total_pages"]))
    link = f"https://elsewhere.test/usage/requests?page={page + 1}" if more else None
    return json_answer({"result": {"requests": found}, "links": {"next": link}})


def days_as_names(rows: Rows) -> Answer:
    return json_answer({"days": {row["period"]: {"spend": row["cost"]} for row in rows}})


def micro_entries(rows: Rows, paging: Row) -> Answer:
    """Whole micro-dollars, times as text, and no request ids."""
    found = [
        {"at": iso(row["created"]), "modelName": row["model"], "cost_micros": micros(row["cost"])}
        for row in rows
    ]
    return json_answer({"items": found, "pagination": paging})


def micro_days(rows: Rows) -> Answer:
    found = [
        {"period": {"start": f"{row['period']}T00:00:00Z"}, "cost_micros": micros(row["cost"])}
        for row in rows
    ]
    return json_answer({"items": found})


def wrong_entries(rows: Rows, paging: Row) -> Answer:
    """Types that nobody expects; nothing of it can be read."""
    found = [{"id": [row["id"]], "cost": {"of": [1]}, "created": True} for row in rows]
    return json_answer({"data": [None, 5, "x", *found], "next_page": -1})


def wrong_days(rows: Rows) -> Answer:
    return json_answer({"data": [{"period": 5, "cost": "much"}, [], None]})


def html(rows: Rows, paging: Row | None = None) -> Answer:
    return Answer(200, b"<!doctype html><title>Soon</title>", "text/html")


def empty(rows: Rows, paging: Row | None = None) -> Answer:
    return Answer(200, b"")


def number(amount: object) -> float | None:
    """A number whose text is the exact amount again, as far as it is below a billion."""
    return None if amount is None else float(str(amount))


def micros(amount: object) -> int | None:
    return None if amount is None else int(Decimal(str(amount)).scaleb(6))


def iso(seconds: object) -> str:
    return datetime.datetime.fromtimestamp(int(str(seconds)), datetime.UTC).isoformat()


PLAIN = "plain"
# The shape of the request log, and that of the days.
SHAPES: dict[str, tuple[Callable[[Rows, Row], Answer], Callable[[Rows], Answer]]] = {
    PLAIN: (plain, plain),
    "bare": (bare, bare),
    "nested": (nested_entries, days_as_names),
    "micros": (micro_entries, micro_days),
    "wrong-types": (wrong_entries, wrong_days),
    "html": (html, html),
    "empty": (empty, empty),
}
