"""The files a generation returned: its pictures, and any other paid-for data."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .generations import Generation

UNKNOWN_SIDE = 512


class Picture(models.Model):
    """A stored original with its renditions. The bytes at `name` are exactly those received.

    A picture that cannot be decoded here has no thumbnail, and 0 for width and height if unknown.
    """

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="pictures")
    # Repeated from the generation, so that one index serves a gallery page.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="pictures"
    )
    model = models.CharField(max_length=120)
    used_prompt = models.ForeignKey(
        "omixa_studio.UsedPrompt",
        models.SET_NULL,
        null=True,
        related_name="pictures",
        db_index=False,
    )
    index = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    thumb = models.CharField(max_length=120, blank=True, default="")
    preview = models.CharField(max_length=120, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField()
    transparent = models.BooleanField(default=False)
    cost_micros = models.BigIntegerField(null=True)
    shared = models.BooleanField(default=False)
    # Marked with a star; in a run, chosen for final quality.
    winner = models.BooleanField(default=False, db_column="picked")
    trashed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="one_picture_per_index"),
        ]
        # A gallery is ordered by time, then id. The columns after those let SQLite count and sum a
        # month from the index alone, including the constant columns of the condition.
        indexes = [
            models.Index(
                fields=["person", "created_at", "id", "cost_micros", "trashed_at"],
                name="picture_wall",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=["person", "model", "created_at", "id", "cost_micros", "trashed_at"],
                name="picture_wall_of_model",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=["person", "used_prompt", "created_at", "id"],
                name="picture_wall_of_prompt",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=[
                    "created_at",
                    "id",
                    "model",
                    "person",
                    "cost_micros",
                    "shared",
                    "trashed_at",
                ],
                name="picture_team_wall",
                condition=Q(shared=True, trashed_at__isnull=True),
            ),
            models.Index(
                fields=["person", "created_at", "id"],
                name="picture_wall_of_stars",
                condition=Q(winner=True, trashed_at__isnull=True),
            ),
            models.Index(
                fields=["created_at", "id"],
                name="picture_team_wall_of_stars",
                condition=Q(winner=True, shared=True, trashed_at__isnull=True),
            ),
            models.Index(
                fields=["trashed_at"], name="picture_trash", condition=Q(trashed_at__isnull=False)
            ),
        ]

    @property
    def drawable(self) -> bool:
        return bool(self.thumb)

    @property
    def shown_width(self) -> int:
        """Return the layout width in pixels; UNKNOWN_SIDE if the size is unknown."""
        return self.width if self.width and self.height else UNKNOWN_SIDE

    @property
    def shown_height(self) -> int:
        """Return the layout height in pixels; UNKNOWN_SIDE if the size is unknown."""
        return self.height if self.width and self.height else UNKNOWN_SIDE


class AnswerFile(models.Model):
    """Part of an answer that is not a picture, stored as received for the person who paid.

    `index` is the position in the answer; WHOLE stands for the answer itself, JSON or not.
    """

    WHOLE = 1000

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="files")
    index = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="one_file_per_index"),
        ]

    @property
    def is_whole(self) -> bool:
        return self.index == self.WHOLE
