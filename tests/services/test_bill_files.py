"""A bill from a file: read however it is written, booked once, compared as any other."""

import csv
import io
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omixa_studio.gateway.records import UsageEntry
from omixa_studio.models import BackgroundJob, BillDay, BillEntry, BillFile, JobState
from omixa_studio.services import background, bill_files, bill_table
from omixa_studio.services.audit import Actor
from omixa_studio.services.background_kinds import KINDS
from omixa_studio.services.bill_table import HowToRead, NoBill
from tests.factories import make_bill_file, make_person
from tests.services.test_bill_matching import billed

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
# The first text takes seconds on a busy machine.
SLOW = settings(suppress_health_check=[HealthCheck.too_slow])
WHOLE = {"time": 0, "amount": 1, "model": 2, "id": 3}


def table(rows: list[list[str]], *, separator: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_it_guesses_encoding_separator_and_columns(separator: str, encoding: str) -> None:
    rows = [["Дата", "Модель", "Сумма", "Заметка"]]
    rows += [["20.11.2026 12:00:00", "imagen", "-0.04", "картинка, одна; вторая"]] * 5
    how = bill_table.guess(table(rows, separator=separator, encoding=encoding))
    assert how.separator == separator
    assert how.encoding == encoding.replace("utf-8-sig", "utf-8").replace("utf-8", "utf-8-sig")
    assert (how.columns, how.dates, how.minus) == (
        {"time": 0, "amount": 2, "model": 1},
        "dmy",
        True,
    )


@pytest.mark.parametrize(
    ("amounts", "sign"),
    [
        (["0,04", "12,50", "1.234,50"], ","),
        (["0,039"], ","),
        (["1,234", "2,500"], "."),
        (["0.04", "1,234.50"], "."),
        (["0,04", "0.04"], "."),
        (["-0,04 USD", ""], ","),
    ],
)
def test_it_guesses_the_sign_before_the_cents(amounts: list[str], sign: str) -> None:
    rows = [["time", "cost"], *(["20.11.2026 12:00", amount] for amount in amounts)]
    assert bill_table.guess(table(rows, separator=";")).decimal == sign


def test_western_letters_are_told_from_cyrillic_ones() -> None:
    rows = [["Created at", "Coût", "Größe"], ["2026-11-20 12:00:00", "0.04", "Zürich, café"]]
    assert bill_table.guess(table(rows, encoding="windows-1252")).encoding == "windows-1252"


@pytest.mark.parametrize(
    ("text", "how", "read"),
    [
        ("0.04", {}, "0.04"),
        ("$0.0400000", {}, "0.04"),
        (" 0.04 USD", {}, "0.04"),
        ("0,04", {}, "comma"),
        ("$1,234.50", {}, "1234.50"),
        ("1'234.50", {}, "1234.50"),
        ("1,234", {}, "comma"),
        ("12,34.50", {}, "comma"),
        ("0,04", {"decimal": ","}, "0.04"),
        ("1.234,50", {"decimal": ","}, "1234.50"),
        ("1.234.567,50", {"decimal": ","}, "1234567.50"),
        ("1.234", {"decimal": ","}, "point"),
        ("0.04", {"decimal": ","}, "point"),
        ("-0.04", {}, "negative"),
        ("-0.04", {"minus": True}, "0.04"),
        ("\N{MINUS SIGN}0.04", {"minus": True}, "0.04"),
        ("100.00", {"minus": True}, ""),
        ("", {}, ""),
        ("0.00", {"minus": True}, "0"),
        ("4e-2", {}, "amount"),
        ("0.0400001", {}, "amount"),
        ("NaN", {}, "amount"),
    ],
)
def test_amounts_are_exact_or_refused(text: str, how: dict[str, Any], read: str) -> None:
    found = bill_table.read_amount(text, HowToRead(**how))
    assert found == (Decimal(read) if read[:1].isdigit() else read)


@pytest.mark.parametrize(
    ("text", "how", "zone"),
    [
        ("2026-11-20T12:00:00Z", {}, "UTC"),
        ("2026-11-20 15:00:00", {"in_studio_zone": True}, "Europe/Moscow"),
        ("2026-11-20 12:00:00", {}, "Europe/Moscow"),
        ("1795176000", {"in_studio_zone": True}, "Europe/Moscow"),
        ("20.11.2026 12:00", {"dates": "dmy"}, "UTC"),
        ("11/20/2026 12:00 PM", {"dates": "mdy"}, "UTC"),
        ("20.11.2026, 15:00:00", {"dates": "dmy", "in_studio_zone": True}, "Europe/Moscow"),
    ],
)
def test_times(text: str, how: dict[str, Any], zone: str, settings: Any) -> None:
    settings.TIME_ZONE = zone
    assert bill_table.read_time(text, HowToRead(**how)) == NOON


@pytest.mark.parametrize(
    "begins",
    [
        *(b"sep=;\r\n", b"\r\n;;;\r\n", b"\xef\xbb\xbfsep=;\n"),
        b"Usage, November 2026\nTotal cost;0.04\n\n",
        b"Account;Acme, Inc.\r\nFrom;2026-11-01\r\nTo;2026-11-30\r\n;\r\n",
    ],
)
def test_the_header_is_found_behind_other_lines(begins: bytes) -> None:
    data = begins + table([["Created", "Cost"], ["2026-11-20 12:00", "0.04"]], separator=";")
    how = bill_table.guess(data)
    assert how.columns == {"time": 0, "amount": 1}
    header, row = bill_table.rows_of(io.BytesIO(data), how)
    assert (header[0], row[1]) == ("Created", "0.04")


def test_cents_are_not_taken_for_dollars() -> None:
    assert bill_table.guess_columns(["created", "cost_cents", "amount (micros)"]) == {"time": 0}
    assert bill_table.guess_columns(["cost_cents", "total cost"])["amount"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20 12:00:00 UTC",
        "2026-11-20 12:00:00 +0000 UTC",
        "2026-11-20 12:00:00 GMT",
        "2026-11-20 15:00:00 +0300",
        "2026/11/20 12:00:00Z",
    ],
)
def test_a_zone_in_words_is_one(text: str) -> None:
    assert bill_table.read_time(text, HowToRead(in_studio_zone=True)) == NOON


