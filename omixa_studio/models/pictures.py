"""One image that a generation returned."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .generations import Generation


class Picture(models.Model):
    """A kept original with its renditions. The bytes at `name` are exactly what came."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="pictures")
    # Repeated from the generation, so that one index serves a gallery page.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="pictures"
    )
    model = models.CharField(max_length=120)
    index = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    thumb = models.CharField(max_length=120)
    preview = models.CharField(max_length=120, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    transparent = models.BooleanField(default=False)
    cost_micros = models.BigIntegerField(null=True)
    shared = models.BooleanField(default=False)
    trashed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="one_picture_per_index"),
        ]
        indexes = [
            models.Index(
                fields=["person", "-id"],
                name="picture_gallery",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=["-id"],
                name="picture_team",
                condition=Q(shared=True, trashed_at__isnull=True),
            ),
            models.Index(fields=["person", "model", "-id"], name="picture_by_model"),
            models.Index(
                fields=["trashed_at"], name="picture_trash", condition=Q(trashed_at__isnull=False)
            ),
        ]
