"""The audit log: logins, and changes with the person who made them and the person affected."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class ActKind(models.TextChoices):
    LOGIN = "login", _("Logged in")
    LOGIN_FAILED = "login_failed", _("Failed to log in")
    LOGOUT = "logout", _("Logged out")
    SESSIONS_ENDED = "sessions_ended", _("Logged out other devices")
    PROVED = "proved", _("Confirmed the password")
    PROOF_FAILED = "proof_failed", _("Failed to confirm the password")
    FIRST_ADMIN = "first_admin", _("Made the first account")
    PERSON_ADDED = "person_added", _("Added a person")
    INVITED = "invited", _("Made an invitation")
    INVITATION_ACCEPTED = "invitation_accepted", _("Accepted an invitation")
    INVITATION_REVOKED = "invitation_revoked", _("Revoked an invitation")
    ROLE = "role", _("Changed a role")
    LIMIT = "limit", _("Changed a limit")
    LIMIT_RAISED = "limit_raised", _("Raised a limit for a time")
    RULE = "rule", _("Changed the rules of requests")
    QUOTA = "quota", _("Changed a quota of storage")
    RETENTION = "retention", _("Changed how long pictures are kept")
    ERASED = "erased", _("Erased pictures by a rule")
    PASSWORD = "password", _("Changed own password")
    PASSWORD_ASKED = "password_asked", _("Asked for a new password")
    PASSWORD_GIVEN = "password_given", _("Set a new password")
    DEACTIVATED = "deactivated", _("Deactivated an account")
    REACTIVATED = "reactivated", _("Reactivated an account")
    REMOVED = "removed", _("Removed a person")
    STAYED = "stayed", _("Stopped the removal of a person")
    LEFT = "left", _("Finished the removal of a person")
    MODEL = "model", _("Changed a model")
    PRICES_FORGOTTEN = "prices_forgotten", _("Cleared the billed prices of a model")
    COST = "cost", _("Reviewed a cost")
    PAUSED = "paused", _("Paused requests")
    RESUMED = "resumed", _("Resumed requests")
    CANCELLED = "cancelled", _("Cancelled requests")
    EXPORTED = "exported", _("Exported a table")
    PICTURES_EXPORTED = "pictures_exported", _("Exported pictures")
    TAKEN_AWAY = "taken_away", _("Made an archive of everything of a person")
    LOST_CLOSED = "lost_closed", _("Removed lost requests from the list")
    TEST_CLOSED = "test_closed", _("Closed somebody else's blind test")
    PRESET_RENAMED = "preset_renamed", _("Renamed somebody else's preset")
    PRESET_UNSHARED = "preset_unshared", _("Stopped sharing somebody else's preset")
    PRESET_DELETED = "preset_deleted", _("Deleted somebody else's preset")
    PRESET_RESTORED = "preset_restored", _("Restored somebody else's preset")
    COLLECTION_CHANGED = "collection_changed", _("Changed somebody else's collection")
    COLLECTION_DELETED = "collection_deleted", _("Deleted somebody else's collection")
    COLLECTION_RESTORED = "collection_restored", _("Restored somebody else's collection")
    LINK_MADE = "link_made", _("Made a guest link")
    LINK_CHANGED = "link_changed", _("Changed a guest link")
    LINK_REVOKED = "link_revoked", _("Revoked a guest link")
    LINK_RESTORED = "link_restored", _("Opened a revoked guest link again")
    LINK_OPENED = "link_opened", _("Opened a guest link for the first time")
    LINK_PASSWORD_FAILED = "link_password_failed", _("Failed to give the password of a guest link")
    PROJECT_MADE = "project_made", _("Made a project")
    PROJECT_CHANGED = "project_changed", _("Changed a project")
    PROJECT_CLOSED = "project_closed", _("Closed a project")
    PROJECT_REOPENED = "project_reopened", _("Reopened a project")
    PROJECT_MEMBER_ADDED = "project_member_added", _("Added a person to a project")
    PROJECT_MEMBER_REMOVED = "project_member_removed", _("Removed a person from a project")
    PROJECT_REQUIRED = "project_required", _("Changed whether every request needs a project")
    PROJECT_KEY = "project_key", _("Chose the gateway key of a project")
    GATEWAY_KEY_SET = "gateway_key_set", _("Set a gateway key")
    GATEWAY_KEY_ROTATED = "gateway_key_rotated", _("Replaced a gateway key")
    GATEWAY_KEY_CHANGED = "gateway_key_changed", _("Changed a gateway key")
    GATEWAY_KEY_PAUSED = "gateway_key_paused", _("Paused a gateway key")
    GATEWAY_KEY_RESUMED = "gateway_key_resumed", _("Resumed a gateway key")
    GATEWAY_KEY_ENDED = "gateway_key_ended", _("Ended a gateway key")
    BUDGET_GRANTED = "budget_granted", _("Approved a budget request")
    BUDGET_DECLINED = "budget_declined", _("Declined a budget request")
    APPROVERS = "approvers", _("Changed who answers budget requests")
    BILL_EXPLAINED = "bill_explained", _("Explained a difference from the bill")
    BILL_ADJUSTED = "bill_adjusted", _("Adjusted a cost to the bill")
    BILL_IMPORTED = "bill_imported", _("Imported a bill")
    TOPPED_UP = "topped_up", _("Entered a top-up of the wallet")
    TOP_UP_CORRECTED = "top_up_corrected", _("Took back a top-up of the wallet")
    WALLET_WARNING = "wallet_warning", _("Changed when the wallet is low")
    REPORT_MADE = "report_made", _("Made a report by mail")
    REPORT_CHANGED = "report_changed", _("Changed a report by mail")
    REPORT_DELETED = "report_deleted", _("Deleted a report by mail")
    REPORT_RESTORED = "report_restored", _("Restored a report by mail")
    TOKEN_MADE = "token_made", _("Made an access token")
    TOKEN_REVOKED = "token_revoked", _("Revoked an access token")
    APP_CONNECTED = "app_connected", _("Connected an app")
    APP_DISCONNECTED = "app_disconnected", _("Disconnected an app")
    WEBHOOK_MADE = "webhook_made", _("Made a webhook")
    WEBHOOK_CHANGED = "webhook_changed", _("Changed a webhook")
    WEBHOOK_ROTATED = "webhook_rotated", _("Made a new secret for a webhook")
    WEBHOOK_ON = "webhook_on", _("Switched a webhook on")
    WEBHOOK_OFF = "webhook_off", _("Switched a webhook off")
    WEBHOOK_DELETED = "webhook_deleted", _("Deleted a webhook")
    FACTOR_ADDED = "factor_added", _("Added a second step to the login")
    FACTOR_REMOVED = "factor_removed", _("Removed a second step of the login")
    PASSKEY_RENAMED = "passkey_renamed", _("Renamed a passkey")
    RECOVERY_CODES = "recovery_codes", _("Made recovery codes")
    RECOVERY_CODE_USED = "recovery_code_used", _("Used a recovery code")
    CODE_FAILED = "code_failed", _("Failed the second step of the login")
    SSO_CONNECTED = "sso_connected", _("Connected an account to single sign-on")
    SSO_DISCONNECTED = "sso_disconnected", _("Disconnected an account from single sign-on")
    SSO_REFUSED = "sso_refused", _("Failed to log in by single sign-on")
    SSO_ROLE_KEPT = "sso_role_kept", _("Kept the last admin against single sign-on")
    FACTORS_RESET = "factors_reset", _("Switched off somebody's two-step login")
    FACTORS_REQUIRED = "factors_required", _("Changed whose login needs two steps")
    COMMENT_REMOVED = "comment_removed", _("Removed somebody else's comment")


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
