"""The list in which a picture is viewed: a gallery, the board or a run."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from omixa_studio.forms.gallery import Sought
from omixa_studio.models import Person, Picture
from omixa_studio.queries import neighbours, pictures


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


def trail_of(picture: Picture, person: Person, within: str, sought: Sought) -> Trail:
    """Return the trail named by `within`; the picture's gallery if it is not in that list.

    `within` is "board", "run", "team" or "" for one's own gallery.
    """
    mine = picture.person_id == person.pk
    if within == "board" and mine:
        return _along_board(picture, person)
    if within == "run" and mine and neighbours.is_in_run(picture, person):
        return _along_run(picture)
    return _along_gallery(picture, person, sought, team=within == "team" or not mine)


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
    previous, following = pictures.neighbours(rows, person, picture.pk)
    path = reverse("team" if team else "gallery")
    texts: Mapping[str, str] = {"in": "team", **sought.texts} if team else sought.texts
    return Trail(
        query=f"?{urlencode(texts)}" if texts else "",
        place=path,
        back=f"{path}?{urlencode({**sought.texts, 'at': str(picture.pk)})}",
        name=_("Team") if team else _("Gallery"),
        previous=previous,
        following=following,
    )
