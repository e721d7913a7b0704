"""Personal access tokens: by which programs act for a person."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

LONGEST_TOKEN_NAME = 80


class TokenScope(models.TextChoices):
    """What a token may do, never more than its person."""

    MAKE = "make", _("Make pictures")
    READ = "read", _("Read pictures and requests")
    COSTS = "costs", _("Read costs and budgets")
    ADMIN = "admin", _("Administer the studio")


class Token(models.Model):
    """A token of a person. Its text is shown once and never stored: `digest` finds it.

    `scopes` is a list of TokenScope's values. `expires_at` is None for a token without an end;
    `last_used_at` may be up to a minute older than the last use. `revoked_by` is the id of who
    revoked it, None for the studio itself. `ask_above_micros` is the hold above which a language
    model has to ask its person first; None leaves that to the studio. A token of a connected app
    has the id of its client as `app`, and as `app_host` where people were led back to, as they were
    told; nobody has its text, and it is found by what OAuth handed out for it.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens", db_index=False
    )
    name = models.CharField(max_length=LONGEST_TOKEN_NAME)
    digest = models.CharField(max_length=64, unique=True)
    last_four = models.CharField(max_length=4)
    scopes = models.JSONField(default=list)
    # What its requests are for unless they say so themselves.
    project = models.ForeignKey(
        "omixa_studio.Project", models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.BigIntegerField(null=True)
    ask_above_micros = models.BigIntegerField(null=True)
    app = models.CharField(max_length=100, default="", blank=True)
    app_host = models.CharField(max_length=100, default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["person", "-id"], name="token_of_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["app", "person"],
                condition=models.Q(revoked_at=None) & ~models.Q(app=""),
                name="one_token_of_an_app",
            )
        ]
