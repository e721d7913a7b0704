"""Where people are logged in."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

LONGEST_BROWSER = 300


class PersonSession(models.Model):
    """A session of a person: from which address and with which browser they logged in.

    `session_key` names the row of Django's session; one without it is no session any more.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="person_sessions"
    )
    session_key = models.CharField(max_length=40, unique=True)
    address = models.CharField(max_length=45, blank=True, default="")
    browser = models.CharField(max_length=LONGEST_BROWSER, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
