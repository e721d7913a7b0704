"""The prompts of all stored pictures, in the order of the galleries, for searching."""

from django.db import models
from django.db.models import Q


class IndexedPrompt(models.Model):
    """The folded prompt of a generation that has pictures. Database triggers write these rows.

    A greater id is a later picture: `latest` is the time of the newest picture of this and all
    earlier rows. The few rows of which that does not hold, made from pictures that are older than
    their place tells, are `stray`. See omixa_studio/prompt_index.py.
    """

    generation_id = models.BigIntegerField(unique=True)
    person_id = models.BigIntegerField()  # 0 for nobody
    latest = models.DateTimeField()
    stray = models.BooleanField(default=False)
    text = models.TextField()

    class Meta:
        indexes = [
            models.Index(fields=["latest"], name="indexed_prompt_by_time"),
            models.Index(fields=["id"], name="indexed_prompt_stray", condition=Q(stray=True)),
        ]
