"""What a journal says of rows: known, waiting although it was sent, or lost."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.backends.signals import connection_created
from django.utils import timezone

from omixa_studio import storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.gateway.records import RawAnswer
from omixa_studio.models import Act, Charge, Generation, LostCall, Pause
from omixa_studio.sandbox import Sandbox
from omixa_studio.sent import Journal, Sent
from omixa_studio.sentences import tell
from omixa_studio.services import (
    claims,
    deciding,
    ledger,
    lost_calls,
    older_copies,
    pauses,
    running,
)
from omixa_studio.services.audit import Actor
from omixa_studio.services.refusals import ChoiceRefused
from omixa_studio.services.submission import Choice, submit
from omixa_studio.services.tools import Tools
from omixa_studio.spool import Label
from omixa_studio.worker import Worker
from tests.factories import claimed_generation, make_generation, make_lost_call, make_person

pytestmark = pytest.mark.django_db
ADMIN = Actor(1, "ada")


@pytest.fixture
def journal(tools: Tools) -> Journal:
    tools.journal.database = older_copies.made_at()
    return tools.journal


def sent(journal: Journal, row: Generation, **change: Any) -> Sent:
    """Write down that a row was sent, at an attempt of its own."""
    one = Sent(
        database=journal.database,
        target=row.target,
        generation=row.pk,
        created=row.created_at.isoformat(),
        nth=row.tries,
        attempt=str(uuid4()),
        files="ab" * 16,
        body=row.body_sha256,
        worker="here:7",
    )
    one = replace(one, **change)
    journal.write(one)
    return one


def queued(**fields: Any) -> Generation:
    row = make_generation(make_person(), state="queued", **fields)
    ledger.hold(row)
    row.refresh_from_db()
    return row


def state_of(row: Generation) -> str:
    return Generation.objects.get(pk=row.pk).state


@pytest.mark.parametrize("fault", ["", "status:429", "status:402", "cut", "refuse-policy"])
def test_it_is_quiet_about_every_end_of_a_call(
    tools: Tools, sandbox: Sandbox, journal: Journal, fault: str
) -> None:
    sandbox.script(fault)
    running.run(claimed_generation(), tools)
    Pause.objects.all().delete()
    assert len(journal.read()) == 1
    assert older_copies.is_same(journal)
    assert older_copies.compare(journal, "sandbox") == []
    assert not Pause.objects.exists()
    assert not LostCall.objects.exists()


def test_it_is_quiet_about_a_second_try(tools: Tools, sandbox: Sandbox, journal: Journal) -> None:
    sandbox.script("status:429", "")
    row = claimed_generation()
    running.run(row, tools)
    Generation.objects.update(not_before=None)
    Pause.objects.all().delete()
    again = claims.claim_next("sandbox", "w1")
    assert again is not None
    running.run(again, tools)
    assert [one.nth for one in journal.read()] == [0, 1]
    older_copies.compare(journal, "sandbox")
    assert (state_of(row), Pause.objects.exists()) == ("done", False)


@pytest.mark.parametrize("how", ["queued", "claimed", "claimed again"])
def test_a_row_that_waits_although_it_was_sent_is_unknown(journal: Journal, how: str) -> None:
    row = queued() if how == "queued" else claimed_generation()
    again = {"attempt": str(row.attempt)} if how == "claimed" else {}
    one = sent(journal, row, **again)
    assert not older_copies.is_same(journal)
    assert [str(taken) for taken in older_copies.compare(journal, "sandbox")] == [one.attempt]
    row.refresh_from_db()
    assert (row.state, row.charged, str(row.attempt)) == ("unknown", "unknown", one.attempt)
    assert (row.file_token, row.worker, row.settled_by) == (one.files, "here:7", None)
    assert (row.lease, bool(row.finished_at)) == (None, True)
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == row.held_micros
    assert Pause.objects.get().reason == "older"
    assert not claims.claim_next("sandbox", "w1")


def test_of_several_calls_of_a_row_the_last_counts(journal: Journal) -> None:
    row = queued()
    sent(journal, row, nth=0)
    last = sent(journal, row, nth=1)
    older_copies.compare(journal, "sandbox")
    row.refresh_from_db()
    assert (str(row.attempt), row.tries) == (last.attempt, 1)
    assert not LostCall.objects.exists()
    assert "1 paid request" in tell(Pause.objects.get().error)
    assert older_copies.compare(journal, "sandbox") == []


def test_a_row_that_was_sent_since_it_was_looked_at_is_left_alone(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = claimed_generation()
    sent(journal, row, attempt=str(row.attempt))
    look = older_copies._look

    def look_and_send(*seen: Any) -> older_copies.Found:
        found = look(*seen)
        assert claims.pass_send_guard(row)
        return found

    monkeypatch.setattr(older_copies, "_look", look_and_send)
    assert older_copies.compare(journal, "sandbox") == []
    assert state_of(row) == "running"


@pytest.mark.parametrize("state", ["cancelled", "done", "failed", "unknown"])
def test_a_call_beside_a_row_that_ended_otherwise_is_lost(journal: Journal, state: str) -> None:
    one = sent(journal, make_generation(make_person(), state=state))
    older_copies.compare(journal, "sandbox")
    lost = LostCall.objects.get()
    assert (str(lost.attempt), lost.accepted_by) == (one.attempt, "")
    assert Pause.objects.get().reason == "older"


def test_a_lost_call_that_its_answer_made_known_learns_whose_click_it_was(
    journal: Journal,
) -> None:
    row = queued(click="again")
    one = sent(journal, row, generation=10**6, person=row.person_id, click="again")
    pauses.replace("sandbox", "older", error=[])
    make_lost_call(attempt=one.attempt, generation_id=10**6)
    for _ in range(2):
        older_copies.compare(journal, "sandbox")
    lost = LostCall.objects.get()
    assert (lost.click, lost.person_id, state_of(row)) == ("again", row.person_id, "cancelled")
    assert Act.objects.filter(kind="paused").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_click_while_the_copy_is_noticed_is_not_bought_again(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs repeat at once what was cut off: before the lost calls are committed."""
    if connection.vendor == "sqlite":
        pytest.skip("one writes at a time")
    row = queued(click="first")
    sent(journal, row, generation=10**6, person=row.person_id, click="again")
    catalogue = load_catalogue(None)
    choice = Choice(model=catalogue.models["imagen-4.0-generate-001"], values={"prompt": "Pier"})
    refused: list[ChoiceRefused] = []

    def press() -> None:
        assert row.person is not None
        try:
            submit(row.person, choice, catalogue=catalogue, wake=lambda: None, click="again")
        except ChoiceRefused as error:
            refused.append(error)
        connection.close()

    pressing, pause = threading.Thread(target=press), older_copies._pause_target

    def pause_late(target: str, number: int) -> None:
        pressing.start()
        pressing.join(1)
        pause(target, number)

    monkeypatch.setattr(older_copies, "_pause_target", pause_late)
    older_copies.compare(journal, "sandbox")
    pressing.join()
    assert len(refused) == 1
    assert not Generation.objects.filter(click="again").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("compared", [False, True])
