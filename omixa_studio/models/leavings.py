"""People who were removed, and what becomes of their private pictures."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Leaving(models.Model):
    """A removed person, whose private pictures go to the `heir` from `due_at` on.

    Without an heir they are erased. `handled` counts pictures so far; `done_at` is when none was
    left. Until `due_at` the row can be deleted, and nothing has happened.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="leaving"
    )
    # Not SET_NULL: without an heir pictures would be erased.
    heir = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    due_at = models.DateTimeField()
    handled = models.PositiveBigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
