"""Several marks of one picture, or of many, changed together: all of them, or none."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.api_changes import PictureChange
from omixa_studio.models import Person, Picture, Tag
from omixa_studio.models.search import searchable

from . import curating, storage_quotas, tagging
from .refusals import Refused

IN_TRASH = N_("This picture is in the trash. Restore it first.")
TOO_LATE = N_("It was in the trash for too long and is being deleted.")
JUDGED = N_("The team judges this picture blind until the test is closed.")


class PicturesRefused(Refused):
    """A change that some pictures do not take: `pictures` are their ids."""

    def __init__(self, fault: Fault, pictures: Sequence[int]) -> None:
        super().__init__(fault)
        self.pictures = pictures


class InTrash(PicturesRefused):
    """Pictures in the trash, where nothing else about them changes."""

    reason = "in_trash"


class TooLate(PicturesRefused):
    """Pictures that were in the trash for too long."""

    reason = "too_late"


class JudgedBlind(PicturesRefused):
    """Pictures of an open blind test, which sharing would give away."""

    reason = "judged_blind"


@transaction.atomic
def change_pictures(person: Person, pks: Sequence[int], asked: PictureChange) -> None:
    """Change the marks of a person's own pictures; the same again changes nothing.

    What is in the trash already stays as it is there. Raises InTrash, TooLate, JudgedBlind, and
    StorageFull, and ChoiceRefused if one would have too many tags: then none is changed.
    """
    own = Picture.objects.filter(person=person, pk__in=pks)
    # In one order, so that two changes of the same pictures wait for each other.
    kept = set(own.select_for_update().order_by("pk").values_list("pk", flat=True))
    if asked.trashed is False:
        curating.restore_several(person, pks)
        if curating.without_room(pks):
            raise storage_quotas.no_room(person)
    thrown = _ids(own.filter(trashed_at__isnull=False))
    if thrown and asked.trashed is False:
        raise TooLate(Fault("trashed", TOO_LATE, {}), thrown)
    if thrown and not asked.trashed and asked != PictureChange():
        raise InTrash(Fault("trashed", IN_TRASH, {}), thrown)
    shown = sorted(kept.difference(thrown))
    _mark(person, shown, asked)
    _tag(person, shown, asked)
    if asked.trashed:
        curating.trash_several(person, shown)


def _mark(person: Person, pks: Sequence[int], asked: PictureChange) -> None:
    if asked.starred is not None:
        curating.mark(person, pks, "star" if asked.starred else "unstar")
    if asked.rejected is not None:
        curating.mark(person, pks, "reject" if asked.rejected else "unreject")
    if asked.note is not None:
        for pk in pks:
            curating.write_note(person, pk, asked.note)
    if asked.shared is False:
        curating.mark(person, pks, "private")
    if asked.shared:
        curating.share_several(person, pks)
        if judged := _ids(Picture.objects.filter(pk__in=pks, shared=False)):
            raise JudgedBlind(Fault("shared", JUDGED, {}), judged)


def _tag(person: Person, pks: Sequence[int], asked: PictureChange) -> None:
    for name in asked.tag:
        tagging.tag_pictures(person, pks, name)
    for tag in Tag.objects.filter(folded__in=[searchable(name) for name in asked.untag]):
        tagging.untag_pictures(person, pks, tag)


def _ids(rows: QuerySet[Picture]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))
