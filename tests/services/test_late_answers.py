"""An answer that comes after a person has decided: nothing paid is lost, the bill decides."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.db.models import Sum

from omixa_studio.models import Charge, Generation, Pause, Person, State
from omixa_studio.models.generations import Charged
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import answers, bodies, claims, ledger, running, settling
from omixa_studio.services.tools import Tools
from omixa_studio.spool import Label
from tests.factories import claimed_generation, make_generation, make_person

pytestmark = pytest.mark.django_db
Decided = Callable[..., Generation]


def passed(row: Generation) -> None:
    assert claims.pass_send_guard(row)


@pytest.fixture
def decided(tools: Tools, sandbox: Sandbox) -> Decided:
    """Receive an answer into the spool, and let a person decide before it is settled."""

    def decide(fault: str, word: int, **change: Any) -> Generation:
        sandbox.script(fault)
        row = claimed_generation()
        incoming = tools.spool.reserve(Label(row.pk, str(row.attempt)), 2**20)
        tools.send(
            bodies.rebuild_body(row, []),
            incoming,
            before_send=lambda: passed(row),
        )
        incoming.complete()
        claims.abandon(row)
        assert settling.decide(row, billed_micros=word, by="ada")
        for answer in tools.spool.whole_answers():
            answers.finish(answer, tools)
        row.refresh_from_db()
        return row

    return decide


def booked() -> int:
    return Charge.objects.aggregate(sum=Sum("amount_micros"))["sum"] or 0


@pytest.mark.file_ages
@pytest.mark.parametrize(
    ("fault", "word", "charged", "billed", "pictures"),
    [
        ("", 0, "yes", 40_000, 1),
        ("", 40_000, "yes", 40_000, 1),
        ("billed-over", 0, "yes", 400_000, 1),
        ("empty-data:0.040000", 0, "yes", 40_000, 0),
        ("status:422", 40_000, "no", 0, 0),
        ("status:429", 40_000, "no", 0, 0),
        ("billed-missing", 30_000, "yes", 30_000, 1),
        ("billed-missing", 0, "no", 0, 1),
    ],
)
def test_it_brings_the_ledger_to_the_bill(
    decided: Decided,
    tools: Tools,
    fault: str,
    word: int,
    charged: str,
    billed: int,
    pictures: int,
) -> None:
    row = decided(fault, word)
    assert (row.state, row.charged, row.billed_micros, row.came_late) == (
        "failed",
        charged,
        billed,
        True,
    )
    assert (booked(), row.pictures.count()) == (billed, pictures)
    assert row.over_hold == (billed > row.held_micros)
    # What was paid for counts once, whatever a person had said before.
    counted = Charge.objects.filter(generation_id=row.pk).aggregate(sum=Sum("pictures"))["sum"]
    assert counted == pictures
    assert row.status == (int(fault[-3:]) if fault.startswith("status") else 200)
    assert row.seconds
    left = [path.suffix for path in tools.spool.folder.iterdir()]
    assert left == ([".unusable"] if fault.startswith("empty-data") else [])
    assert not Pause.objects.exists()


def test_it_keeps_a_persons_word_where_the_answer_tells_nothing(
    decided: Decided, tools: Tools
) -> None:
    row = decided("truncated-json", 30_000)
    assert (row.charged, row.billed_micros, row.came_late, booked()) == (
        "yes",
        30_000,
        False,
        30_000,
    )
    assert [path.suffix for path in tools.spool.folder.iterdir()] == [".unusable"]


def test_it_sets_aside_an_answer_of_no_attempt(tools: Tools, sandbox: Sandbox) -> None:
    row = claimed_generation()
    incoming = tools.spool.reserve(Label(row.pk, str(row.attempt)), 2**20)
    incoming.head(200, {})
    path = incoming.complete()
    claims.hand_back(row)
    assert answers.finish(path, tools) is None
    assert [left.suffix for left in tools.spool.folder.iterdir()] == [".unusable"]
    assert Generation.objects.get().state == "queued"


def test_it_sets_aside_a_file_that_is_no_answer(tools: Tools) -> None:
    path = tools.spool.folder / "1-x.answer"
    path.write_bytes(b"no answer")
    assert answers.finish(path, tools) is None
    assert [left.suffix for left in tools.spool.folder.iterdir()] == [".unusable"]


@pytest.mark.parametrize("of_this_attempt", [True, False])
def test_it_takes_a_late_answer_of_the_attempt_that_was_decided(of_this_attempt: bool) -> None:
    row = make_generation(make_person(), state="unknown", charged="unknown", attempt=uuid4())
    ledger.hold(row)
    assert settling.decide(row, billed_micros=0, by="ada")
    row.attempt = row.attempt if of_this_attempt else uuid4()
    billed = settling.Settlement(state=State.DONE, charged=Charged.YES, billed_micros=40_000)
    assert settling.settle_late(row, billed) is of_this_attempt
    assert booked() == (40_000 if of_this_attempt else 0)


def test_it_does_not_mind_that_another_settler_was_faster(tools: Tools) -> None:
    assert answers.finish(tools.spool.folder / "gone.answer", tools) is None


def test_it_hears_a_persons_word_that_came_while_it_called(tools: Tools, sandbox: Sandbox) -> None:
    def send(body: bytes, sink: Any, *, before_send: Callable[[], None]) -> None:
        tools.send(body, sink, before_send=before_send)
        claims.abandon(row)
        assert settling.decide(row, billed_micros=0, by="ada")

    row = claimed_generation()
    running.run(row, replace(tools, send=send))
    row.refresh_from_db()
    assert (row.state, row.came_late, row.billed_micros, booked()) == (
        "failed",
        True,
        40_000,
        40_000,
    )
    assert row.pictures.count() == 1
    assert not tools.spool.whole_answers()


@pytest.mark.django_db(transaction=True)
def test_it_keeps_an_answer_whose_person_was_deleted_while_it_came(
    tools: Tools, sandbox: Sandbox
) -> None:
    """The worker leaves it in the spool, and the sweep, which reads the row anew, books it."""

    def send(body: bytes, sink: Any, *, before_send: Callable[[], None]) -> None:
        tools.send(body, sink, before_send=before_send)
        Person.objects.all().delete()

    row = claimed_generation()
    with pytest.raises(IntegrityError):
        running.run(row, replace(tools, send=send))
    (answer,) = tools.spool.whole_answers()
    assert Generation.objects.get().state == "running"
    answers.finish(answer, tools)
    row.refresh_from_db()
    assert (row.state, row.person, row.pictures.count(), booked()) == ("done", None, 1, 40_000)
