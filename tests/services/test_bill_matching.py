"""The gateway's books are asked for, compared day by day, and what differs is settled once."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.db.models import Sum

from omixa_studio.gateway.client import Gateway
from omixa_studio.gateway.errors import GatewayError, told
from omixa_studio.gateway.records import RawAnswer
from omixa_studio.models import (
    Act,
    BackgroundJob,
    BillAnswer,
    BillCover,
    BillDay,
    BillEntry,
    BillMatch,
    BillNote,
    Charge,
    Generation,
    JobState,
    MatchKind,
    Notice,
    Pause,
    Picture,
    State,
)
from omixa_studio.models.generations import Charged
from omixa_studio.models.pauses import Reason
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import (
    background,
    bill_jobs,
    bill_matching,
    bill_settling,
    ledger,
    settling,
)
from omixa_studio.services.audit import Actor
from omixa_studio.services.background_kinds import kinds_asking
from tests.factories import (
    make_gateway_key,
    make_generation,
    make_lost_call,
    make_person,
    make_picture,
)

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SLUG = "imagen-4.0-generate-001"
MARA = Actor(username="mara", name="Mara")


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "LEAST_REST_SECONDS", 0.0)


def billed(seconds: float = 0, micros: int | None = 40_000, **fields: Any) -> Generation:
    """A call sent at noon of the day, booked by the ledger's own way."""
    at = NOON + timedelta(seconds=seconds)
    cost = {"charged": "unknown", "billed_micros": None} if micros is None else {}
    told_of = {"sent_at": at, "started_at": at, "created_at": at, "month": "2026-11", **cost}
    row = make_generation(make_person(), **(told_of | {"billed_micros": micros} | fields))
    ledger.hold(row, day=DAY)
    if micros is not None:
        ledger.capture(row, micros, "")
    return row


def entry(seconds: float | None = 1, micros: int | None = 40_000, **fields: Any) -> BillEntry:
    at = None if seconds is None else NOON + timedelta(seconds=seconds)
    told_of = {"target": "sandbox", "source": "log", "model": SLUG, "amount_text": "x"}
    number = BillEntry.objects.count()
    return BillEntry.objects.create(
        **(told_of | {"key": f"k{number}", "at": at, "amount_micros": micros} | fields)
    )


def cover(days: int = 1, *, source: str = "log") -> None:
    first = NOON.replace(hour=0)
    BillCover.objects.create(
        target="sandbox", source=source, since=first, until=first + timedelta(days=days)
    )


def compare(day: date = DAY, *, source: str = "log") -> BillDay:
    bill_matching.save(bill_matching.compare_day("sandbox", source, day))
    return BillDay.objects.get(day=day, source=source)


def ledger_sum() -> int:
    return Charge.objects.aggregate(sum=Sum("amount_micros"))["sum"] or 0


def test_a_day_has_both_sums_and_its_differences_first() -> None:
    cover()
    same, dearer, only_here = billed(0), billed(600), billed(1200, 70_000)
    lines = [entry(1), entry(601, 50_000), entry(3000, 90_000)]
    day = compare()
    assert (day.here_micros, day.bill_micros) == (150_000, 180_000)
    assert (day.open, day.calls_here, day.calls_bill) == (3, 3, 3)
    rows = BillMatch.objects.order_by("pk").values_list("kind", "generation_id", "entry_id")
    assert list(rows) == [
        (MatchKind.AMOUNT, dearer.pk, lines[1].pk),
        (MatchKind.HERE_ONLY, only_here.pk, 0),
        (MatchKind.BILL_ONLY, 0, lines[2].pk),
        (MatchKind.EQUAL, same.pk, lines[0].pk),
    ]


def test_a_line_days_after_its_request_is_not_one_without_a_request() -> None:
    cover(days=9)
    call = billed(request_id="req_1")
    entry(7 * 86_400, request_id="req_1", key="id:req_1")
    assert compare().counts == {"equal": 1, "near": 0}
    assert BillMatch.objects.get().generation_id == call.pk
    assert compare(DAY + timedelta(days=7)).open == 0


def test_nothing_is_missing_where_the_bill_is_not_known() -> None:
    billed()
    day = compare()
    assert (day.open, day.bill_micros) == (0, None)
    assert BillMatch.objects.get().kind == MatchKind.UNCOVERED


