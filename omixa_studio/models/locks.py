"""Rows whose only use is select_for_update."""

from django.db import models


class Lock(models.Model):
    """A mutex that works on every database: the transaction that locks its row holds it."""

    name = models.CharField(max_length=40, primary_key=True)
