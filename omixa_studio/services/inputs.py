"""Input images: stored per person, ready to send, once per content."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import IO

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from omixa_studio import storage
from omixa_studio.catalogue.records import N_
from omixa_studio.models import InputImage, Person, Picture
from omixa_studio.queries.budget_requests import waiting_with
from omixa_studio.queries.inputs import uploads_of
from omixa_studio.services.decoding import (
    LONGEST_SIDE,
    Prepared,
    prepare,
    prepare_mask,
    shrink,
)
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.reading import DRAWN
from omixa_studio.services.upload_quota import delete_input, hold_uploads, make_room

__all__ = [
    "LONGEST_SIDE",
    "ImageRefused",
    "fit",
    "forget_unused",
    "keep_mask",
    "keep_mask_of_gallery",
    "keep_picture",
    "keep_upload",
    "prepare",
    "prepare_mask",
    "stored_of",
    "take_up",
]

LOSSY_KINDS = ("jpeg", "avif", "heic")
# The gateway may return more formats than people may upload.
OF_THE_GALLERY = tuple(sorted(set(DRAWN.values())))
UNDRAWN = N_("This picture cannot be displayed here, so it cannot be sent.")
HOURS_UNUSED = 24
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Source:
    """The picture of the gallery that an input is, and what made it; None for an upload."""

    picture_id: int | None = None
    generation_id: int | None = None


UPLOADED = Source()


def keep_upload(person: Person, file: IO[bytes]) -> InputImage:
    """Prepare an uploaded picture for sending and store it, once per content.

    Raises ImageRefused, with a sentence for people, for everything that is not a usable picture.
    """
    return _keep(person, prepare(file))


def keep_picture(person: Person, picture: Picture) -> InputImage:
    """Prepare a picture of the gallery for sending and store it. Raises ImageRefused, OSError."""
    if not picture.drawable:
        raise ImageRefused(UNDRAWN)
    with storage.open_file(picture.name) as file:
        source = Source(picture.pk, picture.generation_id)
        return _keep(person, prepare(file, OF_THE_GALLERY), source=source)


def stored_of(person: Person, pictures: Sequence[Picture]) -> dict[int, InputImage]:
    """Return a person's stored inputs that are gallery pictures at full size, by picture id."""
    by_id = {picture.pk: picture for picture in pictures}
    kept = InputImage.objects.filter(person=person, picture__in=by_id)
    whole = [row.pk for row in kept if _is_whole(row, by_id[row.picture_id or 0])]
    return {image.picture_id or 0: image for image in take_up(person, whole)}


def keep_mask(person: Person, file: IO[bytes], over: InputImage) -> InputImage:
    """Prepare an uploaded mask at exactly the size of its input, and store it.

    Raises ImageRefused, with a sentence for people, for everything that is not a mask of that
    input.
    """
    size = (over.width, over.height)
    return _keep(person, (prepare_mask(file, size), "image/png", size))


def keep_mask_of_gallery(person: Person, picture: Picture, over: InputImage) -> InputImage:
    """Prepare a picture of the gallery as a mask as `keep_mask`. Raises ImageRefused, OSError."""
    if not picture.drawable:
        raise ImageRefused(UNDRAWN)
    size = (over.width, over.height)
    with storage.open_file(picture.name) as file:
        return _keep(person, (prepare_mask(file, size, OF_THE_GALLERY), "image/png", size))


def take_up(person: Person, ids: Sequence[int]) -> list[InputImage]:
    """Return a person's own inputs among some ids, in their order, renewed against deletion."""
    if not ids:
        return []
    InputImage.objects.filter(person=person, pk__in=ids).update(created_at=Now())
    return uploads_of(person, ids)


def fit(person: Person, images: Sequence[InputImage], most_bytes: int) -> list[InputImage]:
    """Return images that together have at most so many bytes, shrinking the largest.

    Space that small images leave is available to the others. Raises ImageRefused if there are too
    many images for any size.
    """
    fitting = {}
    room = most_bytes
    by_size = sorted({image.pk: image for image in images}.values(), key=lambda one: one.bytes)
    for position, image in enumerate(by_size):
        share = room // (len(by_size) - position)
        fitting[image.pk] = image if image.bytes <= share else _shrunk(person, image, share)
        room -= fitting[image.pk].bytes
    return [fitting[image.pk] for image in images]


def forget_unused(*, hours: float = HOURS_UNUSED) -> int:
    """Delete inputs that no generation uses after so many hours; return the number deleted."""
    old = InputImage.objects.filter(
        ~Exists(waiting_with(OuterRef("pk"))),
        uses=None,
        created_at__lt=Now() - timedelta(hours=hours),
    ).values_list("pk", flat=True)
    return sum(_forget(pk, hours) for pk in old[:MOST_AT_ONCE])


def _forget(pk: int, hours: float) -> bool:
    """Delete an input unless it was renewed or used meanwhile; return whether it was deleted."""
    with transaction.atomic():
        locked = InputImage.objects.select_for_update().filter(pk=pk)
        image = locked.filter(created_at__lt=Now() - timedelta(hours=hours)).first()
        if image is None or image.uses.exists() or waiting_with(image.pk).exists():
            return False
        delete_input(image)
    return True


def _is_whole(image: InputImage, picture: Picture) -> bool:
    """Return whether an input is the whole picture, not a smaller or lossy copy."""
    side = min(max(picture.width, picture.height), LONGEST_SIDE)
    lossless = image.mime == "image/png" or picture.format in LOSSY_KINDS
    return lossless and max(image.width, image.height) == side


def _shrunk(person: Person, image: InputImage, most_bytes: int) -> InputImage:
    prepared = shrink(storage.get(image.name), most_bytes)
    return _keep(person, prepared, source=Source(image.picture_id, image.origin_id))


def _keep(person: Person, prepared: Prepared, *, source: Source = UPLOADED) -> InputImage:
    data, mime, (width, height) = prepared
    digest = hashlib.sha256(data).hexdigest()
    if _take_up(person, digest, source):
        return InputImage.objects.get(person=person, sha256=digest)
    name = storage.new_name("inputs", "." + mime.removeprefix("image/"))
    storage.put(name, data)
    row = InputImage(
        person=person,
        sha256=digest,
        name=name,
        mime=mime,
        width=width,
        height=height,
        bytes=len(data),
        picture_id=source.picture_id,
        origin_id=source.generation_id,
    )
    try:
        kept = _add(person, row)
    except ImageRefused:
        storage.remove(name)
        raise
    if kept is not row:
        # The same picture was uploaded in two tabs at once; one row and one file are enough.
        storage.remove(name)
    return kept


@transaction.atomic
def _add(person: Person, row: InputImage) -> InputImage:
    """Save a new input if its person has room, or return one stored at the same moment."""
    hold_uploads(person)
    known = InputImage.objects.filter(person=person, sha256=row.sha256).first()
    if known is None:
        make_room(person, row.bytes)
        row.save()
    return known or row


def _take_up(person: Person, digest: str, source: Source) -> bool:
    """Return whether that input is stored, renewing its time so that it is not deleted now."""
    known = InputImage.objects.filter(person=person, sha256=digest)
    if source.picture_id is not None:
        made = {"picture_id": source.picture_id, "origin_id": source.generation_id}
        known.filter(picture=None).update(**made)
    return bool(known.update(created_at=Now()))
