"""Calendar months, and what each of them holds in every gallery."""

from django.db import models
from django.db.models import Q


class CalendarMonth(models.Model):
    """A month ("2026-11") and its first instant in the studio's time zone, for use in SQL.

    Anything before the second row belongs to the first one.
    """

    name = models.CharField(max_length=7, primary_key=True)
    starts_at = models.DateTimeField(unique=True)


class GalleryKind(models.TextChoices):
    """A gallery that everyone has, or the team as one: its months are counted."""

    MINE = "mine"
    TEAM = "team"
    TRASH = "trash"


class MonthCount(models.Model):
    """A change to a month of a gallery; all rows of a month add up to what it holds.

    Triggers insert these rows in the transaction of each change, and the worker merges them, so
    that no page counts pictures and no two changes wait for each other. `person_id` is 0 in the
    team's gallery. The sum of `moves` differs after every change to what a gallery shows or in
    which order, that of `marks` after any other change that a filter could notice.
    """

    kind = models.CharField(max_length=5, choices=GalleryKind.choices)
    person_id = models.BigIntegerField()
    month = models.CharField(max_length=7)
    target = models.CharField(max_length=200)
    pictures = models.IntegerField()
    billed_micros = models.BigIntegerField()
    unknown = models.IntegerField()
    # Of the originals as they came; renditions can be made again.
    bytes = models.BigIntegerField(default=0, db_default=0)
    moves = models.BigIntegerField()
    marks = models.BigIntegerField()
    merged = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "person_id", "month"], name="month_count_of_gallery"),
            models.Index(fields=["id"], name="month_count_to_merge", condition=Q(merged=False)),
        ]