def test_nothing_is_claimed_on_a_connection_that_was_not_compared(
    worker: Worker, *, compared: bool
) -> None:
    """The server fell over to a copy between two claims; `compared` is whether another thread,
    which is connected to what was there before, has looked meanwhile."""
    worker.journal.database = older_copies.made_at()
    row = queued(click="again", target=worker.target)
    sent(worker.journal, row, generation=10**6, person=row.person_id, click="again")
    worker.journal.doubted = False
    connection_created.connect(worker.doubt)
    try:
        connection.close()
        if compared:
            connection.ensure_connection()
            worker.journal.doubted = False
        assert worker._claim_or_give_room() is None
    finally:
        connection_created.disconnect(worker.doubt)
    assert state_of(row) == "cancelled"
    assert Pause.objects.get().reason == "older"


def test_more_calls_are_lost_than_a_statement_takes_values(journal: Journal) -> None:
    row, mine = queued(click="of another person"), queued(click="n999")
    calls = [("of another person", 0), *((f"n{n}", mine.person_id) for n in range(1_100))]
    for n, (click, person) in enumerate(calls):
        sent(journal, row, generation=10**6 + n, person=person, click=click)
    older_copies.compare(journal, "sandbox")
    assert (state_of(row), state_of(mine)) == ("queued", "cancelled")
    assert LostCall.objects.exclude(click="").count() == 1_101


def test_a_number_that_was_given_anew_is_another_row(journal: Journal) -> None:
    row = queued()
    sent(journal, row, created=(row.created_at - timedelta(hours=1)).isoformat())
    older_copies.compare(journal, "sandbox")
    assert (state_of(row), LostCall.objects.get().generation_id) == ("queued", row.pk)


def test_a_journal_of_another_database_says_nothing(journal: Journal) -> None:
    row = queued()
    sent(journal, row, created="2026-01-01T00:00:00+00:00", database="another")
    journal.note_seen({"database": "another", "charge": 10**9, "of": 1, "at": "then"})
    older_copies.compare(journal, "sandbox")
    assert (state_of(row), Pause.objects.exists(), LostCall.objects.exists()) == (
        "queued",
        False,
        False,
    )


def test_what_was_moved_to_another_database_is_not_bought_again(journal: Journal) -> None:
    row = queued()
    sent(journal, row, database="another")
    older_copies.compare(journal, "sandbox")
    assert state_of(row) == "unknown"


def test_a_journal_that_is_cut_makes_older_rows_unknown_too(journal: Journal) -> None:
    old, new, known = queued(), queued(), queued()
    Generation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=9))
    (journal.folder / "cut").touch()
    sent(journal, known, at=(timezone.now() - timedelta(days=1)).timestamp())
    older_copies.compare(journal, "sandbox")
    assert [state_of(row) for row in (old, new, known)] == ["unknown", "queued", "unknown"]
    old.refresh_from_db()
    assert "not certain whether this was sent" in tell(old.error)
    assert "2 paid requests" in tell(Pause.objects.get().error)


