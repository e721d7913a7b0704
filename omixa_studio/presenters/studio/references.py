"""The references of the studio's form: the images that it sends along."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import Generation, InputImage, Person, Picture
from omixa_studio.queries.inputs import sent_references, uploads_of, usable_pictures

# More tiles would not fit on a phone; models take fewer references.
MOST_LISTED = 16
LEFT_OUT = N_("Images that only their owner may see were left out; add others instead.")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An image in the form's list: a stored upload, or a picture from a gallery.

    Width and height are the image's, in pixels; `bytes` as sent, 0 if not known yet. A spare one
    exceeds what the model takes.
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
    def kind_words(self) -> str:
        """Return the words that describe it if it cannot be seen."""
        if self.kind == "picture" or self.picture:
            return _("Picture from the gallery")
        return _("Uploaded picture")

    @property
    def field(self) -> str:
        return f"{'spare' if self.spare else 'input'}_{self.kind}s"


def of_upload(image: InputImage) -> Reference:
    """Return a stored upload as a reference."""
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
    """Return a picture as a reference; its size in bytes is not known yet."""
    return Reference(
        kind="picture",
        pk=picture.pk,
        source=reverse("picture_preview", args=[picture.pk]),
        thumb=reverse("picture_thumb", args=[picture.pk]),
        width=picture.shown_width,
        height=picture.shown_height,
        picture=picture.pk,
    )


def listed(
    person: Person, uploads: Sequence[int] = (), wanted: Sequence[int] = ()
) -> list[Reference]:
    """Return the person's own uploads, then pictures they may use, each in the order of the ids."""
    seen = {one.pk: one for one in usable_pictures(person, wanted)} if wanted else {}
    chosen = [of_picture(seen[pk]) for pk in wanted if pk in seen]
    return [*map(of_upload, uploads_of(person, uploads)), *chosen]


def sent_before(person: Person, generation: Generation) -> tuple[list[Reference], list[Fault]]:
    """Return what a generation sent, as references, and a fault if some were left out.

    Other people's inputs are usable only if they are pictures that the person may see; nothing is
    copied.
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


def with_spares(references: Iterable[Reference], most: int) -> list[Reference]:
    """Return the same references, marked spare beyond what a model takes."""
    return [replace(one, spare=place >= most) for place, one in enumerate(references)]
