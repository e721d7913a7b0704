"""Reports by mail: make, change and delete them, and send what is due.

The worker queues one mail per person and period, which the database holds to be one however many
workers do so, and marks each before it leaves. What failed is tried again for a day; what a worker
stopped in the middle of may have left, so it is told and not sent again by itself.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from omixa_studio.models import ActKind, MailState, Person, Report, ReportMail, Role
from omixa_studio.queries.reports import days_of, last_due, mails_to_send, may_get, reports

from . import audit, notices
from .audit import Actor

log = logging.getLogger(__name__)

# After each failure it waits so long, in seconds; after the last one it stays failed.
WAITS = (300, 900, 3600, 4 * 3600, 12 * 3600)
# A mail takes seconds; who has been sending for so long is gone.
SECONDS_UNTIL_UNCLEAR = 900.0
LONGEST_ERROR = 200
MOST_REPORTS = 50

# Sends a mail; raises whatever a mail server makes go wrong.
Send = Callable[[ReportMail], object]


class TooManyReports(Exception):
    """The studio has as many reports as it keeps."""


@dataclass(frozen=True, kw_only=True)
class ReportTerms:
    """What a report is: its name, the query of its review, when, and to whom."""

    name: str
    query: str
    every: str
    on: int
    hour: int
    people: Sequence[Person]


@transaction.atomic
def make_report(terms: ReportTerms, *, by: Actor) -> Report:
    """Make a report; the first mail is the next that comes due. Raises TooManyReports."""
    if reports().count() >= MOST_REPORTS:
        raise TooManyReports
    report = Report.objects.create(**_columns(terms))
    report.people.set(terms.people)
    audit.write(ActKind.REPORT_MADE, by=by, thing=_thing(report), after=_said(terms))
    return report


@transaction.atomic
def change_report(report: Report, terms: ReportTerms, *, by: Actor) -> None:
    """Change a report; what came due before is not sent anew."""
    Report.objects.filter(pk=report.pk).update(**_columns(terms), since=Now())
    report.people.set(terms.people)
    audit.write(ActKind.REPORT_CHANGED, by=by, thing=_thing(report), after=_said(terms))


@transaction.atomic
def delete_report(report: Report, *, by: Actor) -> bool:
    """Delete a report; return False if it was deleted already."""
    found = Report.objects.filter(pk=report.pk, deleted_at=None).update(deleted_at=Now())
    if found:
        audit.write(ActKind.REPORT_DELETED, by=by, thing=_thing(report))
    return bool(found)


@transaction.atomic
def restore_report(report: Report, *, by: Actor) -> bool:
    """Restore a deleted report; what came due meanwhile is not sent."""
    rows = Report.objects.filter(pk=report.pk, deleted_at__isnull=False)
    found = rows.update(deleted_at=None, since=Now())
    if found:
        audit.write(ActKind.REPORT_RESTORED, by=by, thing=_thing(report))
    return bool(found)


def send_now(report: Report, person: Person) -> bool:
    """Queue a mail of the last whole period to a person; return False if one waits already."""
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        open_ones = (MailState.QUEUED, MailState.SENDING)
        if report.mails.filter(person=person, extra=True, state__in=open_ones).exists():
            return False
        first, last = days_of(report, timezone.now())
        ReportMail.objects.create(report=report, person=person, first=first, last=last, extra=True)
    return True


def send_again(report: Report) -> int:
    """Queue the mails of a report anew that failed or may not have left; return how many."""
    rows = report.mails.filter(state__in=(MailState.FAILED, MailState.UNCLEAR))
    return rows.update(state=MailState.QUEUED, tries=0, not_before=Now(), error="")


def send_due(send: Send, *, now: datetime | None = None) -> int:
    """Queue what came due, and send what is queued; return how many mails left."""
    for report in reports():
        _queue(report, now or timezone.now())
    _give_up_on_lost()
    return sum(_send(mail, send) for mail in list(mails_to_send()))


def _queue(report: Report, now: datetime) -> None:
    if last_due(report, now) <= report.since:
        return
    first, last = days_of(report, last_due(report, now))
    if report.mails.filter(first=first, last=last, extra=False).exists():
        return
    rows = [
        ReportMail(report=report, person=person, first=first, last=last)
        for person in report.people.all()
        if may_get(person)
    ]
    # Another worker may just do the same: each row is one, whoever wrote it.
    ReportMail.objects.bulk_create(rows, ignore_conflicts=True)


def _send(mail: ReportMail, send: Send) -> bool:
    queued = ReportMail.objects.filter(pk=mail.pk, state=MailState.QUEUED)
    if not queued.update(state=MailState.SENDING, begun_at=Now(), tries=F("tries") + 1):
        return False  # another worker's
    mail = ReportMail.objects.select_related("report", "person").get(pk=mail.pk)
    if not may_get(mail.person):
        return not _end(mail, MailState.LEFT_OUT)
    try:
        send(mail)
    except Exception as error:  # noqa: BLE001 (whatever the mail server says, others are mailed)
        log.warning("Report %s could not be mailed: %s", mail.report_id, type(error).__name__)
        _failed(mail, f"{type(error).__name__}: {error}"[:LONGEST_ERROR])
        return False
    return _end(mail, MailState.SENT)


def _end(mail: ReportMail, state: MailState) -> bool:
    sent_at = Now() if state == MailState.SENT else None
    rows = ReportMail.objects.filter(pk=mail.pk, state=MailState.SENDING)
    return bool(rows.update(state=state, sent_at=sent_at, error=""))


def _failed(mail: ReportMail, error: str) -> None:
    last = mail.tries > len(WAITS)
    wait = timedelta(seconds=0 if last else WAITS[mail.tries - 1])
    rows = ReportMail.objects.filter(pk=mail.pk, state=MailState.SENDING)
    state = MailState.FAILED if last else MailState.QUEUED
    if rows.update(state=state, error=error, not_before=Now() + wait) and (last or mail.tries == 1):
        _tell(mail, "report_failed" if last else "report_retried")


def _give_up_on_lost() -> None:
    since = Now() - timedelta(seconds=SECONDS_UNTIL_UNCLEAR)
    lost = ReportMail.objects.filter(state=MailState.SENDING, begun_at__lt=since)
    for mail in lost.select_related("report", "person"):
        rows = ReportMail.objects.filter(pk=mail.pk, state=MailState.SENDING)
        if rows.update(state=MailState.UNCLEAR):
            _tell(mail, "report_unclear")


def _tell(mail: ReportMail, kind: str) -> None:
    """Tell admins once per report and period that its mails do not go."""
    admins = Person.objects.filter(role=Role.ADMIN, is_active=True)
    facts = {"report": mail.report.name, "person": mail.person.name}
    key = f"{kind}:{mail.report_id}:{mail.first}:{mail.last}"
    notices.tell(admins, kind, facts, path=reverse("reports"), key=key)


def _columns(terms: ReportTerms) -> dict[str, object]:
    names = ("name", "query", "every", "on", "hour")
    return {name: getattr(terms, name) for name in names}


def _thing(report: Report) -> str:
    return f"report {report.pk}"


def _said(terms: ReportTerms) -> str:
    names = ", ".join(sorted(person.username for person in terms.people))
    return f"{terms.every} {terms.on} {terms.hour}:00 {names}"
