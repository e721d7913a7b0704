"""Read reports: which there are, when one comes due, which days it is about, who gets it."""

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from omixa_studio.models import Every, MailState, Person, Report, ReportMail, Role

MOST_AT_ONCE = 50


def reports() -> QuerySet[Report]:
    """Return the reports that were not deleted, in the order of their making."""
    return Report.objects.filter(deleted_at=None).prefetch_related("people").order_by("pk")


def may_get_reports() -> QuerySet[Person]:
    """Return the people who see costs, by name; a report goes to no others."""
    rows = Person.objects.filter(is_active=True, role__in=(Role.MANAGER, Role.ADMIN))
    return rows.order_by("first_name", "username")


def may_get(person: Person) -> bool:
    """Return whether a report may go to a person now."""
    return person.is_active and person.sees_costs and bool(person.email)


def last_due(report: Report, now: datetime) -> datetime:
    """Return the last moment at which a report came due, at `now` or before."""
    local = now.astimezone(timezone.get_default_timezone())
    if report.every == Every.WEEK:
        day = local.date() - timedelta(days=(local.weekday() + 1 - report.on) % 7)
        due = _at(report, day)
        return due if due <= now else _at(report, day - timedelta(days=7))
    due = _at(report, local.date().replace(day=report.on))
    return due if due <= now else _at(report, _month_before(local.date()).replace(day=report.on))


def next_due(report: Report, now: datetime) -> datetime:
    """Return the first moment after `now` at which a report comes due."""
    longest = 8 if report.every == Every.WEEK else 32
    return last_due(report, last_due(report, now) + timedelta(days=longest))


def days_of(report: Report, now: datetime) -> tuple[date, date]:
    """Return the first and last day of the last whole week or month before `now`."""
    today = now.astimezone(timezone.get_default_timezone()).date()
    if report.every == Every.WEEK:
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(days=7), monday - timedelta(days=1)
    return _month_before(today), today.replace(day=1) - timedelta(days=1)


def mails_to_send() -> QuerySet[ReportMail]:
    """Return the mails whose turn it is, those first that have waited longest."""
    rows = ReportMail.objects.filter(state=MailState.QUEUED, not_before__lte=Now())
    return rows.filter(report__deleted_at=None).order_by("not_before", "pk")[:MOST_AT_ONCE]


def last_mails(report: Report) -> QuerySet[ReportMail]:
    """Return the mails of a report's last period, and those asked for by hand since then."""
    newest = report.mails.filter(extra=False).order_by("-last").values("last")[:1]
    return (
        report.mails.filter(Q(last__in=newest) | Q(extra=True, state=MailState.QUEUED))
        .select_related("person")
        .order_by("pk")
    )


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def _at(report: Report, day: date) -> datetime:
    return datetime.combine(day, time(report.hour), timezone.get_default_timezone())
