"""Costs as a spreadsheet: every request once, split, harmless, only to who sees costs."""

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from omixa_studio import storage
from omixa_studio.models import BackgroundJob, Export, JobState, Person
from omixa_studio.models.spans import Span
from omixa_studio.services import background, cost_sheets, exports, ledger
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.background_kinds import KINDS
from tests.factories import hold, make_generation, make_person

pytestmark = pytest.mark.django_db
OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31))
REVIEW = {"head": ["Person", "Billed"], "kinds": ["text", "money"], "rows": [["=1+1", 40_000]]}
NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


@pytest.fixture
def manager() -> Person:
    return make_person("mara", role="manager")


@pytest.fixture(autouse=True)
def _nothing_open() -> Iterator[None]:
    cost_sheets._open.clear()
    yield
    cost_sheets._open.clear()


def buy(person: Person, count: int = 1, day: int = 5, **fields: Any) -> None:
    at = datetime(2026, 10, day, 12, tzinfo=UTC)
    for _ in range(count):
        made = make_generation(person, created_at=at, month="2026-10", prompt="a secret", **fields)
        made.refresh_from_db()
        hold(made)
        ledger.capture(made, 39_000, "", pictures=1)


def start(person: Person, requests: int = 0) -> Export:
    return exports.start_sheet(
        person, OCTOBER, REVIEW, requests=requests, by=STUDIO, wake=lambda: None
    )


def work() -> None:
    while background.take_turn(KINDS, "test", seconds=0.0):
        continue


def sheets_of(export: Export) -> dict[str, list[list[str]]]:
    """Return the cells of each sheet as they stand in the file, by its name."""
    export.refresh_from_db()
    book = zipfile.ZipFile(BytesIO(storage.get(export.file)))
    names = [
        node.attrib["name"]
        for node in ElementTree.fromstring(book.read("xl/workbook.xml")).iterfind(".//x:sheet", NS)
    ]
    return {
        name: [
            ["".join(cell.itertext()) for cell in row.iterfind("x:c", NS)]
            for row in _rows(book.read(f"xl/worksheets/sheet{n}.xml"))
        ]
        for n, name in enumerate(names, 1)
    }


def _rows(xml: bytes) -> Iterator[ElementTree.Element]:
    assert b"<f>" not in xml
    return ElementTree.fromstring(xml).iterfind(".//x:row", NS)


def test_it_has_the_review_and_every_request(manager: Person) -> None:
    buy(manager, 3)
    buy(make_person("jon", first_name="=cmd()"), day=6)
    export = start(manager, 4)
    work()
    sheets = sheets_of(export)
    assert list(sheets) == ["Review", "Requests"]
    assert sheets["Review"] == [["Person", "Billed"], ["'=1+1", "0.040000"]]
    head, *rows = sheets["Requests"]
    assert head[:3] == ["time", "person", "model"]
    assert [row[1] for row in rows] == ["mara", "mara", "mara", "'=cmd()"]
    assert rows[0][-1] == "0.039000"
    assert "secret" not in str(sheets)
    assert (export.pictures, export.job and export.job.state) == (4, JobState.DONE)


def test_it_is_split_where_the_format_ends(
    manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cost_sheets, "ROWS_OF_A_SHEET", 4)
    monkeypatch.setattr(cost_sheets, "ROWS_AT_A_TIME", 2)
    monkeypatch.setattr(cost_sheets, "SECONDS_OF_A_BATCH", 0.0)
    buy(manager, 7)
    export = start(manager, 7)
    work()
    sheets = sheets_of(export)
    assert [len(rows) for rows in sheets.values()] == [2, 4, 4, 2]
    ids = [row[4] for name, rows in sheets.items() if name != "Review" for row in rows[1:]]
    assert len(set(ids)) == 7


def test_a_killed_worker_begins_anew(manager: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_sheets, "ROWS_AT_A_TIME", 2)
    monkeypatch.setattr(cost_sheets, "SECONDS_OF_A_BATCH", 0.0)
    buy(manager, 6)
    export = start(manager, 6)
    for _ in range(7):
        background.take_turn(KINDS, "test", seconds=0.0)
    job = BackgroundJob.objects.get()
    assert job.done > 0
    cost_sheets._open.clear()
    work()
    assert len(sheets_of(export)["Requests"]) == 7
    job.refresh_from_db()
    assert job.done == 6
    assert not list(settings.EXPORTS_DIR.glob(f"{job.pk}-*"))


def test_a_cancelled_one_leaves_nothing(manager: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost_sheets, "SECONDS_OF_A_BATCH", 0.0)
    buy(manager)
    export = start(manager)
    background.take_turn(KINDS, "test", seconds=0.0)
    job = BackgroundJob.objects.get()
    assert list(settings.EXPORTS_DIR.glob(f"{job.pk}-*"))
    assert exports.delete(export)
    background.tidy(KINDS)
    assert not list(settings.EXPORTS_DIR.glob(f"{job.pk}-*"))
    assert not cost_sheets._open


def test_who_lost_the_role_gets_nothing(client: Client, manager: Person) -> None:
    buy(manager)
    ready = start(manager)
    work()
    waiting = start(manager)
    Person.objects.filter(pk=manager.pk).update(role="member")
    work()
    waiting.refresh_from_db()
    assert not waiting.file
    assert BackgroundJob.objects.get(export=waiting).state == JobState.FAILED
    client.force_login(manager)
    assert client.get(f"/exports/{ready.pk}/file").status_code == 404
    assert "Costs of" not in client.get("/exports/").content.decode()


def test_a_click_leads_to_the_exports(client: Client, manager: Person) -> None:
    buy(manager, 2)
    client.force_login(manager)
    answer = client.post("/costs/sheet/?from=2026-10-01&to=2026-10-31&by=person")
    assert answer["Location"] == "/exports/"
    work()
    [export] = Export.objects.all()
    review = sheets_of(export)["Review"]
    assert review[1][:2] == ["mara", "2"]
    answer = client.get(f"/exports/{export.pk}/file")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert re.search(r'filename="costs-[\d-]+\.xlsx"', answer["Content-Disposition"])
    assert "Costs of 2 requests" in client.get("/exports/").content.decode()


def test_a_job_knows_all_that_its_span_is_narrowed_to() -> None:
    span = Span(date(2026, 10, 1), date(2026, 10, 31), project_id=0, collection_id=3, tag_id=4)
    assert cost_sheets.span_of(cost_sheets.parameters_of(span)) == span
