"""Share and unshare pictures, move them to the trash, restore them.

Every step is one conditional update, so the same click twice does no harm. Money is never
touched: the ledger names pictures' generations by plain values.
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
    """Show a picture to the team; False: it is not this person's, in the trash, or judged blind."""
    return bool(_kept(person, pk).exclude(_is_judged()).update(shared=True))


def make_private(person: Person, pk: int) -> bool:
    """Hide a picture from the team; False: it is not this person's, or in the trash."""
    return bool(_kept(person, pk).update(shared=False))


def trash(person: Person, pk: int) -> bool:
    """Throw a picture away for now; False: it is not this person's, or is there already."""
    return bool(_kept(person, pk).update(trashed_at=Now()))


def star(person: Person, pk: int) -> bool:
    """Give a picture a star; False: it is not this person's, or in the trash."""
    return bool(_kept(person, pk).update(winner=True))


def unstar(person: Person, pk: int) -> bool:
    """Take a picture's star away; False: it is not this person's, or in the trash."""
    return bool(_kept(person, pk).update(winner=False))


def restore(person: Person, pk: int) -> bool:
    """Take a picture out of the trash as it was; False: it is not there, or its time is over."""
    return bool(_waiting(person).filter(pk=pk).update(trashed_at=None))


def share_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Show pictures to the team; give the ids of those that this changed."""
    private = _kept_of(person).filter(pk__in=pks, shared=False)
    return _change(private.exclude(_is_judged()), shared=True)


def judged_among(pks: Sequence[int]) -> int:
    """How many of some pictures an open blind test keeps from being shared."""
    return Picture.objects.filter(_is_judged(), pk__in=pks).count()


def hide_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Hide pictures from the team; give the ids of those that this changed."""
    return _change(_kept_of(person).filter(pk__in=pks, shared=True), shared=False)


def trash_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Throw pictures away for now; give the ids of those that this changed."""
    return _change(_kept_of(person).filter(pk__in=pks), trashed_at=Now())


def restore_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Take pictures out of the trash as they were; give the ids of those that came back."""
    return _change(_waiting(person).filter(pk__in=pks), trashed_at=None)


def empty_trash(*, days: int = TRASH_DAYS, most: int = MOST_AT_ONCE) -> int:
    """Delete what has been in the trash for so many days; give how many pictures went.

    Files go first: a crash in between leaves rows that the next call finds again, and
    `restore` refuses them by then. At most `most` in one call, so that a sweep stays short.
    """
    due = Picture.objects.filter(trashed_at__lte=Now() - timedelta(days=days))
    gone = list(due.order_by("trashed_at")[:most])
    for picture in gone:
        for name in filter(None, (picture.name, picture.thumb, picture.preview)):
            storage.remove(name)
        picture.delete()
    return len(gone)


def _is_judged() -> Exists:
    """The condition that a picture belongs to an open blind test: shared, it has a label."""
    judged = Sample.objects.filter(contestant__test__closed_at=None)
    return Exists(judged.filter(generation=OuterRef("generation")))


def _kept(person: Person, pk: int) -> QuerySet[Picture]:
    return _kept_of(person).filter(pk=pk)


def _kept_of(person: Person) -> QuerySet[Picture]:
    return Picture.objects.filter(person=person, trashed_at=None)


def _waiting(person: Person) -> QuerySet[Picture]:
    """What is in the trash and may still come back."""
    since = Now() - timedelta(days=TRASH_DAYS)
    return Picture.objects.filter(person=person, trashed_at__gt=since)


def _change(rows: QuerySet[Picture], **values: object) -> list[int]:
    """Change rows together; locked between the look and the change, so that no id is lost."""
    with transaction.atomic():
        found = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        Picture.objects.filter(pk__in=found).update(**values)
    return found
