"""The database is put back from an older copy: nothing is bought twice, nothing paid is lost."""

import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from omixa_studio import database_file
from omixa_studio.models import Act, Charge, Generation, LostCall, Pause, Person
from omixa_studio.sandbox import Sandbox
from omixa_studio.sentences import tell
from omixa_studio.services import deciding
from omixa_studio.services.audit import Actor
from omixa_studio.services.refusals import ChoiceRefused
from tests.crash.harness import Forker, Process, click, no_wake, refreshed
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Copy = Callable[[], Callable[[], None]]
ADMIN = Actor(1, "ada", "10.0.0.1")


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    """Copy the database as it is now; what is returned puts the copy in its place."""
    names: list[str] = []

    def take() -> Callable[[], None]:
        names.append(f"copy_{len(names)}_{tmp_path.name[-20:]}")
        return COPIES[connection.vendor](tmp_path / names[-1])

    yield take
    if connection.vendor == "postgresql":
        with _server() as server:
            for name in names:
                server.execute(f'DROP DATABASE "{name}"')


def _copy_of_file(path: Path) -> Callable[[], None]:
    ours = str(connection.settings_dict["NAME"])

    def carry(source: str, to: str) -> None:
        connection.close()
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(to)) as written:
            read.backup(written)

    carry(ours, str(path))
    return lambda: carry(str(path), ours)


def _copy_of_database(path: Path) -> Callable[[], None]:
    ours = str(connection.settings_dict["NAME"])

    def carry(source: str, to: str) -> None:
        connection.close()
        with _server() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{to}" WITH (FORCE)')
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [source],
            )
            server.execute(f'CREATE DATABASE "{to}" TEMPLATE "{source}"')

    carry(ours, path.name)
    return lambda: carry(path.name, ours)


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    told = connection.settings_dict
    with psycopg.connect(
        host=told["HOST"], port=told["PORT"], user=told["USER"], dbname="postgres", autocommit=True
    ) as server:
        yield server


COPIES = {"sqlite": _copy_of_file, "postgresql": _copy_of_database}


def paused() -> bool:
    return Pause.objects.filter(reason="older", until=None).exists()


def swept(process: Process, workers: Forker) -> None:
    """Let a worker sweep some more times, in which it would claim what it may."""
    for _ in range(3):
        row = click(Person.objects.get(), "Of nobody, cancelled by a sweep", wake=no_wake)
        Generation.objects.filter(pk=row.pk).update(person=None)
        wait_until(lambda: not Generation.objects.filter(person=None, state="queued").exists())
    assert process.is_alive()


def sent(sandbox: Sandbox) -> dict[str, int]:
    return dict(Counter(call.prompt for call in sandbox.calls))


def booked(row: Generation) -> int:
    return sum(Charge.objects.filter(generation_id=row.pk).values_list("amount_micros", flat=True))


def settled(workers: Forker, *spools: str) -> None:
    """Let workers do what is queued, then stop them."""
    running = [workers.worker(spool) for spool in spools or ("one",)]
    wait_until(lambda: not Generation.objects.filter(state__in=("queued", "running")).exists())
    for process in running:
        process.end(signal.SIGTERM)


def test_what_is_new_has_no_number_of_what_was_lost(
    workers: Forker, sandbox: Sandbox, ada: Person, copy: Copy
) -> None:
    click(ada, "Before", wake=no_wake)
    settled(workers)
    put_back = copy()
    lost = click(ada, "Lost", wake=no_wake)
    settled(workers)
    # Browsers keep pictures by their number, for a year.
    picture = refreshed(lost).pictures.get()
    put_back()
    process = workers.worker("one")
    wait_until(paused)
    swept(process, workers)
    new = click(ada, "New", wake=no_wake)
    assert new.pk > lost.pk
    assert deciding.resume("sandbox", by=ADMIN)
    wait_until(lambda: refreshed(new).state == "done")
    assert refreshed(new).pictures.get().pk > picture.pk


