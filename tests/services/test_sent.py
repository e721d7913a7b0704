"""What is sent is written down outside the database, durably, before the first byte leaves."""

import fcntl
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from omixa_studio import sent
from omixa_studio.models import Generation, Pause
from omixa_studio.sandbox import Sandbox
from omixa_studio.sent import Journal, Sent
from omixa_studio.sentences import tell
from omixa_studio.services import running
from omixa_studio.services.tools import Tools
from tests.factories import claimed_generation
from tests.power import Disk


def line(number: int = 1, **change: Any) -> Sent:
    known = Sent(
        database="2026-11-01T00:00:00+00:00",
        target="sandbox",
        generation=number,
        created="2026-11-22T12:00:00+00:00",
        nth=0,
        attempt=str(uuid4()),
        files="ab" * 16,
        body="cd" * 32,
        worker="here:7",
    )
    return replace(known, **change)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "sent")


def test_it_reads_back_what_was_written(journal: Journal) -> None:
    lines = [line(1), line(2)]
    for one in lines:
        journal.write(one)
    assert Journal(journal.folder).read() == lines
    assert journal.last == lines[-1]


def test_it_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    journal = Journal(tmp_path / "data" / "sent")
    for _ in range(2):
        journal.write(line())
        assert disk.survives(journal.folder / "sent.jsonl", tmp_path)


@pytest.mark.parametrize(
    "torn",
    [b'\n{"database": "2026', b"\0" * 90, b"\n\xff\xfe", b"\n{}", b"\n[1]"],
    ids=["half", "zeros", "no text", "empty", "a list"],
)
def test_it_leaves_out_what_a_power_cut_has_torn(journal: Journal, torn: bytes) -> None:
    lines = [line(1), line(2)]
    journal.write(lines[0])
    with (journal.folder / "sent.jsonl").open("ab") as file:
        file.write(torn)
    assert journal.read() == lines[:1]
    journal.write(lines[1])
    assert journal.read() == lines


def test_it_is_bounded_and_keeps_the_newest(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "sent", file_bytes=4000)
    lines = [line(number) for number in range(100)]
    for number, one in enumerate(lines):
        journal.write(one)
        assert journal.is_cut == (len(journal.read()) <= number)
    kept = journal.read()
    assert kept == lines[-len(kept) :]
    assert 9 < len(kept) < 30
    assert sum(path.stat().st_size for path in journal.folder.iterdir()) < 10_000


def test_a_power_cut_takes_neither_file_while_they_turn_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    journal = Journal(tmp_path / "data" / "sent", file_bytes=1)
    before, make = journal.folder / "sent.before.jsonl", FileIO
    seen: list[bool] = []

    def make_and_look(*args: Any) -> FileIO:
        if before.exists():
            seen.append(disk.survives(before, tmp_path))
        return make(*args)

    journal.write(line(1))
    monkeypatch.setattr(sent, "FileIO", make_and_look)
    journal.write(line(2))
    assert seen == [True]
    assert disk.survives(journal.folder / "sent.jsonl", tmp_path)


def test_two_that_find_a_file_full_turn_it_over_once(tmp_path: Path) -> None:
    """The second waits for the first, and then finds another file in its place."""
    journal = Journal(tmp_path / "sent", file_bytes=1)
    journal.write(line(1))
    now = (journal.folder / "sent.jsonl").open("ab")
    other = (journal.folder / "sent.jsonl").open("ab")
    thread = threading.Thread(target=journal._turn_over, args=(other.fileno(),))
    with now, other:
        fcntl.flock(now, fcntl.LOCK_EX)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        (journal.folder / "sent.jsonl").replace(journal.folder / "sent.before.jsonl")
        fcntl.flock(now, fcntl.LOCK_UN)
        thread.join(20)
    assert ([one.generation for one in journal.read()], journal.is_cut) == ([1], False)


def test_it_loses_no_line_of_many_threads_that_find_it_full(tmp_path: Path) -> None:
    """Two workers of one folder, four threads each; the files turn over once in between."""
    journals = [Journal(tmp_path / "sent", file_bytes=40_000) for _ in range(2)]

    def write(journal: Journal) -> None:
        for number in range(20):
            journal.write(line(number))

    threads = [threading.Thread(target=write, args=(journals[n % 2],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "sent" / "sent.before.jsonl").exists()
    assert len(journals[0].read()) == 160


def test_it_takes_back_a_line_that_may_not_be_on_disk(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, failures = os.fsync, iter([OSError(5, "Input/output error")])

    def fsync(handle: int) -> None:
        for failure in failures:
            raise failure
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="Input/output"):
        journal.write(line(1))
    assert (journal.read(), journal.last) == ([], None)
    journal.write(line(2))
    assert [one.generation for one in journal.read()] == [2]


@pytest.mark.django_db
def test_a_call_is_written_down_after_the_guard_and_before_its_first_byte(
    tools: Tools, sandbox: Sandbox
) -> None:
    row, known = claimed_generation(), []

    def send(body: bytes, sink: Any, *, before_send: Callable[[], None]) -> None:
        def and_look() -> None:
            before_send()
            assert Generation.objects.get().sent_at
            assert sandbox.calls == []
            known.extend(tools.journal.read())

        tools.send(body, sink, before_send=and_look)

    assert tools.journal.read() == []
    running.run(row, replace(tools, send=send))
    (sent,) = known
    assert (sent.generation, sent.attempt, sent.nth) == (row.pk, str(row.attempt), 0)
    assert (sent.body, sent.files, sent.target) == (row.body_sha256, row.file_token, "sandbox")
    assert (sent.worker, sent.created) == ("here:7", row.created_at.isoformat())


@pytest.mark.django_db
def test_it_costs_one_sync_and_no_statement_a_call(
    tools: Tools, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools.journal.write(line())
    row, asked = claimed_generation(), []
    synced: list[int] = []
    sync, write = os.fsync, tools.journal.write

    def fsync(handle: int) -> None:
        synced.append(handle)
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)

    def counted(sent: Sent) -> None:
        before = len(synced), len(connection.queries_log)
        write(sent)
        asked.append((len(synced) - before[0], len(connection.queries_log) - before[1]))

    monkeypatch.setattr(tools.journal, "write", counted)
    connection.force_debug_cursor = True
    running.run(row, tools)
    connection.force_debug_cursor = False
    assert asked == [(1, 0)]


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["read-only", "missing"])
def test_nothing_is_sent_that_cannot_be_written_down(
    tools: Tools, sandbox: Sandbox, sealed: Path, fault: str
) -> None:
    row = claimed_generation()
    folder = sealed if fault == "read-only" else sealed / "gone"
    tools.journal.folder = folder
    assert running.run(row, tools) is None
    row.refresh_from_db()
    assert (row.state, row.sent_at, row.attempt, sandbox.calls) == ("queued", None, None, [])
    assert list(tools.spool.folder.iterdir()) == []
    pause = Pause.objects.get()
    words = "read-only" if fault == "read-only" else "is missing"
    assert (pause.reason, str(folder) in tell(pause.error)) == ("folder", True)
    assert words in tell(pause.error)
    assert "continues automatically" in tell(pause.error)
    assert pause.until