def test_proof_counts_whatever_the_time_says() -> None:
    cover()
    call = billed(request_id="req_1")
    entry(40_000, 50_000, request_id="req_1", key="id:req_1")
    assert compare().counts == {"amount": 1, "near": 0}
    assert BillMatch.objects.get().generation_id == call.pk
    tomorrow = DAY + timedelta(days=1)
    entry(86_400 + 5, request_id="req_1b", key="id:req_1b")
    assert compare(tomorrow).counts == {"bill_only": 1, "near": 0}


def test_neighbours_over_midnight_are_told_once() -> None:
    cover(2)
    billed(43_199)
    entry(43_201)
    days = [compare(), compare(DAY + timedelta(days=1))]
    assert [day.counts.get("equal", 0) for day in days] == [1, 0]
    assert [day.open for day in days] == [0, 0]


def test_an_unchanged_day_is_not_written_again() -> None:
    cover()
    billed()
    compare()
    before = BillMatch.objects.get().pk
    compare()
    assert BillMatch.objects.get().pk == before
    entry(1, 50_000)
    compare()
    assert BillMatch.objects.get().kind == MatchKind.AMOUNT


def test_a_difference_is_explained_once_until_it_changes() -> None:
    cover()
    line = entry(1)
    compare()
    match = BillMatch.objects.get()
    assert bill_settling.explain(match, "A test by hand.", by=MARA)
    assert not bill_settling.explain(match, "Again.", by=MARA)
    assert not bill_settling.adjust(match, "Again.", by=MARA)
    assert compare().open == 0
    assert BillMatch.objects.get().note.note == "A test by hand."  # type: ignore[union-attr]
    assert Act.objects.get(kind="bill_explained").after == "A test by hand."
    BillEntry.objects.filter(pk=line.pk).update(amount_micros=50_000)
    assert compare().open == 1


@pytest.mark.parametrize("bill", [50_000, 30_000, None])
def test_a_cost_is_adjusted_to_the_bill_once(bill: int | None) -> None:
    cover()
    call = billed()
    make_picture(call, cost_micros=40_000)
    if bill is not None:
        entry(1, bill)
    compare()
    match = BillMatch.objects.get()
    assert bill_settling.change_of(match) == (bill or 0) - 40_000
    assert bill_settling.adjust(match, "As billed.", by=MARA)
    assert not bill_settling.adjust(match, "As billed.", by=MARA)
    call.refresh_from_db()
    assert (call.billed_micros, call.charged) == (bill or 0, "yes" if bill else "no")
    assert ledger_sum() == Picture.objects.get().cost_micros == (bill or 0)
    day = BillDay.objects.get()
    assert (day.here_micros, day.open) == (bill or 0, 0)
    day = compare()
    assert (day.here_micros, day.open) == (bill or 0, 0)
    assert Act.objects.filter(kind="bill_adjusted").count() == 1


def test_a_call_is_adjusted_again_when_a_later_bill_says_otherwise() -> None:
    cover()
    call = billed()
    ledger.adjust(call, 5_000, text="", reason="came_late")
    line = entry(1, 50_000)
    for bill in (50_000, 20_000, 60_000):
        BillEntry.objects.filter(pk=line.pk).update(amount_micros=bill)
        compare()
        match = BillMatch.objects.get()
        assert bill_settling.adjust(match, "As billed.", by=MARA)
        assert not bill_settling.adjust(match, "As billed.", by=MARA)
        call.refresh_from_db()
        assert ledger_sum() == call.billed_micros == bill
    rows = Charge.objects.filter(kind="adjustment").order_by("pk")
    assert [(one.nth, one.amount_micros) for one in rows] == [
        (0, 5_000),
        (1, 5_000),
        (2, -30_000),
        (3, 40_000),
    ]


def test_a_late_answer_has_the_last_word_after_a_bill() -> None:
    cover()
    row = billed(0, None, state="unknown", attempt=uuid4())
    assert settling.decide(row, billed_micros=10_000, by="ada")
    entry(1, 30_000)
    compare()
    assert bill_settling.adjust(BillMatch.objects.get(), "As billed.", by=MARA)
    late = settling.Settlement(state=State.DONE, charged=Charged.YES, billed_micros=40_000)
    assert settling.settle_late(row, late)
    row.refresh_from_db()
    assert ledger_sum() == row.billed_micros == 40_000


