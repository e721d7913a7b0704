"""Prompts as their people used them: a row for each, so that a history needs no scan."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class UsedPrompt(models.Model):
    """A prompt that a person sent to a target, however often; its generations point to it.

    Kept in the transaction that makes a generation. What it cost and how often it was used is
    read from those, by an index that holds both.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="used_prompts", db_index=False
    )
    target = models.CharField(max_length=200)
    # Of the prompt as it was sent: the text itself is too long for an index.
    sha256 = models.CharField(max_length=64)
    prompt = models.TextField()
    prompt_search = models.TextField()
    last_used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "target", "sha256"], name="one_row_per_used_prompt"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "-last_used_at", "-id"], name="used_prompt_newest"),
        ]
