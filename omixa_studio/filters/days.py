"""The days between which a picture was made, both included, in the studio's time zone."""

from datetime import date, datetime, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from omixa_studio.dates import date_format

from .rows import Names, Offer, Values

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
TYPED = {"type": "date", "min": FIRST_DAY.isoformat(), "max": LAST_DAY.isoformat()}


def day_field() -> forms.Field:
    """Return the field that reads a day from an address."""
    within = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
    return forms.DateField(required=False, input_formats=["%Y-%m-%d"], validators=within)


def made_between(values: Values) -> Q:
    """Narrow to the days from `since` to `until`."""
    found = Q()
    if since := values.get("since"):
        found &= Q(created_at__gte=_midnight(since))
    if until := values.get("until"):
        found &= Q(created_at__lt=_midnight(until + timedelta(days=1)))
    return found


def spans_offered(names: Names) -> list[Offer]:
    """Return the most common spans of days."""
    today = timezone.localtime(timezone=timezone.get_default_timezone()).date()
    this_month = today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    return [
        (_("Today"), _parts(today)),
        (_("Last 7 days"), _parts(today - timedelta(days=6))),
        (_("This month"), _parts(this_month)),
        (_("Last month"), _parts(last_month, this_month - timedelta(days=1))),
    ]


def days_said(values: Values, names: Names) -> str:
    """Return a span's name if it has one, else its days."""
    since, until = values.get("since"), values.get("until")
    asked = _parts(since, until)
    if name := next((label for label, parts in spans_offered(names) if parts == asked), ""):
        return name
    first = date_format(since, _("j M Y")) if since else ""
    last = date_format(until, _("j M Y")) if until else ""
    if first and last:
        return first if first == last else f"{first} – {last}"
    return _("since %(day)s") % {"day": first} if first else _("until %(day)s") % {"day": last}


def _parts(since: date | None, until: date | None = None) -> dict[str, str]:
    return {
        "since": since.isoformat() if since else "",
        "until": until.isoformat() if until else "",
    }


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.get_default_timezone())
