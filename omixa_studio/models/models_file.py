"""The models.toml that all machines of a studio share."""

from django.db import models
from django.db.models import Q


class ModelsFile(models.Model):
    """The one row with the text of models.toml, and its SHA-256 in hexadecimal."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    text = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_models_file")]
