"""Paid calls that are missing from this database because it is an older copy."""

from django.db import models
from django.db.models.functions import Now


class LostCall(models.Model):
    """A call that a worker's folder says was sent, and that belongs to no row here.

    It names things by plain values, since what they stand for is not here. `name` is where its
    answer is stored, "" while none came. `person_id` pressed with `click`. `accepted_by` is who
    let the queue go on nevertheless, `closed_by` who took it off the list.
    """

    attempt = models.UUIDField(unique=True)
    generation_id = models.BigIntegerField()
    target = models.CharField(max_length=200)
    worker = models.CharField(max_length=80, blank=True, default="")
    person_id = models.BigIntegerField(default=0)
    click = models.CharField(max_length=64, blank=True, default="", db_index=True)
    sent_at = models.DateTimeField()
    name = models.CharField(max_length=120, blank=True, default="")
    bytes = models.PositiveBigIntegerField(default=0)
    found_at = models.DateTimeField(db_default=Now())
    accepted_by = models.CharField(max_length=150, blank=True, default="")
    closed_by = models.CharField(max_length=150, blank=True, default="")
