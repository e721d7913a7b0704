"""Paid calls that are missing from this database because it is an older copy."""

from django.db import models
from django.db.models.functions import Now


class LostCall(models.Model):
    """A call that was sent according to a worker's journal and that has no row in this database.

    It stores plain values, since the rows they refer to are missing. `name` is the stored file of
    the answer, "" if none came. `person_id` is the person who submitted `click`. `accepted_by` is
    the admin who resumed the queue nevertheless, `closed_by` the one who removed the call from the
    list. `gateway_key` is the id of the key it was sent with, ENVIRONMENT for the environment's.
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
    gateway_key = models.BigIntegerField(default=0, db_default=0)
