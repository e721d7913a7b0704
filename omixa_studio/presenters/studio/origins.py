"""What is known of a file that somebody dropped: a picture of the studio, or its settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from omixa_studio.catalogue import Catalogue
from omixa_studio.forms.origins import Dropped
from omixa_studio.models import Person, Picture
from omixa_studio.presenters.pictures.tiles import title_of
from omixa_studio.queries.similar import of_same_bytes
from omixa_studio.services.xmp import find_packet, read_packet

from .beginnings import from_file


@dataclass(frozen=True, kw_only=True)
class OriginNote:
    """The origin of a file: the picture, if the person may see one, else texts for the form.

    `is_original` is whether the file has the very bytes of the picture.
    """

    model: str
    picture: Picture | None = None
    title: str = ""
    is_original: bool = False
    texts: Mapping[str, str] | None = None
    slug: str = ""


def origin_of(person: Person, catalogue: Catalogue, dropped: Dropped) -> OriginNote | None:
    """Return what is known of a file; None for a stranger's."""
    said = read_packet(find_packet(dropped.content))
    for digest in filter(None, (dropped.sha256, said.sha256 if said else "")):
        for picture in of_same_bytes(digest, person)[:1]:
            model = catalogue.find(picture.model)
            return OriginNote(
                model=model.name if model else picture.model,
                picture=picture,
                title=title_of(picture),
                is_original=digest == dropped.sha256,
            )
    if said is None or not said.settings:
        return None
    beginning = from_file(person, catalogue, said.settings)
    if not beginning.texts:
        return None
    name, slug = beginning.model.name, beginning.model.slug
    prompt = beginning.texts.get("prompt", "")
    return OriginNote(model=name, slug=slug, texts=beginning.texts, title=prompt)
