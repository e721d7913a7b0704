"""Share and unshare pictures, move them to the trash, restore them.

Every step is one conditional update, so that repeating a click does no harm. Money is never
touched: the ledger refers to generations by plain values.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from omixa_studio import storage
from omixa_studio.models import Person, Picture, Sample

TRASH_DAYS = 30
MOST_AT_ONCE = 500


def share(person: Person, pk: int) -> bool:
    """Share a picture with the team.

    Returns False if it is not the person's, in the trash, or judged in a blind test.
    """
    return bool(_kept(person, pk).exclude(_is_judged()).update(shared=True))


def make_private(person: Person, pk: int) -> bool:
    """Hide a picture from the team; return False if it is not the person's or in the trash."""
    return bool(_kept(person, pk).update(shared=False))


def trash(person: Person, pk: int) -> bool:
    """Move a picture to the trash; return False if it is not the person's or already there."""
    return bool(_kept(person, pk).update(trashed_at=Now()))


def star(person: Person, pk: int) -> bool:
    """Give a picture a star; return False if it is not the person's or in the trash."""
    return bool(_kept(person, pk).update(winner=True))


def unstar(person: Person, pk: int) -> bool:
    """Remove a picture's star; return False if it is not the person's or in the trash."""
    return bool(_kept(person, pk).update(winner=False))


def restore(person: Person, pk: int) -> bool:
    """Restore a picture from the trash; return False if it is not there or has expired."""
    return bool(_waiting(person).filter(pk=pk).update(trashed_at=None))


def share_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Share pictures with the team; return the ids of those changed."""
    private = _kept_of(person).filter(pk__in=pks, shared=False)
    return _change(private.exclude(_is_judged()), shared=True)


def judged_among(pks: Sequence[int]) -> int:
    """Return how many of some pictures cannot be shared because of an open blind test."""
    return Picture.objects.filter(_is_judged(), pk__in=pks).count()


def hide_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Hide pictures from the team; return the ids of those changed."""
    return _change(_kept_of(person).filter(pk__in=pks, shared=True), shared=False)


def trash_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Move pictures to the trash; return the ids of those changed."""
    return _change(_kept_of(person).filter(pk__in=pks), trashed_at=Now())


def restore_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Restore pictures from the trash; return the ids of those restored."""
    return _change(_waiting(person).filter(pk__in=pks), trashed_at=None)


def empty_trash(*, days: int = TRASH_DAYS, most: int = MOST_AT_ONCE) -> int:
    """Delete pictures that were in the trash for so many days; return the number deleted.

    Files are removed first: a crash in between leaves rows that the next call finds again, and that
    `restore` already refuses. At most `most` per call, so that a sweep stays short.
    """
    due = Picture.objects.filter(trashed_at__lte=Now() - timedelta(days=days))
    gone = list(due.order_by("trashed_at")[:most])
    for picture in gone:
        for name in filter(None, (picture.name, picture.thumb, picture.preview)):
            storage.remove(name)
        picture.delete()
    return len(gone)


def _is_judged() -> Exists:
    """Return the condition that a picture is in an open blind test: sharing reveals its model."""
    judged = Sample.objects.filter(contestant__test__closed_at=None)
    return Exists(judged.filter(generation=OuterRef("generation")))


def _kept(person: Person, pk: int) -> QuerySet[Picture]:
    return _kept_of(person).filter(pk=pk)


def _kept_of(person: Person) -> QuerySet[Picture]:
    return Picture.objects.filter(person=person, trashed_at=None)


def _waiting(person: Person) -> QuerySet[Picture]:
    """Return the pictures in the trash that can still be restored."""
    since = Now() - timedelta(days=TRASH_DAYS)
    return Picture.objects.filter(person=person, trashed_at__gt=since)


def _change(rows: QuerySet[Picture], **values: object) -> list[int]:
    """Update rows and return their ids; locked between read and update, so that no id is lost."""
    with transaction.atomic():
        found = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        Picture.objects.filter(pk__in=found).update(**values)
    return found
