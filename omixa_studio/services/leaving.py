"""Remove people: close the account now, hand over or erase their private pictures later.

What the team was shown stays, under the name of who made it; so do requests, costs and the ledger.
Until the day the removal can be stopped, or undone by reactivating the account. From then on the
worker takes a few pictures at a time.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from omixa_studio import storage
from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import (
    ActKind,
    AnswerFile,
    Collection,
    Export,
    InputImage,
    Leaving,
    Person,
    Picture,
    PictureTag,
    Webhook,
)
from omixa_studio.models.collections import Access
from omixa_studio.queries.leaving import (
    is_busy,
    private_answers,
    private_inputs,
    private_pictures,
)

from . import audit, curating, exports, notices, people
from .audit import STUDIO, Actor
from .refusals import Refused

log = logging.getLogger(__name__)

# Deleting a picture takes some milliseconds, and more in a bucket.
MOST_AT_ONCE = 100


class OneselfError(Refused):
    """Nobody removes their own account."""

    reason = "oneself"

    def __init__(self) -> None:
        super().__init__(Fault("", N_("You cannot remove your own account."), {}))


class HeirError(Refused):
    """The pictures cannot go to this person."""

    reason = "heir"

    def __init__(self) -> None:
        sentence = N_("Name somebody else who can log in, to whom the pictures go.")
        super().__init__(Fault("heir", sentence, {}))


class LeftError(Refused):
    """The removal is done already, so it cannot be planned anew."""

    reason = "left"

    def __init__(self) -> None:
        super().__init__(Fault("", N_("This person was removed already."), {}))


def remove(person: Person, *, heir: Person | None, days: int, by: Actor) -> Leaving:
    """Deactivate an account; after so many days its private pictures go to the heir.

    Without an heir they are erased. Another call plans anew while nothing has happened yet. Raises
    OneselfError, HeirError, LeftError and people.LastAdminError.
    """
    if person.pk == by.person_id:
        raise OneselfError
    if heir is not None and (heir.pk == person.pk or not heir.is_active):
        raise HeirError
    with transaction.atomic():
        people.deactivate(person, by=by)
        if Leaving.objects.filter(person=person, due_at__lte=Now()).exists():
            raise LeftError
        due = timezone.now() + timedelta(days=days)
        leaving, _new = Leaving.objects.update_or_create(
            person=person, defaults={"heir": heir, "due_at": due}
        )
        planned = f"{days} {heir.username if heir else ''}".strip()
        audit.write(ActKind.REMOVED, by=by, whom=person, after=planned)
    return leaving


def stay(person: Person, *, by: Actor) -> bool:
    """Stop a removal, so that nothing is handed over or erased; the account stays deactivated.

    Returns False if it has begun already, or there is none.
    """
    with transaction.atomic():
        stopped, _rows = Leaving.objects.filter(person=person, due_at__gt=Now()).delete()
        if stopped:
            audit.write(ActKind.STAYED, by=by, whom=person)
    return bool(stopped)


def carry_out(*, most: int = MOST_AT_ONCE) -> int:
    """Hand over or erase the next pictures of removed people; return how many.

    Where an heir can no longer log in, nothing happens until an admin names another one.
    """
    due = Leaving.objects.filter(done_at=None, due_at__lte=Now(), person__is_active=False)
    for leaving in due.select_related("person", "heir").order_by("due_at"):
        if leaving.heir is not None and not leaving.heir.is_active:
            log.warning("What %s left waits: its heir is deactivated.", leaving.person.username)
            continue
        try:
            count = _go_on(leaving, most)
        except storage.StorageAwayError:
            raise
        except OSError as error:
            log.warning("Not all that %s left can be erased: %s", leaving.person.username, error)
            continue
        if count:
            return count
    return 0


def _go_on(leaving: Leaving, most: int) -> int:
    count = _hand_over(leaving, leaving.heir, most) if leaving.heir else _erase(leaving, most)
    if not count and not is_busy(leaving.person):
        _finish(leaving)
    return count


def _hand_over(leaving: Leaving, heir: Person, most: int) -> int:
    rows = private_pictures(leaving.person).filter(trashed_at=None).order_by("pk")
    found = list(rows.values_list("pk", flat=True)[:most])
    if not found:
        return 0
    with transaction.atomic():
        locked = rows.filter(pk__in=found).select_for_update()
        pks = list(locked.values_list("pk", flat=True))
        Picture.objects.filter(pk__in=pks).update(person=heir)
        PictureTag.objects.filter(picture__in=pks).update(person=heir)
        _count(leaving, len(pks))
    return len(pks)


def _erase(leaving: Leaving, most: int) -> int:
    count = curating.erase(private_pictures(leaving.person).order_by("pk")[:most])
    _count(leaving, count)
    return (
        count
        or _erase_answers(private_answers(leaving.person).order_by("pk")[:most])
        or _erase_inputs(private_inputs(leaving.person).order_by("pk")[:most])
    )


def _erase_inputs(rows: QuerySet[InputImage]) -> int:
    """Delete the files of references; their rows still say what was made from what."""
    gone = list(rows)
    for image in gone:
        storage.remove(image.name)
        # Another upload of the same bytes is a row of its own.
        emptied = {"name": "", "bytes": 0, "sha256": f"erased-{image.pk}"}
        InputImage.objects.filter(pk=image.pk).update(**emptied)
    return len(gone)


def _erase_answers(rows: QuerySet[AnswerFile]) -> int:
    """Delete parts of answers that are no pictures; return how many."""
    gone = list(rows)
    for answer in gone:
        storage.remove(answer.name)
        answer.delete()
    return len(gone)


def _count(leaving: Leaving, count: int) -> None:
    Leaving.objects.filter(pk=leaving.pk).update(handled=F("handled") + count)


def _finish(leaving: Leaving) -> None:
    """Note that nothing is left; the heir also gets the person's private collections."""
    leaving.refresh_from_db(fields=["handled"])
    person, heir = leaving.person, leaving.heir
    with transaction.atomic():
        if not Leaving.objects.filter(pk=leaving.pk, done_at=None).update(done_at=Now()):
            return
        Webhook.objects.filter(person=person).delete()
        own = Collection.objects.filter(owner=person, access=Access.PRIVATE)
        if heir is not None:
            own.update(owner=heir)
        else:
            for export in Export.objects.filter(person=person, deleted_at=None):
                exports.delete(export)
        said = f"{leaving.handled} {heir.username if heir else ''}".strip()
        audit.write(ActKind.LEFT, by=STUDIO, whom=person, after=said)
    if heir is not None and leaving.handled:
        facts = {"whose": person.name, "n": leaving.handled}
        notices.tell([heir], "pictures_inherited", facts, path=reverse("gallery"))
