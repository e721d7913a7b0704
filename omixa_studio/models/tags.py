"""Tags on pictures."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .pictures import Picture
from .search import FoldedCopy

LONGEST_TAG = 60


class Tag(models.Model):
    """A word that people put on pictures. Names that differ only in case are one tag."""

    name = models.CharField(max_length=LONGEST_TAG)
    folded = FoldedCopy("name")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="tags"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folded"], name="one_tag_per_folded_name")]


class PictureTag(models.Model):
    """A tag on a picture. `person` and `created_at` are the picture's: one index serves a page."""

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="on", db_index=False)
    picture = models.ForeignKey(Picture, models.CASCADE, related_name="tagged", db_index=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["picture", "tag"], name="tag_once_on_picture"),
        ]
        indexes = [
            models.Index(fields=["tag", "person", "created_at", "picture"], name="tag_of_person"),
            models.Index(fields=["tag", "created_at", "picture"], name="tag_by_time"),
            models.Index(fields=["person", "tag"], name="person_tags"),
        ]
