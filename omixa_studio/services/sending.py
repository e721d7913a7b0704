"""Prepare what is sent along with a request: files, uploads and pictures, within its size."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import IO
from weakref import WeakKeyDictionary

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from omixa_studio import storage
from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.generation import Asked
from omixa_studio.forms.runs import RunAsked
from omixa_studio.models import InputImage, Person, Picture
from omixa_studio.queries.inputs import usable_pictures

from . import inputs
from .inputs import ImageRefused
from .refusals import ChoiceRefused
from .submission import Choice

# Bytes of JSON around an image, and bytes reserved for a mask.
AROUND_AN_IMAGE = 256
ROOM_FOR_MASK = 2**19
# Each takes up to a second, while the person waits.
MOST_AT_ONCE = 40
GONE = N_("One of the references is no longer stored here; add it again.")
NO_PICTURE = N_("There is no such picture.")
NO_FILE = N_("The file of this picture is missing.")
TOO_MANY = N_(
    "%(count)s of these pictures have to be prepared before sending, and only %(most)s can be "
    "prepared at a time. Select fewer."
)


# A refused form keeps its files; each is decoded only once, whether accepted or refused.
_met: "WeakKeyDictionary[UploadedFile[bytes], InputImage | ImageRefused]" = WeakKeyDictionary()


def gather(person: Person, asked: Asked) -> tuple[list[InputImage], InputImage | None]:
    """Prepare everything a form sends along: its images in order, and its mask.

    Images are shrunk if they would not fit into the request together. Raises ChoiceRefused.
    """
    masked = bool(asked.mask or asked.mask_picture)
    images = fitted(person, references(person, asked), asked.values, masked=masked)
    if asked.mask_picture:
        return images, _mask_of_gallery(person, asked.mask_picture, images[0])
    return images, _mask(person, asked.mask, images[0]) if asked.mask else None


def references(person: Person, asked: Asked | RunAsked) -> list[InputImage]:
    """Store what a form sends along: uploads, pictures, files, in this order.

    Raises ChoiceRefused.
    """
    images = [*_uploads(person, asked.uploads), *_from_galleries(person, asked.pictures)]
    try:
        return images + [keep_file(person, file) for file in asked.images]
    except ImageRefused as refusal:
        raise _refused(str(refusal)) from refusal


def keep_file(person: Person, file: "UploadedFile[bytes]") -> InputImage:
    """Store an uploaded file ready to send; repeated calls return the same. Raises ImageRefused."""
    if file not in _met:
        _met[file] = _kept_or_refused(person, file)
    met = _met[file]
    if isinstance(met, ImageRefused):
        raise met
    return met


def keep_files(person: Person, files: "Iterable[UploadedFile[bytes]]") -> list[InputImage]:
    """Store the usable ones of some files, so that nobody has to choose them again."""
    kept = []
    for file in files:
        with suppress(ImageRefused):
            kept.append(keep_file(person, file))
    return kept


def with_pictures(person: Person, pairs: Sequence[tuple[Picture, Choice]]) -> list[Choice]:
    """Return the choices, each with its gallery picture as only input. Raises ChoiceRefused."""
    room = min((room_for(choice.values) for _picture, choice in pairs), default=0)
    images = from_gallery(person, [picture for picture, _choice in pairs], most_bytes=room)
    return [
        replace(choice, images=fitted(person, [image], choice.values))
        for image, (_picture, choice) in zip(images, pairs, strict=True)
    ]


def from_gallery(
    person: Person, pictures: Sequence[Picture], *, most_bytes: int | None = None
) -> list[InputImage]:
    """Return pictures of the gallery as inputs of a person, in their order.

    Pictures sent before are stored already; of the others, and of those larger than `most_bytes`,
    only MOST_AT_ONCE are prepared per request. Raises ChoiceRefused.
    """
    stored = inputs.stored_of(person, pictures)
    ready = {pk for pk, image in stored.items() if most_bytes is None or image.bytes <= most_bytes}
    if (count := len({picture.pk for picture in pictures} - ready)) > MOST_AT_ONCE:
        raise _refused(TOO_MANY, count=count, most=MOST_AT_ONCE)
    with _said_as_faults():
        return [
            stored.get(picture.pk) or inputs.keep_picture(person, picture) for picture in pictures
        ]


def fitted(
    person: Person,
    images: Sequence[InputImage],
    values: Mapping[str, object],
    *,
    masked: bool = False,
) -> list[InputImage]:
    """Return images, shrunk if they would not fit together. Raises ChoiceRefused."""
    with _said_as_faults():
        return inputs.fit(person, images, room_for(values, len(images), masked=masked))


def room_for(values: Mapping[str, object], images: int = 1, *, masked: bool = False) -> int:
    """Return the bytes available for images: base64 adds a third, JSON may double texts."""
    texts = sum(len(name) + 2 * len(str(value).encode()) + 8 for name, value in values.items())
    room = settings.BODY_BYTES - texts - AROUND_AN_IMAGE * (images + 2)
    return max(room - (ROOM_FOR_MASK if masked else 0), 0) * 3 // 4


def _uploads(person: Person, ids: Sequence[int]) -> list[InputImage]:
    images = inputs.take_up(person, ids)
    if len(images) < len(ids):
        raise _refused(GONE)
    return images


def _from_galleries(person: Person, ids: Sequence[int]) -> list[InputImage]:
    seen = {picture.pk: picture for picture in usable_pictures(person, ids)} if ids else {}
    if len(seen) < len(ids):
        raise _refused(NO_PICTURE)
    return from_gallery(person, [seen[pk] for pk in ids])


def _mask_of_gallery(person: Person, pk: int, over: InputImage) -> InputImage:
    picture = usable_pictures(person, [pk]).first()
    if picture is None:
        raise ChoiceRefused(Fault("mask", NO_PICTURE, {}))
    try:
        return inputs.keep_mask_of_gallery(person, picture, over)
    except ImageRefused as refusal:
        raise ChoiceRefused(Fault("mask", str(refusal), {})) from refusal
    except storage.StorageAwayError:
        raise
    except OSError as error:
        raise ChoiceRefused(Fault("mask", NO_FILE, {})) from error


def _mask(person: Person, file: IO[bytes], over: InputImage) -> InputImage:
    try:
        return inputs.keep_mask(person, file, over)
    except ImageRefused as refusal:
        raise ChoiceRefused(Fault("mask", str(refusal), {})) from refusal


def _kept_or_refused(person: Person, file: "UploadedFile[bytes]") -> InputImage | ImageRefused:
    if (file.size or 0) > settings.UPLOAD_BYTES:
        return ImageRefused(N_("The file is too large."))
    try:
        return inputs.keep_upload(person, file)
    except ImageRefused as refusal:
        return refusal


@contextmanager
def _said_as_faults() -> Iterator[None]:
    try:
        yield
    except ImageRefused as refusal:
        raise _refused(str(refusal)) from refusal
    except storage.StorageAwayError:
        raise
    except OSError as error:
        raise _refused(NO_FILE) from error


def _refused(template: str, **params: object) -> ChoiceRefused:
    return ChoiceRefused(Fault("input_images", template, params))