@pytest.mark.parametrize("text", ["", "2026-11-20", "yesterday", "31.02.2026 12:00", "99:99"])
@pytest.mark.parametrize("dates", ["iso", "dmy", "mdy"])
def test_no_time_is_made_up(text: str, dates: str) -> None:
    assert bill_table.read_time(text, HowToRead(dates=dates)) is None


@SLOW
@given(st.lists(st.text(max_size=15), max_size=5), st.sampled_from((".", ",")), st.booleans())
def test_any_row_is_an_entry_or_a_reason(row: list[str], decimal: str, minus: bool) -> None:
    for dates in ("iso", "dmy", "mdy"):
        how = HowToRead(decimal=decimal, minus=minus, dates=dates, columns=WHOLE)
        read = bill_table.read_row(row, how)
        assert isinstance(read, UsageEntry | str)
        if isinstance(read, UsageEntry):
            assert read.cost is not None
            assert read.cost >= 0


@SLOW
@given(st.binary(max_size=200), st.sampled_from(bill_table.ENCODINGS))
def test_any_file_is_guessed_and_read_or_refused(data: bytes, encoding: str) -> None:
    how = bill_table.guess(data)
    for one in (how, HowToRead(encoding=encoding, separator=";")):
        try:
            rows = list(bill_table.rows_of(io.BytesIO(data), one))
        except NoBill:
            continue
        assert all("\0" not in cell for row in rows for cell in row)


@pytest.mark.parametrize("data", [b"", b"one column\n1\n", b"a,b\n", b"PK\x03\x04\0\0,\n1,2\n"])
@pytest.mark.django_db
def test_a_file_without_a_table_is_refused(data: bytes) -> None:
    with pytest.raises(NoBill):
        bill_files.keep("sandbox", "x.csv", data, by=Actor(name="Mara"))
    assert not BillFile.objects.exists()


# Importing

HEADER = ["created_at", "cost", "model", "request_id"]
SLUG = "imagen-4.0-generate-001"


def bill(rows: list[list[str]]) -> BillFile:
    return make_bill_file(table([HEADER, *rows]).decode())


def run(file: BillFile, **how: Any) -> BillFile:
    chosen = HowToRead(**{**bill_files.suggestion(file).as_json(), **how})
    admin = make_person(role="admin")
    bill_files.start(file, chosen, person=admin, by=Actor(), wake=lambda: None)
    for _ in range(5):
        background.take_turn(KINDS, "here:7", seconds=60)
    job = BackgroundJob.objects.latest("pk")
    assert (job.state, job.done) == (JobState.DONE, job.total or job.done)
    file.refresh_from_db()
    return file