def test_it_buys_nothing_again_and_goes_on_when_an_admin_says_so(
    workers: Forker, sandbox: Sandbox, ada: Person, copy: Copy
) -> None:
    rows = [click(ada, f"Harbour {n}", wake=no_wake) for n in range(3)]
    put_back = copy()
    settled(workers)
    attempts = {row.pk: refreshed(row).attempt for row in rows}
    put_back()
    assert {refreshed(row).state for row in rows} == {"queued"}

    process = workers.worker("one")
    wait_until(paused)
    swept(process, workers)
    assert sent(sandbox) == {f"Harbour {n}": 1 for n in range(3)}
    for row in map(refreshed, rows):
        assert (row.state, row.charged, row.attempt) == ("unknown", "unknown", attempts[row.pk])
        assert booked(row) == row.held_micros
        assert "older copy" in tell(row.error)
    assert "3 paid requests" in tell(Pause.objects.get().error)
    assert Act.objects.get(kind="paused").who_id == 0

    new = click(ada, "After it", wake=no_wake)
    swept(process, workers)
    assert refreshed(new).state == "queued"
    assert deciding.resume("sandbox", by=ADMIN)
    assert Act.objects.get(kind="resumed").after.startswith("older_copy ")
    wait_until(lambda: refreshed(new).state == "done")
    process.end(signal.SIGTERM)
    settled(workers)
    assert not Pause.objects.exists()
    assert sum(sent(sandbox).values()) == 4


@pytest.mark.parametrize("noticed", [False, True], ids=["before", "after"])
def test_it_buys_no_form_again_whose_call_is_lost(
    workers: Forker, sandbox: Sandbox, ada: Person, copy: Copy, noticed: bool
) -> None:
    """Also where the form comes before a worker has noticed that its call is lost."""
    put_back = copy()
    click(ada, "Sent once", wake=no_wake, form="one")
    settled(workers)
    put_back()
    assert not Generation.objects.exists()
    if noticed:
        workers.worker("one")
        wait_until(paused)
        with pytest.raises(ChoiceRefused, match="before an older copy"):
            click(ada, "Sent once", wake=no_wake, form="one")
    else:
        row = click(ada, "Sent once", wake=no_wake, form="one")
        workers.worker("one")
        wait_until(paused)
        assert (refreshed(row).state, booked(row)) == ("cancelled", 0)
        assert "It is not sent again" in tell(refreshed(row).error)
    assert deciding.resume("sandbox", by=ADMIN)
    new = click(ada, "Another wish", wake=no_wake, form="two")
    wait_until(lambda: refreshed(new).state == "done")
    assert sent(sandbox) == {"Sent once": 1, "Another wish": 1}


def test_an_answer_in_the_spool_settles_the_row_of_an_older_copy(
    workers: Forker, sandbox: Sandbox, ada: Person, copy: Copy
) -> None:
    row = click(ada, "Received, then put back", wake=no_wake)
    put_back = copy()
    workers.worker(instant="before the parsing").wait()
    put_back()
    assert (refreshed(row).state, refreshed(row).attempt) == ("queued", None)
    workers.worker("one")
    wait_until(lambda: refreshed(row).state == "done")
    assert (refreshed(row).billed_micros, refreshed(row).pictures.count()) == (40_000, 1)
    assert (booked(row), sent(sandbox)) == (40_000, {row.prompt: 1})
    assert paused()


def test_an_answer_that_no_row_knows_is_kept_and_settles_when_a_newer_copy_comes(
    workers: Forker, sandbox: Sandbox, ada: Person, copy: Copy
) -> None:
    put_older_back = copy()
    row = click(ada, "Asked for later", wake=no_wake)
    process = workers.worker(instant="before the parsing")
    process.wait()
    put_newer_back = copy()
    put_older_back()
    assert not Generation.objects.exists()
    process = workers.worker("one")
    wait_until(lambda: LostCall.objects.exclude(name="").exists())
    lost = LostCall.objects.get()
    assert (lost.generation_id, lost.target, lost.accepted_by) == (row.pk, "sandbox", "")
    assert lost.bytes == len(sandbox.fixed_answer or b"")
    assert (Path(settings.MEDIA_ROOT) / lost.name).read_bytes() == sandbox.fixed_answer
    wait_until(lambda: [path.suffix for path in process.spool.iterdir()] == [".lost"])
    assert "1 paid request" in tell(Pause.objects.get().error)
    # It is accepted, and that is remembered by every later worker of this database.
    assert deciding.resume("sandbox", by=ADMIN)
    process.end(signal.SIGTERM)
    process = workers.worker("one")
    swept(process, workers)
    assert (LostCall.objects.get().accepted_by, Pause.objects.exists()) == ("ada", False)
    process.end(signal.SIGTERM)
    # The older copy once more: what was accepted is not known any more.
    put_older_back()
    process = workers.worker("one")
    wait_until(paused)
    process.end(signal.SIGTERM)

    put_newer_back()
    process = workers.worker("one")
    wait_until(lambda: refreshed(row).state == "done")
    assert (booked(row), sent(sandbox)) == (40_000, {row.prompt: 1})
    wait_until(lambda: not list(process.spool.iterdir()))


