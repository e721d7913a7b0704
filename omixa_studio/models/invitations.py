"""Invitations: links at which people make their own accounts."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .people import Role
from .periods import Period

LONGEST_INVITATION_NAME = 80


class Invitation(models.Model):
    """A link of an admin's, at which up to `most` people make their own accounts until it ends.

    The link is shown once and never stored: `digest` finds it. Accounts get the role, the projects
    and the limit, in micro-dollars per period, None for none. `revoked_by` is the id of who revoked
    it. It opens only while `made_by` is an admin who can log in.
    """

    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=LONGEST_INVITATION_NAME)
    digest = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    limit_micros = models.BigIntegerField(null=True)
    period = models.CharField(max_length=10, choices=Period.choices, default=Period.MONTH)
    projects = models.ManyToManyField("omixa_studio.Project", related_name="+")
    most = models.PositiveSmallIntegerField(default=1)
    used = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(used__lte=models.F("most")), name="no_invitation_is_overused"
            ),
        ]
