"""Requests for more money: what a person asks for, who answered, and what waits for the answer."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .generations import InputImage
from .limits import Scope
from .periods import Period

LONGEST_MESSAGE = 500


class RequestState(models.TextChoices):
    WAITING = "waiting", _("Waiting for approval")
    GRANTED = "granted", _("Approved")
    SENT = "sent", _("Approved and sent")
    STOPPED = "stopped", _("Approved, but not sent")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Not answered in time")


class BudgetRequest(models.Model):
    """A person's request for `amount_micros` more until a moment.

    The scope, subject and period are those of the limit that refused. `kept` is the refused
    submission as services/kept_orders.py stores it, None if only money is asked for; `held_micros`
    is what it would have held, `click` the one-time value with which it is queued at most once.
    After a grant without `kept`, and after sending, nothing happens any more. `why` are the parts
    of the sentence on why it was not sent.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="budget_requests", db_index=False
    )
    target = models.CharField(max_length=200)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    subject = models.CharField(max_length=120, blank=True, default="")
    period = models.CharField(max_length=10, choices=Period.choices)
    amount_micros = models.BigIntegerField()
    until = models.DateTimeField()
    message = models.CharField(max_length=LONGEST_MESSAGE, blank=True, default="")
    click = models.CharField(max_length=64)
    kept = models.JSONField(null=True)
    images = models.ManyToManyField(InputImage, related_name="budget_requests")
    held_micros = models.BigIntegerField(default=0)
    state = models.CharField(
        max_length=10, choices=RequestState.choices, default=RequestState.WAITING
    )
    why = models.JSONField(default=list)
    answered_by_id = models.BigIntegerField(default=0)
    answered_by_name = models.CharField(max_length=150, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    granted_micros = models.BigIntegerField(null=True)
    granted_until = models.DateTimeField(null=True)
    note = models.CharField(max_length=LONGEST_MESSAGE, blank=True, default="")
    # Whether the person has put away the card about it.
    closed = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "click"], name="one_request_per_click"),
            models.CheckConstraint(condition=Q(amount_micros__gt=0), name="request_is_positive"),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="budget_request_of_person"),
            models.Index(fields=["target", "-id"], name="budget_request_of_target"),
            models.Index(
                fields=["target", "state"],
                name="budget_request_open",
                condition=Q(state__in=("waiting", "granted")),
            ),
        ]