def test_each_worker_knows_what_it_sent_itself(
    workers: Forker, sandbox: Sandbox, ada: Person, copy: Copy
) -> None:
    rows = [click(ada, f"Harbour {n}", wake=no_wake) for n in range(2)]
    put_back = copy()
    sandbox.script(always="slow:0.5")
    both = [workers.worker(name, threads=1) for name in ("one", "two")]
    wait_until(lambda: all(refreshed(row).state == "done" for row in rows))
    assert len({refreshed(row).worker for row in rows}) == 2
    for process in both:
        process.end(signal.SIGTERM)
    put_back()
    first = workers.worker("two")
    wait_until(paused)
    swept(first, workers)
    assert sorted(refreshed(row).state for row in rows) == ["queued", "unknown"]
    second = workers.worker("one")
    wait_until(lambda: {refreshed(row).state for row in rows} == {"unknown"})
    assert "2 paid requests" in tell(Pause.objects.get().error)
    assert deciding.resume("sandbox", by=ADMIN)
    swept(second, workers)
    assert sent(sandbox) == {row.prompt: 1 for row in rows}


def test_a_worker_that_sent_nothing_itself_notices_what_is_gone(
    workers: Forker, sandbox: Sandbox, ada: Person, copy: Copy
) -> None:
    row = click(ada, "Sent by the other one", wake=no_wake)
    put_back = copy()
    settled(workers, "one")
    idle = workers.worker("two")
    wait_until(lambda: (workers.folder / "sent" / "two" / "seen.json").exists())
    idle.end(signal.SIGTERM)
    put_back()
    idle = workers.worker("two")
    wait_until(paused)
    swept(idle, workers)
    assert (refreshed(row).state, len(sandbox.calls)) == ("queued", 1)


def test_a_new_database_beside_an_old_journal_is_no_older_copy(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    row = click(ada, "In another database", wake=no_wake)
    settled(workers)
    journal = workers.folder / "sent" / "one"
    for path in journal.iterdir():
        path.write_text(path.read_text().replace('"database": "', '"database": "of '))
    Generation.objects.filter(pk=row.pk).update(created_at="2026-01-01T00:00:00Z")
    new = click(ada, "The first one here", wake=no_wake)
    settled(workers)
    assert (refreshed(new).state, Pause.objects.exists()) == ("done", False)
    assert not LostCall.objects.exists()
    shutil.rmtree(journal)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="a file is replaced at rest")
def test_it_notices_a_database_that_is_replaced_while_it_works(
    workers: Forker, sandbox: Sandbox, ada: Person, copy: Copy
) -> None:
    rows = [click(ada, f"Harbour {n}", wake=no_wake) for n in range(4)]
    put_back = copy()
    process = workers.worker("one", sweep=30.0)
    wait_until(lambda: all(refreshed(row).state == "done" for row in rows))
    put_back()
    wait_until(paused, 60)
    assert process.is_alive()
    wait_until(lambda: {refreshed(row).state for row in rows} == {"unknown"})
    assert sum(sent(sandbox).values()) == 4


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a database has no file")
def test_it_keeps_the_answer_that_comes_when_its_file_was_replaced(
    workers: Forker, sandbox: Sandbox, ada: Person, tmp_path: Path
) -> None:
    row = click(ada, "Under way", wake=no_wake)
    file, copy = Path(connection.settings_dict["NAME"]), tmp_path / "copy.sqlite3"
    with closing(sqlite3.connect(file)) as rows, closing(sqlite3.connect(copy)) as older:
        rows.backup(older)
        older.execute("PRAGMA journal_mode=DELETE")
    sandbox.script(always="slow:1.5")
    process = workers.worker("one")
    wait_until(lambda: len(sandbox.calls) == 1 and refreshed(row).sent_at)
    connection.close()
    shutil.copy(copy, file.with_name("other.sqlite3"))
    file.with_name("other.sqlite3").replace(file)
    database_file._opened.clear()  # this process has closed it
    process.wait()
    assert "was replaced or deleted" in workers.log()
    assert [path.suffix for path in process.spool.iterdir()] == [".answer"]
    assert refreshed(row).state == "queued"
    workers.worker("one")
    wait_until(lambda: refreshed(row).state == "done")
    assert (booked(row), sent(sandbox)) == (40_000, {row.prompt: 1})
    assert paused()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchall() == [("ok",)]
