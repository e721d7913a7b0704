"""Queue pauses caused by refusals of the gateway, and brakes set by admins."""

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
    SEALED = "sealed", _("A key of the gateway cannot be read")


class Pause(models.Model):
    """A row while requests of a target wait; without `until` a person has to resume them.

    All of them wait, or those of one key of the gateway.
    """

    target = models.CharField(max_length=200)
    # The id of a key, ENVIRONMENT for that of the environment, None for all requests.
    gateway_key = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    error = models.JSONField(blank=True, default=list)
    since = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True)
    # Hash of the rejected key: starting with a different key ends the pause.
    key_digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target"],
                condition=models.Q(gateway_key=None),
                name="one_pause_of_all",
            ),
            models.UniqueConstraint(
                fields=["target", "gateway_key"], name="one_pause_of_gateway_key"
            ),
        ]


class Brake(models.Model):
    """A pause of a person, a run or everybody, set by an admin until an admin resumes.

    A brake without person and run stops the whole queue of its target. Brakes are separate from
    pauses, so that neither a refusal of the gateway nor a new key ends them.
    """

    target = models.CharField(max_length=200)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)
    run = models.ForeignKey("omixa_studio.Run", models.CASCADE, null=True)
    # The admin's name at that time, and the reason they entered.
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
