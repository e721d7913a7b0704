"""Reports: a review of costs that is mailed to some people each week or month."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

LONGEST_NAME = 80


class Every(models.TextChoices):
    WEEK = "week", _("Weekly")
    MONTH = "month", _("Monthly")


class Report(models.Model):
    """A review, when it is mailed, and to whom.

    `query` is the address of the review without its days: each mail is about the last whole week or
    month. `on` is a day of the week from 1, Monday, or of the month from 1 to 28; with `hour` it is
    in the studio's time zone. Only what comes due after `since` is mailed.
    """

    name = models.CharField(max_length=LONGEST_NAME)
    query = models.CharField(max_length=2000, blank=True, default="")
    every = models.CharField(max_length=10, choices=Every.choices)
    on = models.PositiveSmallIntegerField(default=1)
    hour = models.PositiveSmallIntegerField(default=8)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="reports")
    since = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(every="week", on__range=(1, 7)) | Q(every="month", on__range=(1, 28)),
                name="report_on_a_day",
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="report_at_an_hour"),
        ]


class MailState(models.TextChoices):
    """How far a mail is. One that a worker stopped in the middle of is `unclear`: it may have left,
    and is not sent again by itself.
    """

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    UNCLEAR = "unclear", _("Perhaps sent")
    LEFT_OUT = "left_out", _("Left out")


class ReportMail(models.Model):
    """One mail of a report to a person about the days from `first` to `last`.

    An `extra` one was asked for by hand.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="mails", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="report_mails"
    )
    first = models.DateField()
    last = models.DateField()
    extra = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10, choices=MailState.choices, default=MailState.QUEUED, db_default="queued"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    begun_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # What the mail server said.
    error = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MailState.values), name="report_mail_state_known"
            ),
            models.UniqueConstraint(
                fields=["report", "person", "first", "last"],
                condition=Q(extra=False),
                name="one_report_of_a_period",
            ),
        ]
        indexes = [
            models.Index(fields=["report", "-id"], name="mail_of_report"),
            models.Index(
                fields=["not_before"],
                name="report_mail_to_send",
                condition=Q(state__in=("queued", "sending")),
            ),
        ]