def test_an_admin_says_so_where_the_journal_is_lost_too(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [queued(), claimed_generation()]
    other, done = queued(target="www.omixa.cloud"), make_generation(make_person())
    call_command("restored")
    assert "2 queued requests" in capsys.readouterr().out
    assert [state_of(row) for row in (*rows, other, done)] == [
        *("unknown", "unknown"),
        *("queued", "done"),
    ]
    assert (Pause.objects.get().reason, Pause.objects.get().until) == ("older", None)


def test_it_pauses_the_target_that_was_sent_to(journal: Journal) -> None:
    row = queued(target="www.omixa.cloud")
    sent(journal, row)
    older_copies.compare(journal, "sandbox")
    assert (Pause.objects.get().target, state_of(row)) == ("www.omixa.cloud", "unknown")
    act = Act.objects.get()
    assert (act.kind, act.who_name, act.thing, act.after) == (
        *("paused", ""),
        *("www.omixa.cloud", "older_copy 1"),
    )


def test_it_is_said_instead_of_another_pause(journal: Journal) -> None:
    pauses.pause("sandbox", "balance", error=[])
    sent(journal, queued())
    older_copies.compare(journal, "sandbox")
    assert Pause.objects.get().reason == "older"


def test_what_an_admin_accepted_is_not_said_again(journal: Journal) -> None:
    sent(journal, queued(), created="2026-01-01T00:00:00+00:00")
    older_copies.compare(journal, "sandbox")
    assert deciding.resume("sandbox", by=ADMIN)
    for _ in range(2):
        older_copies.compare(journal, "sandbox")
    assert (Pause.objects.exists(), LostCall.objects.get().accepted_by) == (False, "ada")
    sent(journal, queued(), created="2026-01-02T00:00:00+00:00")
    older_copies.compare(journal, "sandbox")
    assert "1 paid request" in tell(Pause.objects.get().error)


def test_it_says_how_many_once_however_often_it_looks(journal: Journal) -> None:
    for number in range(3):
        sent(journal, queued(), created=f"2026-01-0{number + 1}T00:00:00+00:00")
        older_copies.compare(journal, "sandbox")
        older_copies.compare(journal, "sandbox")
    assert "3 paid requests" in tell(Pause.objects.get().error)
    assert lost_calls.close(last=10**9, by=ADMIN) == 3
    assert lost_calls.close(last=10**9, by=ADMIN) == 0


def test_a_row_of_the_ledger_that_is_gone_tells_of_an_older_copy(journal: Journal) -> None:
    queued()
    older_copies.compare(journal, "sandbox")
    assert not Pause.objects.exists()
    seen = journal.seen()
    journal.note_seen(seen | {"charge": seen["charge"] + 1})
    assert not older_copies.is_same(journal)
    older_copies.compare(journal, "sandbox")
    assert tell(Pause.objects.get().error) == (
        "This database is older than the requests sent from here."
    )
    assert journal.seen() == seen | {"numbers": journal.seen()["numbers"]}


@pytest.mark.parametrize("change", [{"of": 10**9}, {"at": "2026-01-01T00:00:00+00:00"}])
def test_a_row_of_the_ledger_that_is_another_tells_so_too(
    journal: Journal, change: dict[str, Any]
) -> None:
    """Restored, then used: the number was given again."""
    queued()
    older_copies.compare(journal, "sandbox")
    journal.note_seen(journal.seen() | change)
    assert not older_copies.is_same(journal)
    older_copies.compare(journal, "sandbox")
    assert Pause.objects.get().reason == "older"


def test_nothing_is_claimed_while_the_journal_cannot_be_read(worker: Worker) -> None:
    (worker.journal.folder / "sent.jsonl").mkdir(parents=True)
    queued()
    worker.hand_out(wait=False)
    assert Generation.objects.get().state == "queued"
    assert Pause.objects.get().reason == "folder"
    assert str(worker.journal.folder) in tell(Pause.objects.get().error)


def test_a_look_at_the_same_database_costs_few_statements(
    journal: Journal, django_assert_num_queries: Any
) -> None:
    row = claimed_generation()
    assert claims.pass_send_guard(row)
    sent(journal, row, attempt=str(row.attempt))
    older_copies.is_same(journal)
    with django_assert_num_queries(4):
        assert older_copies.is_same(journal)


def test_the_answer_of_a_lost_call_is_stored_once_and_without_the_key() -> None:
    label, key = Label(10**6, str(uuid4())), "omx_live_secret"
    body = f'{{"echo": "{key}", "data": []}}'.encode()
    raw = RawAnswer(200, {}, body)
    names = set()
    for _ in range(2):
        told = {"target": "sandbox", "worker": "here:7", "key": key}
        assert lost_calls.keep_answer(label, raw, **told)
        names.add(LostCall.objects.get().name)
    (name,) = names
    assert storage.get(name) == body.replace(key.encode(), b"*" * len(key))
