"""Runs: many generations from one click."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RunKind(models.TextChoices):
    SPLIT = "split", _("Several requests")
    LIST = "list", _("List of prompts")
    COMPARE = "compare", _("Comparison")
    FINAL = "ladder", _("Final quality")
    BULK = "bulk", _("Selection")
    BLIND = "blind", _("Blind test")


class Run(models.Model):
    """The common record of the generations of one `group`: its key is their group.

    `axis` names what a comparison varies ("model" or a field). `cap_micros` is the most that the
    run may spend: a row whose hold no longer fits under it is cancelled, and with it all rows after
    it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="runs"
    )
    kind = models.CharField(max_length=10, choices=RunKind.choices)
    axis = models.CharField(max_length=40, blank=True, default="")
    cap_micros = models.BigIntegerField(null=True)
    paused = models.BooleanField(default=False)
    made_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="finals")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            # The claim skips the rows of paused runs.
            models.Index(fields=["id"], name="run_paused", condition=models.Q(paused=True)),
        ]
