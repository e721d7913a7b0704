"""The audit log: logins, and changes with the person who made them and the person affected."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ActKind(models.TextChoices):
    LOGIN = "login", _("Logged in")
    LOGIN_FAILED = "login_failed", _("Failed to log in")
    LOGOUT = "logout", _("Logged out")
    PROVED = "proved", _("Confirmed the password")
    PROOF_FAILED = "proof_failed", _("Failed to confirm the password")
    FIRST_ADMIN = "first_admin", _("Made the first account")
    PERSON_ADDED = "person_added", _("Added a person")
    ROLE = "role", _("Changed a role")
    LIMIT = "limit", _("Changed a limit")
    PASSWORD = "password", _("Changed own password")
    PASSWORD_GIVEN = "password_given", _("Set a new password")
    DEACTIVATED = "deactivated", _("Deactivated an account")
    REACTIVATED = "reactivated", _("Reactivated an account")
    MODEL = "model", _("Changed a model")
    PRICES_FORGOTTEN = "prices_forgotten", _("Cleared the billed prices of a model")
    COST = "cost", _("Reviewed a cost")
    PAUSED = "paused", _("Paused requests")
    RESUMED = "resumed", _("Resumed requests")
    CANCELLED = "cancelled", _("Cancelled requests")
    EXPORTED = "exported", _("Exported a table")
    LOST_CLOSED = "lost_closed", _("Removed lost requests from the list")
    TEST_CLOSED = "test_closed", _("Closed somebody else's blind test")
    PRESET_RENAMED = "preset_renamed", _("Renamed somebody else's preset")
    PRESET_UNSHARED = "preset_unshared", _("Stopped sharing somebody else's preset")
    PRESET_DELETED = "preset_deleted", _("Deleted somebody else's preset")
    PRESET_RESTORED = "preset_restored", _("Restored somebody else's preset")


class Act(models.Model):
    """One row of the audit log.

    Rows are never changed or deleted (database triggers refuse it), so people and things are stored
    as plain values.

    `who` is the actor; `who_id` is 0 for the studio itself and for anyone not logged in. `whom` is
    the affected person, `thing` the affected thing. `before` and `after` are plain text: a role's
    key, dollars, a count.
    """

    # The choices are not declared on the column, so that a new kind needs no migration.
    kind = models.CharField(max_length=30)
    who_id = models.BigIntegerField(default=0)
    who_name = models.CharField(max_length=150, blank=True, default="")
    whom_id = models.BigIntegerField(default=0)
    whom_name = models.CharField(max_length=150, blank=True, default="")
    thing = models.CharField(max_length=200, blank=True, default="")
    before = models.CharField(max_length=200, blank=True, default="")
    after = models.CharField(max_length=200, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            # The log is read newest first: all of it, by kind, or by person.
            models.Index(fields=["created_at"], name="act_by_time"),
            models.Index(fields=["kind", "-id"], name="act_by_kind"),
            models.Index(fields=["who_id", "-id"], name="act_by_who"),
            models.Index(fields=["whom_id", "-id"], name="act_by_whom"),
        ]
