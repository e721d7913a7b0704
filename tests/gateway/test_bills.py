"""The gateway's own books, whose shape nobody has documented: read if at all readable."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omixa_studio.gateway import lenient
from omixa_studio.gateway.bills import DayRollup, read_entries, read_rollups
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.records import RawAnswer, UsageEntry

NOON = datetime(2026, 6, 5, 12, tzinfo=UTC)
DAY = date(2026, 6, 5)
# The first example takes seconds on a busy machine.
SLOW = settings(suppress_health_check=[HealthCheck.too_slow])


def answer(document: object) -> RawAnswer:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return RawAnswer(200, {}, body)


def entry_of(row: object) -> UsageEntry:
    (found,) = read_entries(answer([row])).entries
    return found


@pytest.mark.parametrize(
    "row",
    [
        {"id": "r1", "model": "m", "cost": "0.04", "created_at": "2026-06-05T12:00:00Z"},
        {"requestId": "r1", "id": 7, "modelSlug": "m", "billedAmount": 0.04, "created": 1780660800},
        {"request": {"id": "r1"}, "model": {"id": "m"}, "cost": {"amount": "0.040000000"},
         "timing": {}, "timestamp": 1780660800000, "user": {"id": "u", "cost": "9"}},
        {"uuid": "r1", "model": "m", "cost_cents": 4, "ts": "2026-06-05T15:00:00+03:00"},
        {"id": "r1", "model_id": "m", "cost_micros": 40000, "Started At": "2026-06-05 12:00:00"},
        {"id": "r1", "model": "m", "usage": {"billed_amount": "$0.04", "total": 120},
         "tokens": {"total": 120}, "created": "1780660800.0"},
    ],
)  # fmt: skip
def test_it_reads_an_entry_however_it_is_told(row: object) -> None:
    found = entry_of(row)
    assert (found.id, found.model, found.cost, found.created) == ("r1", "m", Decimal("0.04"), NOON)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"user": {"id": "u1"}, "tokens": {"cost": "5"}, "date": "2026-06-05"},
        {"id": None, "cost": "-0.04", "created": "yesterday"},
        {"id": ["x"], "cost": "0,04", "created": {"at": []}},
        {"cost": "4e-2", "created": 10**30},
        {"cost": "0.0400001", "created": "2026-13-45T00:00:00Z"},
        {"cost": True, "total": 120, "price": "0.04"},
    ],
)
def test_it_invents_nothing(row: object) -> None:
    found = entry_of(row)
    assert (found.id, found.cost, found.created) == ("", None, None)


@pytest.mark.parametrize(
    ("more", "query"),
    [
        ({"next_cursor": "a&b"}, "cursor=a%26b"),
        ({"links": {"next": "https://evil.test/x?page=2&k=v"}}, "page=2&k=v"),
        ({"next": "https://evil.test/"}, ""),
        ({"pagination": {"next_page": 3}}, "page=3"),
        ({"user": {"next_page": 3}}, ""),
        ({"meta": {"page": 1, "total_pages": 2}}, "page=2"),
        ({"page": 2, "last_page": "2"}, ""),
        ({"next_page": None}, ""),
    ],
)
def test_it_finds_the_next_page(more: dict[str, object], query: str) -> None:
    assert read_entries(answer({"data": [], **more})).next_query == query


DOLLAR = DayRollup(DAY, Decimal(1), "1.00", 2)


@pytest.mark.parametrize(
    "document",
    [
        {"data": [{"period": "2026-06-05", "cost": "1.00", "requests": 2}]},
        [{"date": "20260605", "total_cost": 1.00, "count": "2"}],
        {"result": {"rollups": [{"period": {"start": 1780660800}, "cost": "1.00", "calls": 2}]}},
        {"2026-06-05": {"cost": "1.00", "requests": 2}},
        {"days": {"2026-06-05": {"spend": "1.00", "requests": 2}}},
        {"data": [{"day": "2026-06-05", "cost": "1.00", "requests": 2}, {"cost": "5"},
                  {"period_type": "month", "period": "2026-06-01", "cost": "9"}, 5]},
    ],
)  # fmt: skip
def test_it_reads_the_total_of_a_day(document: object) -> None:
    (found,) = read_rollups(answer(document))
    assert (found.day, found.cost, found.requests) == (DAY, Decimal(1), 2)


def test_it_adds_up_the_parts_of_a_day_and_trusts_no_contradiction() -> None:
    part = {"day": "2026-06-05", "model": "a", "cost": "0.10"}
    other = {**part, "model": "b", "cost": "0.20"}
    assert read_rollups(answer([part, other]))[0].cost == Decimal("0.30")
    assert read_rollups(answer([part, part]))[0].cost == Decimal("0.10")
    assert read_rollups(answer([part, {**part, "cost": "0.11"}]))[0].cost is None
    assert read_rollups(answer([part, {**other, "cost": None}]))[0].cost is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"5", b'"x"', b"{}", b'{"error": {}}'])
def test_it_says_that_there_is_nothing_to_read(body: bytes) -> None:
    for read in (read_entries, read_rollups):
        with pytest.raises(GatewayError) as caught:
            read(answer(body))
        assert caught.value.charged == "no"


@SLOW
@given(st.decimals(0, 10**8, places=6), st.integers(0, 12))
def test_amounts_are_exact(dollars: Decimal, zeros: int) -> None:
    assert lenient.exact_dollars(f"{dollars:f}" + "0" * zeros) == dollars


@SLOW
@given(st.text(alphabet="0123456789.,-+eE$ usdNa_", max_size=20), st.sampled_from((0, 2, 6)))
def test_any_text_is_an_amount_or_none(text: str, places: int) -> None:
    found = lenient.exact_dollars(text, places=places)
    assert found is None or (found >= 0 and found == round(found, 6))


@SLOW
@given(st.text(max_size=40) | st.integers().map(str))
def test_any_text_is_a_time_or_none(text: str) -> None:
    lenient.day(text)
    found = lenient.moment(text)
    assert found is None or found.tzinfo is not None
