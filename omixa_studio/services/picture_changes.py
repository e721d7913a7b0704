"""Several marks of one picture changed together: all of them, or none."""

from django.db import transaction

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.api_changes import PictureChange
from omixa_studio.models import Person, Picture, Tag
from omixa_studio.models.search import searchable

from . import curating, tagging
from .refusals import Refused

IN_TRASH = N_("This picture is in the trash. Restore it first.")
TOO_LATE = N_("It was in the trash for too long and is being deleted.")
JUDGED = N_("The team judges this picture blind until the test is closed.")


class InTrash(Refused):
    """A picture in the trash, where nothing else about it changes."""

    reason = "in_trash"


class TooLate(Refused):
    """A picture that was in the trash for too long."""

    reason = "too_late"


class JudgedBlind(Refused):
    """A picture of an open blind test, which sharing would give away."""

    reason = "judged_blind"


@transaction.atomic
def change_picture(person: Person, pk: int, asked: PictureChange) -> None:
    """Change the marks of a person's own picture; the same again changes nothing.

    Raises InTrash, TooLate, JudgedBlind, and ChoiceRefused if it would have too many tags.
    """
    thrown = Picture.objects.filter(person=person, pk=pk, trashed_at__isnull=False)
    if asked.trashed is False and not curating.restore(person, pk) and thrown.exists():
        raise TooLate(Fault("trashed", TOO_LATE, {}))
    if thrown.exists():
        if not asked.trashed and asked != PictureChange():
            raise InTrash(Fault("trashed", IN_TRASH, {}))
        return
    _mark(person, pk, asked)
    _tag(person, pk, asked)
    if asked.trashed:
        curating.trash(person, pk)


def _mark(person: Person, pk: int, asked: PictureChange) -> None:
    if asked.starred is not None:
        (curating.star if asked.starred else curating.unstar)(person, pk)
    if asked.rejected is not None:
        (curating.reject if asked.rejected else curating.unreject)(person, pk)
    if asked.note is not None:
        curating.write_note(person, pk, asked.note)
    if asked.shared is False:
        curating.make_private(person, pk)
    if asked.shared and not curating.share(person, pk):
        raise JudgedBlind(Fault("shared", JUDGED, {}))


def _tag(person: Person, pk: int, asked: PictureChange) -> None:
    for name in asked.tag:
        tagging.tag_pictures(person, [pk], name)
    for tag in Tag.objects.filter(folded__in=[searchable(name) for name in asked.untag]):
        tagging.untag_pictures(person, [pk], tag)
