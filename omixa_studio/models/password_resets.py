"""Requests for a new password, by those who forgot theirs."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class PasswordReset(models.Model):
    """A request for a new password; `person` is None if nobody has the address that was given.

    The worker draws the secret of its link when it mails it, and keeps a digest.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )
    digest = models.CharField(max_length=64, unique=True, null=True)
    asked_at = models.DateTimeField(db_default=Now())
    mailed_at = models.DateTimeField(null=True)
