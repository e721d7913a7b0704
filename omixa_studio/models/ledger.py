"""Money: the append-only ledger."""

import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def today() -> datetime.date:
    """Return today's date in the studio's time zone."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


class Kind(models.TextChoices):
    HOLD = "hold", _("Reserved")
    RAISE = "raise", _("Reserve raised")
    RELEASE = "release", _("Released")
    CAPTURE = "capture", _("Billed")
    ADJUSTMENT = "adjustment", _("Adjustment")


class Charge(models.Model):
    """One row of the ledger; the sum of a month's rows is what counts against its limits.

    A hold is positive; a raise adds to a hold while the request is queued; a release is the
    negative of both; a capture is the billed amount; an adjustment corrects it by what became known
    later. Rows are never changed or deleted (database triggers refuse it), so people and things are
    stored as plain values.
    """

    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount_micros = models.BigIntegerField()
    received_text = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    target = models.CharField(max_length=200)
    # Month and day of the click in the studio's time zone, the same on every row of a generation.
    month = models.CharField(max_length=7)
    day = models.DateField(default=today)
    generation_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    person_name = models.CharField(max_length=150)
    model = models.CharField(max_length=120)
    operation = models.CharField(max_length=20)
    # The project and the access token, 0 for none, and the person's role at the click, the same on
    # every row of it.
    project_id = models.BigIntegerField(default=0, db_default=0)
    token_id = models.BigIntegerField(default=0, db_default=0)
    role = models.CharField(max_length=10, default="", db_default="")
    # On a capture: the number of pictures it paid for. Deleting them later changes no figure.
    pictures = models.PositiveSmallIntegerField(default=0)
    # A hold can be raised, and a bill adjusted, more than once: the number of the raise, from 1, or
    # of the adjustment, from 0; always 0 on rows of other kinds.
    nth = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["generation_id", "kind", "nth"], name="one_charge_per_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=("raise", "adjustment")) | Q(nth=0),
                name="only_raises_and_adjustments_repeat",
            ),
            models.CheckConstraint(
                condition=Q(kind="hold", amount_micros__gte=0)
                | Q(kind="raise", amount_micros__gt=0)
                | Q(kind="release", amount_micros__lte=0)
                | Q(kind="capture", amount_micros__gte=0)
                | Q(kind="adjustment"),
                name="charge_has_its_sign",
            ),
        ]
        indexes = [
            # Covers the costs page in its grouping order: 100,000 rows in 40 ms.
            models.Index(
                fields=[
                    "target",
                    "day",
                    "person_id",
                    "model",
                    "kind",
                    "amount_micros",
                    "pictures",
                ],
                name="charge_by_day",
            ),
            # The few that may be booked in a later month than that of their click.
            models.Index(
                fields=["target", "created_at"],
                name="adjustment_by_time",
                condition=Q(kind="adjustment"),
            ),
            # Lists of requests behind a figure are read from these alone, in their order.
            *(
                models.Index(
                    fields=["target", *first, "day", "generation_id", *also],
                    name=name,
                    condition=Q(kind="hold"),
                )
                for name, first, also in (
                    ("hold_by_day", [], ["person_id", "model", "operation", "project_id"]),
                    ("hold_of_person", ["person_id"], ["model", "operation", "project_id"]),
                    ("hold_of_project", ["project_id"], ["model", "operation"]),
                )
            ),
        ]
