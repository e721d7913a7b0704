"""Share and unshare pictures, star and reject them, move them to the trash, restore them.

Every step is one conditional update, so that repeating a click does no harm. Money is never
touched: the ledger refers to generations by plain values.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from omixa_studio import storage
from omixa_studio.models import Person, Picture, PictureVerdict
from omixa_studio.queries.blind_tests import being_judged
from omixa_studio.queries.retention import USUAL_TRASH_DAYS, long_in_trash, trash_days_of

from . import storage_quotas

log = logging.getLogger(__name__)

TRASH_DAYS = USUAL_TRASH_DAYS
MOST_AT_ONCE = 500
# What each mark writes: a star and a rejection exclude each other.
MARKS: Mapping[str, Mapping[str, Any]] = {
    "star": {"winner": True, "verdict": ""},
    "unstar": {"winner": False},
    "reject": {"verdict": PictureVerdict.REJECTED, "winner": False},
    "unreject": {"verdict": ""},
    "private": {"shared": False},
}


def mark(person: Person, pks: Sequence[int], name: str) -> int:
    """Put one of MARKS on those of some pictures that are the person's and not in the trash.

    Returns how many those are; the same again does no harm.
    """
    return _kept_of(person).filter(pk__in=pks).update(**MARKS[name])


def share(person: Person, pk: int) -> bool:
    """Share a picture with the team.

    Returns False if it is not the person's, in the trash, or judged in a blind test.
    """
    return bool(_kept(person, pk).exclude(being_judged()).update(shared=True))


def make_private(person: Person, pk: int) -> bool:
    """Hide a picture from the team; return False if it is not the person's or in the trash."""
    return bool(mark(person, [pk], "private"))


def trash(person: Person, pk: int) -> bool:
    """Move a picture to the trash; return False if it is not the person's or already there."""
    return bool(_kept(person, pk).update(trashed_at=Now()))


def star(person: Person, pk: int) -> bool:
    """Give a picture a star, no longer rejected; return False if not the person's or trashed."""
    return bool(mark(person, [pk], "star"))


def unstar(person: Person, pk: int) -> bool:
    """Remove a picture's star; return False if it is not the person's or in the trash."""
    return bool(mark(person, [pk], "unstar"))


def reject(person: Person, pk: int) -> bool:
    """Reject a picture, which loses its star; return False if not the person's or trashed."""
    return bool(mark(person, [pk], "reject"))


def unreject(person: Person, pk: int) -> bool:
    """Reject a picture no longer; return False if it is not the person's or in the trash."""
    return bool(mark(person, [pk], "unreject"))


def write_note(person: Person, pk: int, note: str) -> bool | None:
    """Write the note of a picture, "" for none, and keep the one before for undo.

    Returns whether that changed it; None if it is not the person's or in the trash.
    """
    if not _kept(person, pk).exists():
        return None
    return bool(_kept(person, pk).exclude(note=note).update(earlier_note=F("note"), note=note))


def swap_notes(person: Person, pk: int) -> bool:
    """Put the earlier note of a picture back; doing it again undoes that.

    Returns False if it is not the person's or in the trash.
    """
    return bool(_kept(person, pk).update(note=F("earlier_note"), earlier_note=F("note")))


def restore(person: Person, pk: int) -> bool:
    """Restore a picture from the trash; return False if it is not there or has expired.

    Raises StorageFull if the person's quota has no room for it.
    """
    if restore_several(person, [pk]):
        return True
    if _waiting(person).filter(pk=pk).exists():
        raise storage_quotas.no_room(person)
    return False


def share_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Share pictures with the team; return the ids of those changed."""
    private = _kept_of(person).filter(pk__in=pks, shared=False)
    return _change(private.exclude(being_judged()), shared=True)


def judged_among(pks: Sequence[int]) -> int:
    """Return how many of some pictures cannot be shared because of an open blind test."""
    return Picture.objects.filter(being_judged(), pk__in=pks).count()


def hide_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Hide pictures from the team; return the ids of those changed."""
    return _change(_kept_of(person).filter(pk__in=pks, shared=True), shared=False)


