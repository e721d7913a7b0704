"""Prompts used by a person: one row each, so that the prompt history needs no scan."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class UsedPrompt(models.Model):
    """A prompt that a person sent to a target, however often; its generations point to it.

    Written in the transaction that creates a generation. Its cost and its number of uses are read
    from its generations, by a covering index.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="used_prompts", db_index=False
    )
    target = models.CharField(max_length=200)
    # Hash of the prompt as sent: the text itself is too long for an index.
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
