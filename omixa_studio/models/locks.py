"""Rows whose only use is select_for_update."""

from django.db import models


class Lock(models.Model):
    """What must be done by one at a time, on every database: whoever holds its row."""

    name = models.CharField(max_length=40, primary_key=True)
