"""The periods after which a limit resets, in the studio's time zone."""

from datetime import date, datetime, time, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Period(models.TextChoices):
    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    MONTH = "month", _("Month")


def first_day(period: str, day: date) -> date:
    """Return the first day of the period that contains a day; weeks start on Monday."""
    if period == Period.DAY:
        return day
    if period == Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1)


def next_start(period: str, day: date) -> datetime:
    """Return the moment at which the period that contains a day ends."""
    longest = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31}[Period(period)]
    following = first_day(period, first_day(period, day) + timedelta(days=longest))
    return datetime.combine(following, time.min, timezone.get_default_timezone())
