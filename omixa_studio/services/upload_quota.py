"""A limit on unused uploads per person: a full disk would stop everybody's work."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import Now

from omixa_studio import storage
from omixa_studio.catalogue.records import N_
from omixa_studio.models import GenerationInput, InputImage, Person, State
from omixa_studio.queries.budget_requests import waiting_with
from omixa_studio.services.pixels import ImageRefused

MOST_UNUSED = 300
MOST_UNUSED_BYTES = 512 * 2**20
# Later uploads may be in an open form, or about to be used by a generation.
MINUTES_SAFE = 10


def hold_uploads(person: Person) -> None:
    """Lock a person's row for the transaction, so that concurrent uploads count each other."""
    Person.objects.select_for_update(no_key=True).filter(pk=person.pk).first()


def make_room(person: Person, size: int) -> None:
    """Delete the oldest unused inputs until one more of so many bytes fits.

    Raises ImageRefused if too much remains. The caller holds the lock of `hold_uploads`.
    """
    had = _unused_of(person).aggregate(count=Count("pk"), bytes=Sum("bytes"))
    files = had["count"] + 1 - MOST_UNUSED
    room = (had["bytes"] or 0) + size - MOST_UNUSED_BYTES
    if files <= 0 and room <= 0:
        return
    for image in _old(person):
        files, room = files - 1, room - image.bytes
        image.uses.filter(generation__state=State.CANCELLED).delete()
        delete_input(image)
        if files <= 0 and room <= 0:
            return
    raise ImageRefused(
        N_(
            "You have too many unused uploads: at most 300 files or 512 MB. Try again in ten "
            "minutes."
        )
    )


def delete_input(image: InputImage) -> None:
    """Delete a row now, and its file, unless it was erased, when the transaction commits."""
    name = image.name
    image.delete()
    if name:
        transaction.on_commit(lambda: storage.remove(name))


def _unused_of(person: Person) -> QuerySet[InputImage]:
    """Return inputs used by no generation, or only by cancelled ones, which never send anything.

    Those of a request that waits for money are about to be sent.
    """
    sent = GenerationInput.objects.filter(image=OuterRef("pk"))
    used = sent.exclude(generation__state=State.CANCELLED)
    waiting = waiting_with(OuterRef("pk"))
    return InputImage.objects.filter(~Exists(used), ~Exists(waiting), person=person)


def _old(person: Person) -> QuerySet[InputImage]:
    """Return the oldest unused inputs, locked; those in use at this moment are skipped."""
    before = Now() - timedelta(minutes=MINUTES_SAFE)
    old = _unused_of(person).filter(created_at__lt=before).order_by("created_at", "pk")
    return old.select_for_update(skip_locked=True)
