"""Which pictures are kept: note downloads, and add up what triggers count."""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import OperationalError, connection, transaction

from omixa_studio import kept_counts
from omixa_studio.models import KeptChange, Level, Picture

log = logging.getLogger(__name__)

MOST_AT_ONCE = 1000


def note_downloads(pks: Sequence[int]) -> None:
    """Note that somebody saved copies of pictures; only the first time writes anything.

    A database that is busy or away keeps nobody from a file.
    """
    try:
        new = Picture.objects.filter(pk__in=pks, downloaded=False)
        found = list(new.order_by("pk").values_list("pk", flat=True))
        if not found:
            return
        with transaction.atomic():
            locked = Picture.objects.filter(pk__in=found).order_by("pk").select_for_update()
            list(locked.values_list("pk", flat=True))
            Picture.objects.filter(pk__in=found).update(downloaded=True)
    except OperationalError:
        log.warning("A download of pictures could not be noted: %s", list(pks)[:5], exc_info=True)


def merge(*, most: int = MOST_AT_ONCE) -> int:
    """Add up to `most` changes to the totals of their days; return how many they were.

    One short transaction. Changes that another worker is adding up are left to it.
    """
    changes = KeptChange.objects.order_by("id")
    if not changes.exists():  # a transaction would lock the whole of SQLite
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        locked = changes.select_for_update(skip_locked=True)
        ids = list(locked.values_list("pk", flat=True)[:most])
        if ids:
            numbers = ", ".join(map(str, ids))
            rows = f"(SELECT * FROM {kept_counts.CHANGES} WHERE id IN ({numbers})) found"  # noqa: S608
            for level in Level.values:
                kept_counts.add_up(cursor, rows, level=level)
            KeptChange.objects.filter(pk__in=ids).delete()
    return len(ids)


def repair() -> list[tuple[Any, ...]]:
    """Count anew if totals are not what pictures and bills say; return what was wrong."""
    wrong = kept_counts.differences()
    if wrong:
        kept_counts.count_anew()
    return wrong
