"""Bills per picture, by everything that the price is known to depend on."""

from django.db import models


class BilledPrice(models.Model):
    """Bills per picture of one choice of a model at one target, in micro-dollars.

    The highest bill is the amount to hold; the last one shows whether a list price is still valid.
    Updated in the transaction that records a bill. "" is a value that was not sent.
    """

    target = models.CharField(max_length=200)
    model = models.CharField(max_length=120)
    quality = models.CharField(max_length=120, blank=True, default="")
    size = models.CharField(max_length=120, blank=True, default="")
    inputs = models.PositiveSmallIntegerField(default=0)
    dearest_micros = models.BigIntegerField(default=0)
    last_micros = models.BigIntegerField(default=0)
    # None if every known bill is older than this column.
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "model", "quality", "size", "inputs"],
                name="one_billed_price_per_choice",
            ),
        ]


class PriceDay(models.Model):
    """What pictures of one choice of a model were billed for requests clicked on one day.

    `usual_micros` is the median of earlier days per picture if this day's price is above it,
    else None.
    """

    target = models.CharField(max_length=200)
    day = models.DateField()
    model = models.CharField(max_length=120)
    quality = models.CharField(max_length=120, blank=True, default="")
    size = models.CharField(max_length=120, blank=True, default="")
    inputs = models.PositiveSmallIntegerField(default=0)
    pictures = models.BigIntegerField(default=0)
    billed_micros = models.BigIntegerField(default=0)
    usual_micros = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "model", "quality", "size", "inputs", "day"],
                name="one_price_of_a_day",
            ),
        ]
        indexes = [models.Index(fields=["target", "day"], name="price_by_day")]

    @property
    def each_micros(self) -> int:
        """Return the mean bill of one picture."""
        return round(self.billed_micros / self.pictures) if self.pictures else 0


class PriceMark(models.Model):
    """The id of the last ledger row that is included in PriceDay; there is one row at most."""

    charge_id = models.BigIntegerField(default=0)
