"""The page of reports by mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from omixa_studio.forms.costs import CostsAsked
from omixa_studio.forms.reports import ReportForm, asked_of, form_values
from omixa_studio.models import Every, MailState, Person, Report, ReportMail
from omixa_studio.models.spans import Span
from omixa_studio.queries.reports import (
    days_of,
    last_mails,
    may_get,
    may_get_reports,
    next_due,
    reports,
)

from .addresses import query_asked
from .labels import TITLES, labels_of


@dataclass(frozen=True, kw_only=True)
class ReportCard:
    """A report in words; `left_out` are the people on it to whom nothing goes now, and why.

    `troubles` are mails that did not go: the person, the state in words, what the server said.
    """

    report: Report
    when: str
    what: str
    address: str
    people: Sequence[str]
    left_out: Sequence[str]
    next: datetime
    sent: int
    sent_at: datetime | None
    troubles: Sequence[tuple[str, str, str]]
    may_repeat: bool
    form: ReportForm


def report_cards(
    reader: Person, refused: ReportForm | None = None, pk: int = 0
) -> list[ReportCard]:
    """Return all reports; that of `pk` with the form that was refused."""
    return [_card(one, reader, refused if one.pk == pk else None) for one in reports()]


def mail_is_configured() -> bool:
    """Return whether the studio can send any mail."""
    return bool(settings.MAIL.host)


def _card(report: Report, reader: Person, refused: ReportForm | None) -> ReportCard:
    now = timezone.now()
    asked = asked_of(report.query, *days_of(report, now))
    people, mails = list(report.people.all()), list(last_mails(report))
    sent = [one.sent_at for one in mails if one.state == MailState.SENT and one.sent_at]
    troubled = [one for one in mails if one.state in (MailState.FAILED, MailState.UNCLEAR)]
    waiting = [one for one in mails if one.state == MailState.QUEUED and one.error]
    return ReportCard(
        report=report,
        when=_when(report),
        what=_what(asked, reader) if asked else _("The address of the review cannot be read."),
        address=reverse("costs") + (query_asked(asked) if asked else ""),
        people=[one.name for one in people if may_get(one)],
        left_out=[_left_out(one) for one in people if not may_get(one)],
        next=next_due(report, now),
        sent=len(sent),
        sent_at=max(sent, default=None),
        troubles=[_trouble(one) for one in troubled + waiting],
        may_repeat=bool(troubled),
        form=refused or _form(report),
    )


def _form(report: Report) -> ReportForm:
    values, ids = form_values(report), f"report-{report.pk}-%s"
    return ReportForm(initial=values, auto_id=ids, among=may_get_reports())


def _trouble(mail: ReportMail) -> tuple[str, str, str]:
    return mail.person.name, str(MailState(mail.state).label), mail.error


def _when(report: Report) -> str:
    hour = f"{report.hour:02}:00"
    if report.every == Every.WEEK:
        return _("Weekly, %(day)s at %(hour)s") % {"day": WEEKDAYS[report.on - 1], "hour": hour}
    return _("Monthly, on day %(day)s at %(hour)s") % {"day": report.on, "hour": hour}


def _left_out(person: Person) -> str:
    why = _("no address") if person.is_active and person.sees_costs else _("sees no costs any more")
    return f"{person.name} ({why})"


def _what(asked: CostsAsked, reader: Person) -> str:
    """Return what a review shows: "By model and month, only Ada"."""
    by, then = TITLES[asked.by], TITLES.get(asked.then)
    if then:
        words = _("By %(one)s and %(other)s") % {"one": _low(by), "other": _low(then)}
    else:
        words = _("By %(one)s") % {"one": _low(by)}
    return ", ".join([words, *_only(asked.span, reader)])


def _only(span: Span, reader: Person) -> list[str]:
    only = _("only %(name)s")
    found = []
    for field, value in span.narrowed.items():
        kind = field.removesuffix("_id")
        labels = labels_of(kind, [value], settings.GATEWAY_TARGET, reader)
        found.append(only % {"name": labels[value]})
    return found


def _low(words: object) -> str:
    return str(words).lower()
