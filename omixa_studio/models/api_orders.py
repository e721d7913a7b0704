"""What programs ordered: which body bought which requests, and whether the answer arrived."""

from django.db import models
from django.db.models.functions import Now


class ApiOrder(models.Model):
    """One purchase by a token. Repeats of its body, or of its key, are answered with its pictures.

    `identity` is the digest of the body, or of the key that the program gave to it; the same one
    again, once it may buy again, is the next `ordinal`. That pair being unique decides between
    equal requests at the same moment. `delivered_at` is when the client's machine had confirmed
    every byte of an answer.
    """

    token = models.ForeignKey(
        "omixa_studio.Token", models.CASCADE, related_name="orders", db_index=False
    )
    identity = models.CharField(max_length=64)
    ordinal = models.PositiveIntegerField()
    body_sha256 = models.CharField(max_length=64)
    # Of the generations it bought.
    group = models.UUIDField()
    created_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        # A program that asks for the status of a request is told whether that delivers an order.
        indexes = [models.Index(fields=["group"], name="api_order_of_group")]
        constraints = [
            models.UniqueConstraint(
                fields=["token", "identity", "ordinal"], name="api_order_bought_once"
            ),
        ]
