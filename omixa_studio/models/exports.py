"""Exports: many pictures as one ZIP file, or a spreadsheet, made in the background."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .background import BackgroundJob


class Pack(models.TextChoices):
    """Whom an export is for: the team itself, or somebody who learns no prompt, cost or name."""

    INTERNAL = "internal", _("Internal")
    CLIENT = "client", _("For a client")


class Export(models.Model):
    """A ZIP file of pictures: what was asked for, and the file once it is ready.

    `file` is its name in the storage, "" until then; `bytes` is an estimate until then. `ids` are
    the pictures at the time of the click, in their order.

    A `table` instead of pictures is a spreadsheet: "costs", whose requests `pictures` counts. Its
    first sheet is the `review` as it was on screen: `head`, `kinds` of columns, `rows` of values.
    Or it is "everything": an archive of all that belongs to the person `whose`, without `ids`.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports", db_index=False
    )
    job = models.OneToOneField(BackgroundJob, models.SET_NULL, null=True, related_name="export")
    pack = models.CharField(max_length=10, choices=Pack.choices)
    format = models.CharField(max_length=10)
    side = models.PositiveIntegerField(default=0)
    quality = models.PositiveSmallIntegerField()
    template = models.CharField(max_length=300)
    ids = models.JSONField()
    table = models.CharField(max_length=20, blank=True, default="", db_default="")
    review = models.JSONField(null=True)
    whose = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False
    )
    pictures = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=120, blank=True, default="")
    bytes = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(pack__in=Pack.values), name="export_pack_known"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="export_of_person"),
            models.Index(fields=["created_at"], name="export_by_time"),
        ]