@pytest.fixture
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "LEAST_REST_SECONDS", 0.0)


@pytest.mark.django_db
@pytest.mark.usefixtures("no_rest")
def test_a_row_without_a_time_counts_with_its_request_or_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A line of no day would be shown nowhere, whatever it charges."""
    monkeypatch.setattr(bill_files, "ROWS_AT_A_TIME", 2)
    billed(0, request_id="known")
    rows = [["", "0.44", "", "Total"], ["", "0.04", SLUG, "known"], ["", "0.05", SLUG, "other"]]
    file = run(bill(rows))
    assert (file.entries, file.skipped, file.faults) == (1, 2, [[2, "time"], [4, "time"]])
    assert BillEntry.objects.get().request_id == "known"


@pytest.mark.django_db
@pytest.mark.usefixtures("no_rest")
def test_a_file_is_compared_and_twice_is_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill_files, "ROWS_AT_A_TIME", 2)
    billed(0)
    billed(600)
    rows = [
        ["2026-11-20 12:00:02", "0.04", SLUG, ""],
        ["2026-11-20 12:00:02", "0.04", "other", ""],
        ["2026-11-20 12:10:02", "0.05", SLUG, ""],
        ["2026-11-20 12:00:02", "0.04", "other", ""],
        ["x", "0.04", SLUG, ""],
    ]
    file = run(bill(rows))
    assert (file.entries, file.known, file.skipped, file.faults) == (4, 0, 1, [[6, "time"]])
    day = BillDay.objects.get(source="file")
    assert day.counts == {"equal": 1, "amount": 1, "bill_only": 2, "near": 1}
    assert (day.here_micros, day.bill_micros) == (80_000, 170_000)
    again, is_new = bill_files.keep("sandbox", "b.csv", table([HEADER, *rows]), by=Actor())
    assert (again.pk, is_new) == (file.pk, False)
    run(file)
    longer = run(bill([*rows, ["2026-11-20 13:00:00", "0.04", SLUG, ""]]))
    assert (longer.entries, longer.known) == (1, 4)
    assert BillEntry.objects.count() == 5


@pytest.mark.django_db
@pytest.mark.usefixtures("no_rest")
def test_an_id_that_comes_twice_loses_no_charge() -> None:
    rows = [["2026-11-20 12:00:02", "0.04", SLUG, "r1"]] * 2
    rows += [["2026-11-20 12:00:09", "0.05", SLUG, "r1"]]
    file = run(bill(rows))
    assert (file.entries, file.skipped) == (2, 1)
    amounts = BillEntry.objects.order_by("amount_micros").values_list("amount_micros", flat=True)
    assert list(amounts) == [40_000, 50_000]


@pytest.mark.django_db
@pytest.mark.usefixtures("no_rest")
def test_the_mapping_is_remembered_by_the_names_of_the_columns() -> None:
    first = bill([["2026-11-20 12:00:02", "0,04", SLUG, ""]])
    run(first, decimal=",")
    second = bill([["2026-11-21 12:00:02", "0,04", SLUG, ""]])
    assert bill_files.suggestion(second).decimal == ","
    assert bill_files.suggestion(make_bill_file()).decimal == "."


@pytest.mark.django_db
@pytest.mark.usefixtures("no_rest")
def test_a_worker_that_takes_over_goes_on_where_the_other_one_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bill_files, "ROWS_AT_A_TIME", 2)
    file = bill([["2026-11-20 12:00:02", "0.04", SLUG, ""]] * 5)
    admin = make_person(role="admin")
    how = bill_files.suggestion(file)
    bill_files.start(file, how, person=admin, by=Actor(), wake=lambda: None)
    for _ in range(12):
        background.take_turn(KINDS, "here:7", seconds=0)
        bill_files.READING.clear()
    assert BillEntry.objects.count() == 5
    assert BackgroundJob.objects.get().state == JobState.DONE


def test_a_hundred_thousand_rows_are_read_in_flat_memory() -> None:
    line = f"2026-11-20 12:00:02,0.04,{SLUG},\r\n".encode()
    data = ",".join(HEADER).encode() + b"\r\n" + line * 100_000
    how = bill_table.guess(data[:1000])
    file = io.BytesIO(data)
    tracemalloc.start()
    number = sum(
        isinstance(bill_table.read_row(row, how), UsageEntry)
        for row in bill_table.rows_of(file, how)
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert number == 100_000
    assert peak < 2 * 2**20
