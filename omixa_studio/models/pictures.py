"""The files a generation returned: its pictures, and any other paid-for data."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now

from .aspects import SQUARE
from .comments import Approval
from .generations import Generation
from .reading import ReadQuickly

UNKNOWN_SIDE = 512
LONGEST_NOTE = 2000


class PictureVerdict(models.TextChoices):
    """What the owner said of a picture besides the star; "" if nothing."""

    REJECTED = "rejected"


# A picture is kept if it has a star, or was downloaded, approved or collected, and nobody threw it
# away again; kept_counts.py says the same in SQL.
IS_KEPT = Q(trashed_at=None, verdict="") & (
    Q(winner=True) | Q(downloaded=True) | Q(approval=Approval.APPROVED) | Q(collected_in__gt=0)
)
IS_REJECTED = Q(trashed_at__isnull=False) | Q(verdict=PictureVerdict.REJECTED)


# What became of a picture; see PictureFate.
NO_FATE, KEPT_FATE, REJECTED_FATE = range(3)


class PictureFate(Func):
    """What became of a picture, as IS_KEPT and IS_REJECTED say it, by its number.

    The numbers are part of the SQL text, as in `hash_band`.
    """

    output_field = models.IntegerField()
    template = (
        "(CASE WHEN %(trashed_at)s IS NOT NULL OR %(verdict)s = 'rejected' THEN 2"
        " WHEN %(winner)s OR %(downloaded)s OR %(approval)s = 'approved' OR %(collected_in)s > 0"
        " THEN 1 ELSE 0 END)"
    )
    columns = ("trashed_at", "verdict", "winner", "downloaded", "approval", "collected_in")

    def __init__(self) -> None:
        super().__init__(*(F(name) for name in self.columns))

    def as_sql(self, compiler: Any, *_args: Any, **_context: Any) -> tuple[str, tuple[Any, ...]]:
        columns = (compiler.compile(one)[0] for one in self.source_expressions)
        return self.template % dict(zip(self.columns, columns, strict=True)), ()


# Two 64-bit hashes that differ in at most 7 bits differ in at most one bit of one of four bands.
BAND_BITS, BANDS = 16, range(4)


def hash_band(number: int) -> Func:
    """Return one of the four 16-bit bands of the perceptual hash, 0 with the highest bits.

    The numbers are part of the SQL text, since SQLite matches no index against bound parameters.
    """
    shift, mask = (3 - number) * BAND_BITS, 2**BAND_BITS - 1
    return Func(
        F("perceptual_hash"),
        template=f"((%(expressions)s >> {shift}) & {mask})",
        output_field=models.IntegerField(),
    )


def size_class() -> Func:
    """Return the class of size of a picture: 0 under 1 megapixel, 1 under 2, 2 up to 6, or 3.

    The numbers are part of the SQL text, as in `hash_band`.
    """
    return Func(
        F("width"),
        F("height"),
        template=(
            "(CASE WHEN %(expressions)s < 1000000 THEN 0 WHEN %(expressions)s < 2000000 THEN 1 "
            "WHEN %(expressions)s <= 6000000 THEN 2 ELSE 3 END)"
        ),
        arg_joiner=" * CAST(1 AS bigint) * ",
        output_field=models.IntegerField(),
    )


def digest_start() -> Func:
    """Return the first 16 digits of the SHA-256: enough for an index, a quarter of its size."""
    return Func(
        F("sha256"),
        template="substr(%(expressions)s, 1, 16)",
        output_field=models.CharField(max_length=16),
    )


class Picture(ReadQuickly):
    """A stored original with its renditions. The bytes at `name` are exactly those received.

    A picture that cannot be decoded here has no thumbnail, and 0 for width and height if unknown.
    """

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="pictures")
    # Repeated from the generation, so that one index serves a gallery page.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="pictures"
    )
    model = models.CharField(max_length=120)
    operation = models.CharField(max_length=20, default="generate", db_default="generate")
    used_prompt = models.ForeignKey(
        "omixa_studio.UsedPrompt",
        models.SET_NULL,
        null=True,
        related_name="pictures",
        db_index=False,
    )
    project = models.ForeignKey(
        "omixa_studio.Project", models.PROTECT, null=True, related_name="pictures", db_index=False
    )
    index = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    thumb = models.CharField(max_length=120, blank=True, default="")
    preview = models.CharField(max_length=120, blank=True, default="")
    sha256 = models.CharField(max_length=64)
    format = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # What aspects.aspect_of makes of width and height; a tile has exactly this shape.
    aspect = models.PositiveSmallIntegerField(default=SQUARE)
    bytes = models.PositiveBigIntegerField()
    transparent = models.BooleanField(default=False)
    # None if there is no thumbnail, or too little in it to compare; see services/hashes.py.
    perceptual_hash = models.BigIntegerField(null=True)
    cost_micros = models.BigIntegerField(null=True)
    shared = models.BooleanField(default=False)
    # Marked with a star; in a run, chosen for final quality.
    winner = models.BooleanField(default=False, db_column="picked")
    verdict = models.CharField(
        max_length=8, choices=PictureVerdict.choices, blank=True, default="", db_default=""
    )
    note = models.TextField(blank=True, default="", db_default="")
    # What the note said before its last change, for undo.
    earlier_note = models.TextField(blank=True, default="", db_default="")
    # What the team or a guest said last, "" for nothing; comments tell who and when.
    approval = models.CharField(
        max_length=10, choices=Approval.choices, blank=True, default="", db_default=""
    )
    # Somebody saved a copy: the file, another format, in an export or at a guest link.
    downloaded = models.BooleanField(default=False, db_default=False)
    # In how many collections it is that are not deleted; triggers of kept_counts.py keep it.
    collected_in = models.PositiveIntegerField(default=0, db_default=0)
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
                fields=["person", "created_at", "id", "aspect", "cost_micros", "trashed_at"],
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
                    "aspect",
                    "cost_micros",
                    "shared",
                    "trashed_at",
                ],
                name="picture_team_wall",
                condition=Q(shared=True, trashed_at__isnull=True),
            ),
            # Few of a cost are found at once, and many are counted, without a look at all others.
            models.Index(
                fields=["person", "cost_micros", "trashed_at"],
                name="picture_wall_by_cost",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=["cost_micros", "shared", "trashed_at"],
                name="picture_team_wall_by_cost",
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
                fields=["person", "created_at", "id"],
                name="picture_wall_of_rejected",
                condition=Q(verdict="rejected", trashed_at__isnull=True),
            ),
            models.Index(
                fields=["person", "created_at", "id"],
                name="picture_wall_not_reviewed",
                condition=Q(winner=False, verdict="", trashed_at__isnull=True),
            ),
            models.Index(
                fields=["created_at", "id"],
                name="picture_team_wall_of_rejected",
                condition=Q(verdict="rejected", shared=True, trashed_at__isnull=True),
            ),
            models.Index(
                fields=["person", "operation", "created_at", "id"],
                name="picture_wall_of_operation",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=["operation", "created_at", "id"],
                name="picture_team_wall_of_operation",
                condition=Q(shared=True, trashed_at__isnull=True),
            ),
            models.Index(
                fields=["person", "created_at", "id"],
                name="picture_wall_of_edits",
                condition=~Q(operation="generate") & Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=["created_at", "id"],
                name="picture_team_wall_of_edits",
                condition=~Q(operation="generate") & Q(shared=True, trashed_at__isnull=True),
            ),
            models.Index(
                F("person"),
                size_class(),
                F("created_at"),
                F("id"),
                name="picture_wall_of_size",
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                size_class(),
                F("created_at"),
                F("id"),
                name="picture_team_wall_of_size",
                condition=Q(shared=True, trashed_at__isnull=True),
            ),
            models.Index(
                fields=["person", "created_at", "id"],
                name="picture_wall_of_shared",
                condition=Q(shared=True, trashed_at__isnull=True),
            ),
            models.Index(
                fields=["person", "approval", "created_at", "id"],
                name="picture_wall_of_approval",
                condition=~Q(approval="") & Q(trashed_at__isnull=True),
            ),
            models.Index(
                fields=["approval", "created_at", "id"],
                name="picture_team_wall_of_approval",
                condition=~Q(approval="") & Q(shared=True, trashed_at__isnull=True),
            ),
            # Most pictures of a studio without projects have none. Geometries of projects are read
            # from these indexes alone.
            models.Index(
                fields=["person", "project", "created_at", "id", "aspect", "trashed_at"],
                name="picture_wall_of_project",
                condition=Q(project__isnull=False, trashed_at__isnull=True),
            ),
            models.Index(
                fields=["project", "created_at", "id", "aspect", "shared", "trashed_at"],
                name="picture_team_wall_of_project",
                condition=Q(project__isnull=False, shared=True, trashed_at__isnull=True),
            ),
            models.Index(
                fields=["trashed_at"], name="picture_trash", condition=Q(trashed_at__isnull=False)
            ),
            models.Index(PictureFate(), F("created_at"), F("id"), name="picture_by_fate"),
            models.Index(digest_start(), name="picture_by_digest"),
            *(models.Index(hash_band(n), name=f"picture_by_hash_band_{n}") for n in BANDS),
            models.Index(
                fields=["person", "trashed_at", "id", "aspect"],
                name="picture_trash_of_person",
                condition=Q(trashed_at__isnull=False),
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
