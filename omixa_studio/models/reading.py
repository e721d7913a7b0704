"""Rows made quickly: pages read hundreds of them, most with a few of their columns."""

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models.base import ModelState


class ReadQuickly(models.Model):
    """A model whose rows are made of the columns read, without a look at all others.

    Django's own asks each column of the table whether it was read, and tells signals that nobody
    here listens to (pre_init, post_init).
    """

    class Meta:
        abstract = True

    @classmethod
    def from_db(  # type: ignore[override]  # the stubs are of a later Django
        cls, db: str | None, field_names: Collection[str], values: Collection[Any]
    ) -> Self:
        new = cls.__new__(cls)
        new._state = ModelState()
        new._state.adding, new._state.db = False, db
        new.__dict__.update(zip(field_names, values, strict=True))
        return new
