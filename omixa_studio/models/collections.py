"""Collections: pictures grouped by hand, or a saved search."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .pictures import Picture
from .search import FoldedCopy

LONGEST_COLLECTION_NAME = 80
LONGEST_COLLECTION_NOTE = 2000
LONGEST_QUERY = 1000


class Access(models.TextChoices):
    """Who besides its owner may open a collection, and who may add to it."""

    PRIVATE = "private"
    TEAM_READ = "team_read"
    TEAM_WRITE = "team_write"


class CollectionOrder(models.TextChoices):
    """How the pictures of a collection are sorted: as arranged, or newest first."""

    MANUAL = "manual"
    TIME = "time"


class Collection(models.Model):
    """Pictures grouped by `owner`. A `query` (filters of a gallery's address) makes it a live one.

    A live collection has no items and is always sorted by time. Its query narrows the owner's
    pictures, or with `in=team` those shared with the team; a viewer sees what they may see of it.
    A deleted collection stays as a row for undo. `revision` grows with every change of its items.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="collections"
    )
    name = models.CharField(max_length=LONGEST_COLLECTION_NAME)
    name_search = FoldedCopy("name")
    access = models.CharField(max_length=10, choices=Access.choices, default=Access.PRIVATE)
    order = models.CharField(
        max_length=6, choices=CollectionOrder.choices, default=CollectionOrder.MANUAL
    )
    cover = models.ForeignKey(
        Picture, models.SET_NULL, null=True, related_name="cover_of", db_index=False
    )
    note = models.TextField(blank=True, default="")
    query = models.CharField(max_length=LONGEST_QUERY, blank=True, default="")
    revision = models.BigIntegerField(default=0)
    # It was deleted or restored, and its pictures may not know yet; the worker tells them.
    to_recount = models.BooleanField(default=False, db_default=False)
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(
                fields=["access", "-id"],
                name="collection_of_team",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(fields=["id"], name="collection_to_recount", condition=Q(to_recount=True)),
            # Deleting a picture looks for the collections whose cover it is.
            models.Index(
                fields=["cover"], name="collection_of_cover", condition=Q(cover__isnull=False)
            ),
        ]

    @property
    def is_live(self) -> bool:
        return bool(self.query)

    @property
    def is_shared(self) -> bool:
        return self.access != Access.PRIVATE


class CollectionItem(models.Model):
    """A picture in a collection; a smaller `position` comes first.

    `created_at` is the picture's, so that one index serves a collection sorted by time. It is
    `counted` in the picture's `collected_in` unless the collection is deleted.
    """

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items", db_index=False)
    picture = models.ForeignKey(Picture, models.CASCADE, related_name="collected")
    position = models.BigIntegerField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    added_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField()
    counted = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "picture"], name="picture_once_in_collection"
            ),
        ]
        indexes = [
            models.Index(fields=["collection", "position", "picture"], name="item_in_order"),
            models.Index(fields=["collection", "created_at", "picture"], name="item_by_time"),
            models.Index(
                fields=["added_by"], name="item_added_by", condition=Q(added_by__isnull=False)
            ),
        ]
