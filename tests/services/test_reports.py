"""Reports by mail: once per person and period, tried again, told, only to who sees costs."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as outbox
from django.db import connection
from django.db.models.functions import Now
from django.test import override_settings
from django.utils import timezone

from omixa_studio.models import MailState, Notice, Person, Report, ReportMail
from omixa_studio.queries.reports import days_of, last_due, last_mails, next_due
from omixa_studio.services import older_copies, pauses, reports
from omixa_studio.services.audit import STUDIO
from omixa_studio.worker import Worker, chores
from tests.factories import make_person, make_report

pytestmark = pytest.mark.django_db
# A Monday.
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
BEFORE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def manager() -> Person:
    return make_person("mara", role="manager", email="mara@example.org")


def sent_by(send: Any = None, now: datetime = MONDAY) -> list[ReportMail]:
    found: list[ReportMail] = []
    reports.send_due(send or found.append, now=now)
    return found


def fail(mail: ReportMail) -> None:
    raise ConnectionRefusedError("nobody answers")


def make_all_due() -> None:
    ReportMail.objects.filter(state=MailState.QUEUED).update(not_before=Now())


def test_it_goes_once_to_each_person_in_a_period(manager: Person) -> None:
    other = make_person("ada", role="admin", email="ada@example.org")
    make_report(manager, other, since=BEFORE)
    mails = sent_by()
    assert {mail.person for mail in mails} == {manager, other}
    assert {(mail.first, mail.last) for mail in mails} == {(date(2026, 11, 16), date(2026, 11, 22))}
    assert sent_by() == []
    assert len(sent_by(now=datetime(2026, 11, 30, 9, tzinfo=UTC))) == 2


def test_the_worker_mails_them_but_not_from_an_older_copy(worker: Worker, manager: Person) -> None:
    make_report(manager, since=timezone.now() - timedelta(days=15))
    older_copies.declare(worker.target)
    chores.mail(worker)
    assert outbox.outbox == []
    pauses.resume(worker.target)
    chores.mail(worker)
    [sent] = outbox.outbox
    assert sent.to == ["mara@example.org"]


def test_it_waits_for_its_day_and_hour(manager: Person) -> None:
    make_report(manager, since=BEFORE, on=1, hour=9)
    [old] = sent_by()
    assert old.first == date(2026, 11, 9)
    [new] = sent_by(now=datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert new.first == date(2026, 11, 16)


def test_a_month_that_begins_with_a_week_is_sent_although_the_week_was(manager: Person) -> None:
    report = make_report(manager, since=datetime(2026, 6, 1, tzinfo=UTC))
    [week] = sent_by(now=datetime(2026, 6, 8, 9, tzinfo=UTC))
    Report.objects.filter(pk=report.pk).update(every="month")
    [month] = sent_by(now=datetime(2026, 7, 1, 9, tzinfo=UTC))
    assert (week.first, month.first) == (date(2026, 6, 1), date(2026, 6, 1))
    assert month.last == date(2026, 6, 30)
    assert list(last_mails(report)) == [month]


def test_what_came_due_before_it_was_made_is_not_sent(manager: Person) -> None:
    make_report(manager, since=MONDAY)
    assert sent_by() == []


def test_what_came_due_while_it_was_deleted_is_not_sent(manager: Person) -> None:
    now = datetime.now(UTC)  # as the database has it
    report = make_report(manager, since=now - timedelta(days=30))
    assert reports.delete_report(report, by=STUDIO)
    assert sent_by(now=now) == []
    assert reports.restore_report(report, by=STUDIO)
    assert sent_by(now=now) == []


@pytest.mark.parametrize("change", [{"role": "member"}, {"is_active": False}, {"email": ""}])
def test_who_may_not_see_costs_any_more_gets_nothing(
    manager: Person, change: dict[str, Any]
) -> None:
    make_report(manager, since=BEFORE)
    assert sent_by(fail) == []
    Person.objects.filter(pk=manager.pk).update(**change)
    make_all_due()
    assert sent_by() == []
    assert ReportMail.objects.get().state == MailState.LEFT_OUT
    assert sent_by(now=datetime(2026, 11, 30, 9, tzinfo=UTC)) == []


def test_a_failure_is_told_and_tried_again(manager: Person) -> None:
    admin = make_person("ada", role="admin")
    make_report(manager, since=BEFORE)
    sent_by(fail)
    mail = ReportMail.objects.get()
    assert (mail.state, mail.tries) == (MailState.QUEUED, 1)
    assert "nobody answers" in mail.error
    assert sent_by() == []  # not at once
    make_all_due()
    assert [one.pk for one in sent_by()] == [mail.pk]
    assert Notice.objects.get(person=admin).kind == "report_retried"


def test_it_gives_up_after_some_tries_and_says_so(manager: Person) -> None:
    make_person("ada", role="admin")
    report = make_report(manager, since=BEFORE)
    for _ in range(9):
        sent_by(fail)
        make_all_due()
    mail = ReportMail.objects.get()
    assert (mail.state, mail.tries) == (MailState.FAILED, len(reports.WAITS) + 1)
    assert [one.kind for one in Notice.objects.order_by("pk")] == [
        "report_retried",
        "report_failed",
    ]
    assert reports.send_again(report) == 1
    assert len(sent_by()) == 1


def test_what_a_worker_died_over_is_not_sent_twice(manager: Person) -> None:
    make_person("ada", role="admin")
    make_report(manager, since=BEFORE)

    class Killed(BaseException):
        pass

    def die(mail: ReportMail) -> None:
        raise Killed

    with pytest.raises(Killed):
        sent_by(die)
    assert sent_by() == []
    ReportMail.objects.update(begun_at=BEFORE)
    assert sent_by() == []
    assert ReportMail.objects.get().state == MailState.UNCLEAR
    assert Notice.objects.get().kind == "report_unclear"


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_it_once(manager: Person) -> None:
    people = [make_person(f"m{n}", role="manager", email=f"m{n}@example.org") for n in range(8)]
    make_report(*people, since=BEFORE)
    sent: list[int] = []
    together = Barrier(4)

    def work() -> None:
        together.wait()
        reports.send_due(lambda mail: sent.append(mail.person_id), now=MONDAY)
        connection.close()

    workers = [Thread(target=work) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(sent) == sorted(person.pk for person in people)


def test_by_hand_one_gets_it_at_once(manager: Person) -> None:
    report = make_report(since=MONDAY)
    assert reports.send_now(report, manager)
    assert not reports.send_now(report, manager)
    assert [mail.person for mail in sent_by()] == [manager]
    assert reports.send_now(report, manager)


RIGA = ZoneInfo("Europe/Riga")


@pytest.mark.parametrize(
    ("fields", "now", "due", "days"),
    [
        # On the Sunday the clocks went back; eight o'clock is another hour in UTC.
        (
            {"on": 1, "hour": 8},
            datetime(2026, 10, 26, 7, 59, tzinfo=RIGA),
            datetime(2026, 10, 19, 8, tzinfo=RIGA),
            (date(2026, 10, 19), date(2026, 10, 25)),
        ),
        (
            {"every": "month", "on": 28, "hour": 0},
            datetime(2026, 3, 1, 0, 30, tzinfo=RIGA),
            datetime(2026, 2, 28, 0, tzinfo=RIGA),
            (date(2026, 2, 1), date(2026, 2, 28)),
        ),
        (
            {"every": "month", "on": 1, "hour": 8},
            datetime(2027, 1, 1, 8, tzinfo=RIGA),
            datetime(2027, 1, 1, 8, tzinfo=RIGA),
            (date(2026, 12, 1), date(2026, 12, 31)),
        ),
    ],
)
def test_days_and_hours_are_those_of_the_studio(
    fields: dict[str, Any], now: datetime, due: datetime, days: tuple[date, date]
) -> None:
    report = Report(**({"name": "Costs", "every": "week"} | fields))
    with override_settings(TIME_ZONE="Europe/Riga"):
        assert last_due(report, now) == due
        assert days_of(report, now) == days
        assert next_due(report, now) > now
        assert last_due(report, next_due(report, now)) == next_due(report, now)
