"""What a generation returned: its images, and whatever else came that was paid for."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .generations import Generation

UNKNOWN_SIDE = 512


class Picture(models.Model):
    """A kept original with its renditions. The bytes at `name` are exactly what came.

    One that cannot be drawn here has no thumbnail, and 0 for sides that nobody knows.
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
    # It has a star; in a run, the final quality is for those.
    winner = models.BooleanField(default=False, db_column="picked")
    trashed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="one_picture_per_index"),
        ]
        # A gallery is ordered by time, then id. The columns behind these let SQLite count and sum a
        # month from the index alone, the constant ones of the condition included.
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
        """The width to lay it out with, in pixels; a square where its sides are not known."""
        return self.width if self.width and self.height else UNKNOWN_SIDE

    @property
    def shown_height(self) -> int:
        """The height that belongs to `shown_width`."""
        return self.height if self.width and self.height else UNKNOWN_SIDE


class AnswerFile(models.Model):
    """Bytes of an answer that are no picture, kept as they came: who paid can have them.

    `index` is the place in the answer; WHOLE is the answer itself, JSON or whatever it was.
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
