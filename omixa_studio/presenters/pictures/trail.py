"""The list in which a picture is viewed: a gallery, the board or a run."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from omixa_studio.forms.collections import read_query
from omixa_studio.forms.gallery import Sought
from omixa_studio.models import Collection, Person, Picture
from omixa_studio.queries import collections, gallery_pages, neighbours, pictures


@dataclass(frozen=True, kw_only=True)
class Trail:
    """The list in which a picture is viewed, and its neighbours there.

    `query` encodes the list in an address, with the question mark. `place` is the path of the
    list's entry in the bar, `back` the link to the picture in the list, `name` the text of that
    link. `previous` and `following` are ids, None at an end.
    """

    query: str
    place: str
    back: str
    name: str
    previous: int | None
    following: int | None


def trail_of(
    picture: Picture, person: Person, within: str, sought: Sought, named: int | None = None
) -> Trail:
    """Return the trail named by `within`; the picture's gallery if it is not in that list.

    `within` is "board", "run", "team", "collection" (with the id `named`) or "" for one's own
    gallery.
    """
    mine = picture.person_id == person.pk
    if within == "board" and mine:
        return _along_board(picture, person)
    if within == "run" and mine and neighbours.is_in_run(picture, person):
        return _along_run(picture)
    if within == "collection" and named:
        opened = collections.readable_by(person).filter(pk=named).first()
        trail = opened and _along_collection(picture, person, opened, sought)
        if trail:
            return trail
    return _along_gallery(picture, person, sought, team=within == "team" or not mine)


def trail_query(sought: Sought, *, team: bool) -> str:
    """Return the query that tells a picture's page in which gallery it is viewed."""
    texts: Mapping[str, str] = {"in": "team", **sought.texts} if team else sought.texts
    return f"?{urlencode(texts)}" if texts else ""


def collection_query(pk: int, sought: Sought) -> str:
    """Return the query that tells a picture's page in which collection it is viewed."""
    within = {"in": "collection", "collection": str(pk)}
    return f"?{urlencode({**within, **sought.without(within)})}"


def _along_collection(
    picture: Picture, person: Person, collection: Collection, sought: Sought
) -> Trail | None:
    """Return the trail through a collection, None if the picture is not in it."""
    live = read_query(collection.query)
    values = {name: value for name, value in sought.values.items() if name != "collection"}
    gallery = collections.gallery_of(collection, person, values, live.values, team=live.team)
    if not gallery.rows.filter(pk=picture.pk).exists():
        return None
    previous, following = collections.beside(gallery, picture.pk)
    path = reverse("collection", args=[collection.pk])
    texts = {**sought.without(("collection",)), "at": str(picture.pk)}
    return Trail(
        query=collection_query(collection.pk, sought),
        place=reverse("gallery"),
        back=f"{path}?{urlencode(texts)}",
        name=collection.name,
        previous=previous,
        following=following,
    )


def _along_board(picture: Picture, person: Person) -> Trail:
    previous, following = neighbours.on_board(picture, person)
    studio = reverse("studio")
    return Trail(
        query="?in=board",
        place=studio,
        back=f"{studio}#generation-{picture.generation_id}",
        name=_("Studio"),
        previous=previous,
        following=following,
    )


def _along_run(picture: Picture) -> Trail:
    previous, following = neighbours.in_run(picture)
    return Trail(
        query="?in=run",
        place=reverse("studio"),
        back=reverse("run", args=[picture.generation.group]),
        name=_("Back to the run"),
        previous=previous,
        following=following,
    )


def _along_gallery(picture: Picture, person: Person, sought: Sought, *, team: bool) -> Trail:
    rows = pictures.gallery(person, team=team, sought=sought.values)
    previous, following = gallery_pages.neighbours(rows, person, picture.pk)
    path = reverse("team" if team else "gallery")
    return Trail(
        query=trail_query(sought, team=team),
        place=path,
        back=f"{path}?{urlencode({**sought.texts, 'at': str(picture.pk)})}",
        name=_("Team") if team else _("Gallery"),
        previous=previous,
        following=following,
    )
