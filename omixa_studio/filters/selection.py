"""A selection as it is sent: single pictures, ranges of a gallery, everything in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Edge:
    """An end of a range: a picture, which belongs to the range or is just outside of it."""

    picture: int
    inside: bool = True


@dataclass(frozen=True)
class Range:
    """Neighbouring pictures in the order of a gallery; None is the gallery's own end."""

    first: Edge | None = None
    last: Edge | None = None


@dataclass(frozen=True, kw_only=True)
class GalleryAddress:
    """The address of a gallery: its route, the number in it, the clean values of its filters."""

    route: str
    number: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Pictures `ids`, and of a gallery the `ranges` without some, as of the newest id then.

    `text` is the address of the gallery as it was sent.
    """

    ids: tuple[int, ...] = ()
    gallery: GalleryAddress | None = None
    text: str = ""
    ranges: tuple[Range, ...] = ()
    without: tuple[int, ...] = ()
    as_of: int | None = None
