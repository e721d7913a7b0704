"""Pauses of the queue by the gateway's refusals, and brakes set by admins."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    RATE = "rate", _("Too many requests at the gateway")
    UNAVAILABLE = "unavailable", _("No provider available")
    KEY = "key", _("The gateway rejects the key")
    BALANCE = "balance", _("The Omixa wallet is empty")
    DISK = "disk", _("The disk is nearly full")
    FOLDER = "folder", _("A folder is not writable")
    OLDER = "older", _("The database is an older copy")


class Pause(models.Model):
    """One row per target while its queue is paused; without `until` a person ends it."""

    target = models.CharField(max_length=200, unique=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    error = models.JSONField(blank=True, default=list)
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)
    # Hash of the key that was refused: a start with another key ends the pause.
    key_digest = models.CharField(max_length=64, blank=True, default="")


class Brake(models.Model):
    """A pause set by an admin, until an admin resumes: of a person, a run, or everybody.

    The rows of a target wait while there is one that names neither person nor run. Apart from
    the pauses, so that neither the gateway's refusals nor a new key end it.
    """

    target = models.CharField(max_length=200)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)
    run = models.ForeignKey("omixa_studio.Run", models.CASCADE, null=True)
    # The admin's name as it was, and what they gave as their reason.
    by = models.CharField(max_length=200)
    why = models.CharField(max_length=200, blank=True, default="")
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=models.Q(person=None, run=None),
                name="one_brake_of_all",
            ),
            models.UniqueConstraint(fields=["target", "person"], name="one_brake_of_person"),
            models.UniqueConstraint(fields=["target", "run"], name="one_brake_of_run"),
            models.CheckConstraint(
                condition=models.Q(person=None) | models.Q(run=None), name="brake_of_one_thing"
            ),
        ]
