"""Pauses of the queue: since when, until when, and why."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    RATE = "rate", _("The gateway asks for fewer calls")
    UNAVAILABLE = "unavailable", _("The gateway has no free route")
    KEY = "key", _("The gateway refuses the key")
    BALANCE = "balance", _("The wallet is empty")
    DISK = "disk", _("The disk is nearly full")


class Pause(models.Model):
    """One row per target while its queue is paused; without `until` a person ends it."""

    target = models.CharField(max_length=200, unique=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    error = models.JSONField(blank=True, default=list)
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)
    # Hash of the key that was refused: a start with another key ends the pause.
    key_digest = models.CharField(max_length=64, blank=True, default="")
