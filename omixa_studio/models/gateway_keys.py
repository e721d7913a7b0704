"""Keys of the gateway that admins set, besides that of the environment."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .search import FoldedCopy

LONGEST_KEY_NAME = 60
# Stands for the environment's key where ids of keys are compared; no row has it.
ENVIRONMENT = 0


class GatewayKey(models.Model):
    """A key for one gateway, by name. A project's requests are sent with it once they name it.

    `target` is the only gateway to which it is ever sent. `tail` is the end of the secret, by
    which people recognise it. Calls of a key `on_own_bill` are billed to another account than
    those of the environment's key. An ended key is kept, since requests name it.
    """

    target = models.CharField(max_length=200)
    name = models.CharField(max_length=LONGEST_KEY_NAME)
    name_search = FoldedCopy("name")
    tail = models.CharField(max_length=4)
    on_own_bill = models.BooleanField(default=True)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.CharField(max_length=150)
    rotated_at = models.DateTimeField(null=True)
    rotated_by = models.CharField(max_length=150, blank=True, default="")
    paused_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "name_search"],
                condition=Q(ended_at=None),
                name="one_gateway_key_of_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GatewaySecret(models.Model):
    """A secret of a key, sealed (services/sealing.py); no backup contains a row of this table.

    Those that were replaced send nothing any more. They stay until the key is ended, so that they
    can be masked in answers to calls that left before.
    """

    key = models.ForeignKey(GatewayKey, models.CASCADE, related_name="secrets")
    sealed = models.TextField()
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(replaced_at=None), name="one_secret_of_a_gateway_key"
            ),
        ]
