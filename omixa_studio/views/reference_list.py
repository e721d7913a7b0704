"""The images that the studio's form sends along: its list of references, and what becomes of it."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.urls import reverse

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.generation import Asked, read_ids
from omixa_studio.models import Generation, InputImage, Person, Picture
from omixa_studio.queries.inputs import sent_references, uploads_of, usable_pictures
from omixa_studio.services import inputs, sending
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.submission import ChoiceRefused

GONE = N_("One of the references is no longer stored here; add it again.")
LEFT_OUT = N_("Images that only their owner may see were left out; add others instead.")
NO_PICTURE = N_("There is no such picture.")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An image in the form's list: a stored upload, or a picture of a wall as it is.

    Pixels are those of the image; `bytes` as sent, 0 where nobody knows yet. A spare one is
    more than the model takes.
    """

    kind: str
    pk: int
    source: str
    thumb: str
    width: int
    height: int
    bytes: int = 0
    picture: int | None = None
    spare: bool = False

    @property
    def field(self) -> str:
        return f"{'spare' if self.spare else 'input'}_{self.kind}s"


def of_upload(image: InputImage) -> Reference:
    return Reference(
        kind="upload",
        pk=image.pk,
        source=reverse("input_file", args=[image.pk]),
        thumb=reverse("input_thumb", args=[image.pk]),
        width=image.width,
        height=image.height,
        bytes=image.bytes,
        picture=image.picture_id,
    )


def of_picture(picture: Picture) -> Reference:
    return Reference(
        kind="picture",
        pk=picture.pk,
        source=reverse("picture_preview", args=[picture.pk]),
        thumb=reverse("picture_thumb", args=[picture.pk]),
        width=picture.width,
        height=picture.height,
        picture=picture.pk,
    )


def named_in(person: Person, data: QueryDict) -> list[Reference]:
    """The references that an address or a form names, spare ones last."""
    uploads = (*read_ids(data, "input_uploads"), *read_ids(data, "spare_uploads"))
    wanted = (*read_ids(data, "input_pictures"), *read_ids(data, "spare_pictures"))
    return listed(person, uploads, wanted)


def listed(
    person: Person, uploads: Sequence[int] = (), wanted: Sequence[int] = ()
) -> list[Reference]:
    """The person's own uploads, then pictures they may use, each in the order of the ids."""
    seen = {picture.pk: picture for picture in usable_pictures(person, wanted)}
    chosen = [of_picture(seen[pk]) for pk in wanted if pk in seen]
    return [*map(of_upload, uploads_of(person, uploads)), *chosen]


def sent_before(person: Person, generation: Generation) -> tuple[list[Reference], list[Fault]]:
    """What a generation sent, as references, and what is to be said of those left out.

    Of others' inputs a person may use those that are pictures they see; nothing is copied.
    """
    images = sent_references(generation)
    seen = usable_pictures(person, [image.picture_id for image in images if image.picture_id])
    pictures = {picture.pk: picture for picture in seen}
    references = []
    for image in images:
        if image.person_id == person.pk:
            references.append(of_upload(image))
        elif image.picture_id in pictures:
            references.append(of_picture(pictures[image.picture_id]))
    left_out = len(images) - len(references)
    return references, [Fault("input_images", LEFT_OUT, {})] if left_out else []


def still_there(person: Person, asked: Asked, data: QueryDict) -> list[Reference]:
    """The references of a form that was refused, its files among them: nobody chooses twice."""
    kept = []
    for file in asked.images:
        with suppress(ImageRefused):
            kept.append(of_upload(keep_file(person, file)))
    return [*named_in(person, data), *kept]


def marked(references: Iterable[Reference], most: int) -> list[Reference]:
    """The same references, those spare that are more than a model takes."""
    return [replace(one, spare=place >= most) for place, one in enumerate(references)]


def keep_file(person: Person, file: UploadedFile) -> InputImage:
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


def _mask(person: Person, file: UploadedFile, over: InputImage) -> InputImage:
    try:
        return inputs.keep_mask(person, file, over)
    except ImageRefused as refusal:
        raise _refused("mask", str(refusal)) from refusal


def _refused(field: str, sentence: str) -> ChoiceRefused:
    return ChoiceRefused((Fault(field, sentence, {}),))
