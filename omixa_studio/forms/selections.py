"""The pictures that a form is about: single ones, and ranges of a gallery. Saves nothing."""

import re
from urllib.parse import urlsplit

from django.http import QueryDict
from django.urls import Resolver404, resolve

from omixa_studio.filters.selection import Edge, GalleryAddress, Range, Selection

from .gallery import read_sought

# The galleries that a selection can be made in, by route; whether their filters are the team's.
GALLERIES = {"gallery": False, "team": True, "trash": False, "collection": True}
MOST_IDS = 1000
MOST_RANGES = 200
LONGEST_ADDRESS = 4000
ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
RANGE = re.compile(r"(?:(x?)([1-9][0-9]{0,17}))?-(?:(x?)([1-9][0-9]{0,17}))?", re.ASCII)


class SelectionUnusable(Exception):
    """A selection that no page of the studio sends."""


def read_selection(data: QueryDict) -> Selection:
    """Read the selection of a form.

    `ids` are repeated or separated by commas. With `gallery`, the path and query of a gallery,
    there are also `ranges` of it ("9-3,x1-": from picture 9 to 3 in the order of the gallery, and
    all after picture 1), or `all`; both `without` some ids, and without ids above `as_of`.

    Raises SelectionUnusable.
    """
    ids = _ids(",".join(data.getlist("ids")))
    text = data.get("gallery", "")
    if not text:
        return Selection(ids=ids)
    ranges = (Range(),) if data.get("all") == "1" else _ranges(data.get("ranges", ""))
    newest = data.get("as_of", "")
    if newest and not ID.fullmatch(newest):
        raise SelectionUnusable
    return Selection(
        ids=ids,
        gallery=read_gallery(text),
        text=text,
        ranges=ranges,
        without=_ids(data.get("without", "")),
        as_of=int(newest) if newest else None,
    )


def read_gallery(text: str) -> GalleryAddress:
    """Read the path and query of a gallery. Raises SelectionUnusable."""
    if len(text) > LONGEST_ADDRESS or "\x00" in text:
        raise SelectionUnusable
    try:
        address = urlsplit(text)
        found = resolve(address.path)
        query = QueryDict(address.query)
    except (Resolver404, ValueError) as odd:
        raise SelectionUnusable from odd
    name = found.url_name or ""
    if name not in GALLERIES or address.netloc:
        raise SelectionUnusable
    values = read_sought(query, team=GALLERIES[name]).values
    return GalleryAddress(route=name, number=found.kwargs.get("pk"), values=values)


def _ids(text: str) -> tuple[int, ...]:
    found = [part for part in text.split(",") if part.strip()]
    if len(found) > MOST_IDS or not all(map(ID.fullmatch, found)):
        raise SelectionUnusable
    return tuple(dict.fromkeys(map(int, found)))


def _ranges(text: str) -> tuple[Range, ...]:
    found = [RANGE.fullmatch(part) for part in text.split(",") if part]
    if len(found) > MOST_RANGES or not all(found):
        raise SelectionUnusable
    return tuple(
        Range(_edge(one[1], one[2]), _edge(one[3], one[4])) for one in found if one is not None
    )


def _edge(outside: str | None, picture: str | None) -> Edge | None:
    return Edge(int(picture), inside=not outside) if picture else None
