"""What stands on a picture: its tags, its note, its verdict, the collections that hold it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from omixa_studio.models import Person, Picture
from omixa_studio.queries.collections import changeable_among, holding
from omixa_studio.queries.tags import tags_of

MOST_SHOWN = 30


@dataclass(frozen=True)
class Held:
    """A tag or a collection of a picture: its name, where it leads, and how it is taken off.

    `off` is the id of a tag, `cover` the path that makes the picture a collection's cover; "" if
    the viewer may not.
    """

    name: str
    path: str
    off: str = ""
    cover: str = ""


@dataclass(frozen=True, kw_only=True)
class Marks:
    """The marks of a picture for one viewer; only its owner changes tags, note and verdict."""

    picture: Picture
    path: str
    mine: bool
    rejected: bool
    tags: Sequence[Held]
    collections: Sequence[Held]


def marks_of(picture: Picture, person: Person) -> Marks:
    """Return the marks of a picture that the person may see."""
    mine = picture.person_id == person.pk
    gallery = reverse("gallery" if mine else "team")
    held = holding(person, picture, most=MOST_SHOWN)
    own = changeable_among(person, [one.pk for one in held])
    return Marks(
        picture=picture,
        path=reverse("picture_marks", args=[picture.pk]),
        mine=mine,
        rejected=mine and bool(picture.verdict),
        tags=[
            Held(tag.name, f"{gallery}?{urlencode({'tag': tag.name})}", str(tag.pk) if mine else "")
            for tag in tags_of(picture)
        ],
        collections=[
            Held(
                one.name,
                reverse("collection", args=[one.pk]),
                cover=reverse("collection_cover", args=[one.pk]) if one.pk in own else "",
            )
            for one in held
        ],
    )
