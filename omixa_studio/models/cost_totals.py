"""Sums of the ledger at several grains, so that no page adds up a year of it.

To keep another kind of sum, add it to ROLLUPS and to a migration that computes the past.
"""

from django.db import models
from django.db.models import Q

# What a sum does not tell apart has these instead of an id or a name.
ANY_ID, ANY_NAME = -1, "*"
# The letter of each dimension, its column, and what stands there when it is not told apart.
DIMENSIONS = {
    "p": ("person_id", ANY_ID),
    "m": ("model", ANY_NAME),
    "o": ("operation", ANY_NAME),
    "j": ("project_id", ANY_ID),
}
# Which dimensions are told apart by day, month and year, those with fewer rows first. By day the
# pairs with people are as many rows as all four together, so they are only kept by month and year.
ROLLUPS = {
    "d": ("", "o", "m", "j", "po", "mjo", "pmjo"),
    "m": ("", "o", "m", "j", "po", "mjo", "pmo", "pjo"),
    "y": ("", "o", "m", "j", "po", "mjo", "pmo", "pjo"),
}


class CostTotal(models.Model):
    """A sum of ledger rows, in micro-dollars and counts.

    `kind` is the grain ("d", "m", "y") and the letters of what is told apart, such as "mpo". Sums
    include the rows up to CostMark; whoever reads them adds the few later ones.
    """

    target = models.CharField(max_length=200)
    kind = models.CharField(max_length=5)
    starts_on = models.DateField()
    person_id = models.BigIntegerField(default=ANY_ID)
    model = models.CharField(max_length=120, default=ANY_NAME)
    operation = models.CharField(max_length=20, default=ANY_NAME)
    project_id = models.BigIntegerField(default=ANY_ID)
    billed_micros = models.BigIntegerField()
    # All amounts: billed and still held.
    counted_micros = models.BigIntegerField()
    requests = models.BigIntegerField()
    # Requests whose hold was released, so that their cost is known; the failed ones among them.
    settled = models.BigIntegerField()
    failed = models.BigIntegerField()
    pictures = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("target", "kind", "starts_on"),
                    *("person_id", "model", "operation", "project_id"),
                ],
                name="one_cost_total",
            ),
        ]
        indexes = [
            models.Index(
                fields=["target", "kind", "person_id", "starts_on"],
                name="cost_total_of_person",
                condition=Q(person_id__gte=0),
            ),
            models.Index(
                fields=["target", "kind", "model", "starts_on"],
                name="cost_total_of_model",
                condition=~Q(model=ANY_NAME),
            ),
            models.Index(
                fields=["target", "kind", "project_id", "starts_on"],
                name="cost_total_of_project",
                condition=Q(project_id__gte=0),
            ),
        ]


class CostMark(models.Model):
    """The id of the last ledger row included in the sums of costs; there is one row at most."""

    charge_id = models.BigIntegerField(default=0)
