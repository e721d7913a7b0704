"""How much room pictures may take, and how long they are kept."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .limits import Scope
from .people import Role

WITH_QUOTA = (Scope.PERSON, Scope.ROLE)


class StorageQuota(models.Model):
    """How many bytes the pictures of a person may have; one of their own replaces their role's.

    At the quota nothing new is asked for; what was paid for is kept all the same.
    """

    scope = models.CharField(max_length=10, choices=[(one.value, one.label) for one in WITH_QUOTA])
    subject = models.CharField(max_length=120)
    bytes = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "subject"], name="one_quota_of_a_subject"),
            models.CheckConstraint(condition=~Q(subject=""), name="quota_names_its_subject"),
        ]


class RetentionRule(models.Model):
    """After how many days pictures of a role are erased; None for never, or for the usual trash.

    `trash_days` count from when a picture came to the trash, the others from when it was made. From
    `starts_at` on rejected and unkept pictures are erased; None before people were told.
    """

    role = models.CharField(max_length=10, choices=Role.choices, unique=True)
    trash_days = models.PositiveSmallIntegerField(null=True)
    rejected_days = models.PositiveSmallIntegerField(null=True)
    unkept_days = models.PositiveSmallIntegerField(null=True)
    starts_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="retention_role_known"),
        ]
