"""Named settings of the form."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

LONGEST_NAME = 80


class Preset(models.Model):
    """An image model with the values of its fields, and optionally a prompt and references.

    A `team` preset can be used by everybody; only its maker and admins change it. `example` is the
    picture it was saved from. A deleted preset stays as a row for undo and for its generations.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="presets"
    )
    name = models.CharField(max_length=LONGEST_NAME)
    team = models.BooleanField(default=False)
    model = models.CharField(max_length=120)
    texts = models.JSONField(default=dict)
    prompt = models.TextField(blank=True, default="")
    uploads = models.JSONField(default=list)
    pictures = models.JSONField(default=list)
    example = models.ForeignKey(
        "omixa_studio.Picture", models.SET_NULL, null=True, related_name="example_of"
    )
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["team", "person", "-id"], name="preset_of_person"),
        ]