def test_an_unknown_cost_is_settled_by_the_bill() -> None:
    cover()
    call = billed(0, None)
    entry(1, 45_000)
    compare()
    assert bill_settling.adjust(BillMatch.objects.get(), "As billed.", by=MARA)
    call.refresh_from_db()
    assert (call.billed_micros, call.charged, ledger_sum()) == (45_000, "yes", 45_000)


def test_a_line_without_a_request_is_booked_once_as_nobodys() -> None:
    cover()
    line = entry(1, 45_000)
    compare()
    match = BillMatch.objects.get()
    assert bill_settling.adjust(match, "Lost in the restore.", by=MARA)
    charge = Charge.objects.get()
    assert (charge.person_id, charge.generation_id, charge.amount_micros) == (0, -line.pk, 45_000)
    day = compare()
    assert (day.here_micros, day.bill_micros, day.open) == (45_000, 45_000, 0)
    BillMatch.objects.update(kind=MatchKind.BILL_ONLY, note=None, here_micros=None)
    assert not bill_settling.adjust(match, "Again.", by=MARA)
    assert Charge.objects.count() == 1
    BillEntry.objects.filter(pk=line.pk).update(amount_micros=50_000)
    compare()
    assert bill_settling.adjust(BillMatch.objects.get(), "The bill says more.", by=MARA)
    assert not bill_settling.adjust(BillMatch.objects.get(), "Again.", by=MARA)
    assert (ledger_sum(), compare().open) == (50_000, 0)


@pytest.mark.parametrize("request_id", ["r9", ""])
def test_a_line_in_the_log_and_in_a_file_is_booked_once(request_id: str) -> None:
    cover()
    for source in ("log", "file"):
        told_of = {"source": source, "request_id": request_id, "key": f"id:{request_id}"}
        entry(1 if source == "log" else 1.5, 45_000, **told_of)
        bill_matching.save(bill_matching.compare_day("sandbox", source, DAY))
    log, file = BillMatch.objects.order_by("pk")
    assert bill_settling.adjust(log, "Lost in the restore.", by=MARA)
    assert not bill_settling.adjust(file, "And in the file.", by=MARA), "not compared anew yet"
    bill_matching.save(bill_matching.compare_day("sandbox", "file", DAY))
    day = BillDay.objects.get(source="file")
    assert (day.here_micros, day.open, ledger_sum()) == (45_000, 0, 45_000)
    entry(1.5, 45_000, source="file", key="another of the same")
    bill_matching.save(bill_matching.compare_day("sandbox", "file", DAY))
    assert BillDay.objects.get(source="file").open == 1, "one more than was booked"


@pytest.mark.parametrize("request_id", ["", "req-1"])
def test_a_file_of_another_account_takes_nothing_from_this_one(request_id: str) -> None:
    acme = make_gateway_key("Acme", on_own_bill=True)
    theirs = billed(0, gateway_key=acme, request_id=request_id)
    not_in_it = billed(60, gateway_key=acme)
    ours = billed(3600, 50_000)
    entry(1, source="file", request_id=request_id)
    cover(source="file")
    day = compare(source="file")
    [match] = BillMatch.objects.all()
    assert (match.kind, match.generation_id) == (MatchKind.EQUAL, theirs.pk)
    assert (day.here_micros, day.bill_micros, day.open) == (40_000, 40_000, 0)
    # With that of this account beside it both are compared, and what this one lacks is told.
    entry(3601, 50_000, source="file")
    lacking = billed(7200)
    day = compare(source="file")
    kinds = dict(BillMatch.objects.values_list("generation_id", "kind"))
    expected = {theirs.pk: "equal", ours.pk: "equal", lacking.pk: "here_only"}
    assert kinds == expected
    assert not_in_it.pk not in kinds
    # The gateway's log is that of the environment's key alone.
    cover()
    compare()
    in_log = BillMatch.objects.filter(bill_day__source="log")
    assert set(in_log.values_list("generation_id", flat=True)) == {ours.pk, lacking.pk}


