"""When workers of each target were last seen."""

from django.db import models
from django.db.models.functions import Now


class WorkerSeen(models.Model):
    """The last time a worker of a target was alive; the worker writes it every half minute.

    Of several machines each, web servers too, also writes a row whose target stands for the secret
    that it signs with; see services/secret_marks.py.
    """

    worker = models.CharField(max_length=160)
    target = models.CharField(max_length=200)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "worker"], name="one_sight_of_a_worker"),
        ]