def star_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Give pictures a star, except rejected ones; return the ids of those changed."""
    plain = _kept_of(person).filter(pk__in=pks, winner=False, verdict="")
    return _change(plain, winner=True)


def reject_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Reject pictures, except those with a star; return the ids of those changed."""
    plain = _kept_of(person).filter(pk__in=pks, winner=False, verdict="")
    return _change(plain, verdict=PictureVerdict.REJECTED)


def unreject_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Reject pictures no longer; return the ids of those changed."""
    rejected = _kept_of(person).filter(pk__in=pks, verdict=PictureVerdict.REJECTED)
    return _change(rejected, verdict="")


def starred_among(pks: Sequence[int]) -> int:
    """Return how many of some pictures are not rejected because they have a star."""
    return Picture.objects.filter(pk__in=pks, winner=True).count()


def rejected_among(pks: Sequence[int]) -> int:
    """Return how many of some pictures get no star because they are rejected."""
    return Picture.objects.filter(pk__in=pks, verdict=PictureVerdict.REJECTED).count()


def unstar_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Remove the stars of pictures; return the ids of those changed."""
    return _change(_kept_of(person).filter(pk__in=pks, winner=True), winner=False)


def trash_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Move pictures to the trash; return the ids of those changed."""
    return _change(_kept_of(person).filter(pk__in=pks), trashed_at=Now())


def restore_several(person: Person, pks: Sequence[int]) -> list[int]:
    """Restore pictures from the trash, as far as the person's quota has room for them.

    Returns the ids of those restored.
    """
    waiting = _waiting(person).filter(pk__in=pks)
    with transaction.atomic():
        fitting = storage_quotas.fitting(person, waiting)
        return _change(waiting.filter(pk__in=fitting), trashed_at=None)


def without_room(pks: Sequence[int]) -> int:
    """Return how many of some pictures of one person's trash could be restored, were there room."""
    person = Person.objects.filter(pictures__in=pks).first()
    return _waiting(person).filter(pk__in=pks).count() if person else 0


def empty_trash(*, days: int = TRASH_DAYS, most: int = MOST_AT_ONCE) -> int:
    """Delete pictures that were in the trash for so many days, or as long as their role says.

    Files are removed first: a crash in between leaves rows that the next call finds again, and that
    `restore` already refuses. At most `most` per call, so that a sweep stays short. Returns how
    many they were.
    """
    return erase(long_in_trash(days).order_by("trashed_at")[:most])


def erase(rows: Iterable[Picture]) -> int:
    """Delete pictures with their files, which go first; return how many they were.

    One whose files cannot be deleted stays and holds up no other. Raises OSError where no other is
    left, or the storage is away.
    """
    gone, refused = 0, None
    for picture in rows:
        try:
            for name in filter(None, (picture.name, picture.thumb, picture.preview)):
                storage.remove(name)
        except storage.StorageAwayError:
            raise
        except OSError as error:
            log.warning("Picture %s could not be deleted: %s", picture.pk, error)
            refused = error
            continue
        picture.delete()
        gone += 1
    if refused is not None and not gone:
        raise refused
    return gone


def lock_pictures(pks: Sequence[int]) -> set[int]:
    """Lock pictures in one order: who changes several, or what hangs on them, waits for others.

    Returns the ids of those that are there: since they were read some may have been erased.
    """
    rows = Picture.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True)
    return set(rows.values_list("pk", flat=True))


def _kept(person: Person, pk: int) -> QuerySet[Picture]:
    return _kept_of(person).filter(pk=pk)


def _kept_of(person: Person) -> QuerySet[Picture]:
    return Picture.objects.filter(person=person, trashed_at=None)


def _waiting(person: Person) -> QuerySet[Picture]:
    """Return the pictures in the trash that can still be restored."""
    since = Now() - timedelta(days=trash_days_of(person))
    return Picture.objects.filter(person=person, trashed_at__gt=since)


def _change(rows: QuerySet[Picture], **values: object) -> list[int]:
    """Update rows and return their ids; locked between read and update, so that no id is lost."""
    with transaction.atomic():
        found = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        Picture.objects.filter(pk__in=found).update(**values)
    return found