def test_words_on_differences_are_never_changed() -> None:
    entry(1)
    compare()
    bill_settling.explain(BillMatch.objects.get(), "A test.", by=MARA)
    for change in (lambda: BillNote.objects.update(note="x"), BillNote.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# The job


def run(ask: Callable[[str, str], RawAnswer], turns: int = 3) -> BackgroundJob:
    for _ in range(turns):
        background.take_turn(kinds_asking(ask), "here:7", seconds=60)
    return BackgroundJob.objects.get(kind=bill_jobs.KIND)


def answers(entries: object, rollups: object) -> Callable[[str, str], RawAnswer]:
    def ask(what: str, query: str) -> RawAnswer:
        document = entries if what == "requests" else rollups
        if document is None:
            raise GatewayError(told("not_answered"), kind="gateway", charged="no")
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return RawAnswer(200, {}, body)

    return ask


def now_line(**fields: object) -> dict[str, object]:
    at = datetime.now(UTC) - timedelta(hours=1)
    return {"id": "r1", "model": SLUG, "cost": "0.04", "created_at": at.isoformat(), **fields}


def test_the_sandbox_is_compared_to_the_cent(
    sandbox: Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(sandbox.base_url, sandbox.key)
    calls = []
    for at in range(3):
        call = make_generation(make_person(), sent_at=datetime.now(UTC), billed_micros=40_000)
        ledger.hold(call)
        sent = json.dumps({"model": SLUG, "prompt": f"{at}"}).encode()

        class Sink:
            def head(self, status: int, headers: dict[str, str]) -> None: ...
            def write(self, chunk: bytes) -> None: ...

        gateway.generate(sent, Sink())
        ledger.capture(call, 40_000, "0.04")
        calls.append(call)
    bill_jobs.start(make_person(role="admin"), wake=lambda: None)
    job = run(gateway.usage_answer)
    assert (job.state, job.result["open"]) == (JobState.DONE, 0)
    day = BillDay.objects.get()
    assert day.here_micros == day.bill_micros == int(sandbox.billed_total * 10**6)
    assert day.counts == {"equal": 3, "near": 3}
    assert job.total == job.done


@pytest.mark.parametrize(
    ("entries", "rollups"),
    [(None, None), (b"<html>", b""), ({"data": [None, 5, {"id": [1], "cost": True}]}, {"a": 1})],
)
def test_whatever_the_gateway_answers_the_job_ends(entries: object, rollups: object) -> None:
    bill_jobs.start(make_person(role="admin"), wake=lambda: None)
    job = run(answers(entries, rollups))
    assert job.state == JobState.DONE
    assert BillAnswer.objects.count() == 2
    assert not BillEntry.objects.exists()


def test_answers_are_kept_without_the_key_and_bounded(settings: Any) -> None:
    settings.GATEWAY_KEY = "omx_live_verysecretkey"
    rows = [now_line(id=f"r{at}", note="omx_live_verysecretkey" * 30) for at in range(600)]
    bill_jobs.start(make_person(role="admin"), wake=lambda: None)
    run(answers({"data": rows, "x": "nul \0"}, {"2026-11-20": "1.00"}))
    kept = BillAnswer.objects.get(what="requests")
    assert "verysecret" not in kept.body
    assert len(kept.body) <= 256 * 1024 < kept.bytes
    assert kept.found == BillEntry.objects.count() == 600


def test_pages_are_followed_to_their_end_and_no_further() -> None:
    asked = []

    def ask(what: str, query: str) -> RawAnswer:
        asked.append((what, query))
        row = now_line(id=f"r{len(asked)}")
        return RawAnswer(200, {}, json.dumps({"data": [row], "next_page": len(asked)}).encode())

    bill_jobs.start(make_person(role="admin"), wake=lambda: None)
    assert run(ask).state == JobState.DONE
    assert len(asked) == 1 + bill_jobs.MOST_PAGES


@pytest.mark.parametrize("breaks_off", [True, False])
def test_a_log_that_breaks_off_is_known_no_further_than_its_last_line(breaks_off: bool) -> None:
    now = datetime.now(UTC)

    def ask(what: str, query: str) -> RawAnswer:
        if query == "page=2" and breaks_off:
            raise GatewayError(told("not_answered"), kind="gateway", charged="no")
        hours = [2] if query == "page=2" else [9, 5]
        rows = [now_line(id=f"r{n}", created_at=f"{now - timedelta(hours=n)}") for n in hours]
        page = {"data": rows, "next_page": "" if query == "page=2" else 2}
        return RawAnswer(200, {}, json.dumps(page).encode())

    bill_jobs.start(make_person(role="admin"), wake=lambda: None)
    assert run(ask).state == JobState.DONE
    known = BillCover.objects.get()
    assert known.since == now - timedelta(hours=9)
    assert (known.until < now - timedelta(hours=5)) == breaks_off


def test_the_same_log_twice_is_booked_once_and_an_amount_follows() -> None:
    admin = make_person(role="admin")
    without_id = now_line(id=None)
    for cost in (None, "0.04", "0.05"):
        bill_jobs.start(admin, wake=lambda: None)
        run(answers([now_line(cost=cost), without_id, without_id], [])).delete()
    assert BillEntry.objects.count() == 3
    assert BillEntry.objects.get(request_id="r1").amount_micros == 50_000


def test_it_is_queued_after_a_restore_and_each_night(settings: Any) -> None:
    assert not bill_jobs.start_if_due("sandbox")
    settings.SANDBOX_MODE = False
    assert bill_jobs.start_if_due("sandbox")
    assert not bill_jobs.start_if_due("sandbox")
    run(answers([], [])).delete()
    assert not bill_jobs.start_if_due("sandbox")
    settings.SANDBOX_MODE = True
    make_lost_call(target="sandbox")
    assert bill_jobs.start_if_due("sandbox")
    run(answers([], [])).delete()
    Pause.objects.create(target="sandbox", reason=Reason.OLDER)
    assert bill_jobs.start_if_due("sandbox")
    job = run(answers([], []))
    assert (job.parameters, job.state) == ({"deep": True}, JobState.DONE)
    assert not bill_jobs.start_if_due("sandbox")


def test_admins_hear_of_differences_of_the_night_once() -> None:
    admin = make_person(role="admin")
    make_person(role="manager")
    for _ in range(2):
        BackgroundJob.objects.create(kind=bill_jobs.KIND)
        run(answers([now_line()], [])).delete()
    notice = Notice.objects.get()
    assert (notice.person, notice.kind, notice.facts) == (admin, "bill_differs", {"n": 1})


def test_an_adjustment_and_a_late_answer_do_not_both_count() -> None:
    cover()
    call = billed()
    compare()
    assert bill_settling.adjust(BillMatch.objects.get(), "In no bill.", by=MARA)
    assert settling.decide_cost(call, billed_micros=1, by="x") is False
    assert ledger_sum() == 0


def test_a_long_day_is_written_in_short_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bill_matching, "ROWS_AT_A_TIME", 2)
    cover()
    for at in range(5):
        billed(at * 600)
        entry(at * 600 + 1)
    for expected in (5, 6):
        compared = bill_matching.compare_day("sandbox", "log", DAY)
        parts = bill_matching.parts_left(compared)
        done = [bill_matching.save_part(compared) for _ in range(parts)]
        assert done == [False] * (parts - 1) + [True]
        assert BillMatch.objects.count() == BillDay.objects.get().counts["equal"] == expected
        billed(9000)
        entry(9001)


def test_a_long_day_that_was_left_half_written_is_written_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cover()
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)
    for at in range(5):
        entry(None, key=f"e{at}", at=now + timedelta(seconds=at))
    monkeypatch.setattr(bill_matching, "ROWS_AT_A_TIME", 2)
    bill_jobs.start(make_person(role="admin"), wake=lambda: None)
    for _ in range(20):
        background.take_turn(kinds_asking(answers([now_line()], [])), "here:7", seconds=0)
        bill_jobs.COMPARED.clear()
    assert BillMatch.objects.count() < 20
    for _ in range(12):
        background.take_turn(kinds_asking(answers([now_line()], [])), "here:7", seconds=0)
    assert BackgroundJob.objects.get().state == JobState.DONE
    assert BillMatch.objects.filter(kind="bill_only").count() == 6
