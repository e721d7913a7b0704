"""The images that a form sends along, stored and made ready to be sent."""

from collections.abc import Sequence

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.generation import Asked
from omixa_studio.models import InputImage, Person
from omixa_studio.queries.inputs import usable_pictures

from . import inputs, sending
from .pixels import ImageRefused
from .submission import ChoiceRefused

GONE = N_("One of the references is no longer stored here; add it again.")
NO_PICTURE = N_("There is no such picture.")


def keep_file(person: Person, file: "UploadedFile[bytes]") -> InputImage:
    """Store an uploaded file ready to send. Raises ImageRefused."""
    if (file.size or 0) > settings.UPLOAD_BYTES:
        raise ImageRefused(N_("The file is too large."))
    return inputs.keep_upload(person, file)


def gather(person: Person, asked: Asked) -> tuple[list[InputImage], InputImage | None]:
    """Make all that a form sends along ready: its images in order, and its mask.

    Images are made smaller where together they would not fit into the request. Raises
    ChoiceRefused.
    """
    images = [*_uploads(person, asked.uploads), *_from_walls(person, asked.pictures)]
    try:
        images += [keep_file(person, file) for file in asked.images]
    except ImageRefused as refusal:
        raise _refused("input_images", str(refusal)) from refusal
    images = sending.fitted(person, images, asked.values, masked=asked.mask is not None)
    return images, _mask(person, asked.mask, images[0]) if asked.mask else None


def _uploads(person: Person, ids: Sequence[int]) -> list[InputImage]:
    images = inputs.take_up(person, ids)
    if len(images) < len(ids):
        raise _refused("input_images", GONE)
    return images


def _from_walls(person: Person, ids: Sequence[int]) -> list[InputImage]:
    seen = {picture.pk: picture for picture in usable_pictures(person, ids)} if ids else {}
    if len(seen) < len(ids):
        raise _refused("input_images", NO_PICTURE)
    return sending.from_gallery(person, [seen[pk] for pk in ids])


def _mask(person: Person, file: "UploadedFile[bytes]", over: InputImage) -> InputImage:
    try:
        return inputs.keep_mask(person, file, over)
    except ImageRefused as refusal:
        raise _refused("mask", str(refusal)) from refusal


def _refused(field: str, sentence: str) -> ChoiceRefused:
    return ChoiceRefused((Fault(field, sentence, {}),))
