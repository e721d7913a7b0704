"""Find the pictures of a selection: count them, and read their ids in batches."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import Count, DateTimeField, ExpressionWrapper, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from omixa_studio.filters.selection import Edge, GalleryAddress, Range, Selection
from omixa_studio.forms.collections import read_query
from omixa_studio.models import Person, Picture

from . import collections, galleries
from .galleries import Gallery
from .pictures import known_to, visible_to

IDS_AT_A_TIME = 250
TIMES = ("created_at", "trashed_at", "item_created_at")


@dataclass(frozen=True)
class Position:
    """A position in the order of a gallery: what it is sorted by, as JSON, and the picture's id.

    A range that begins or ends here has the picture itself if it is `inside`.
    """

    value: str | int
    picture: int
    inside: bool = True


@dataclass(frozen=True)
class Stretch:
    """A range whose ends are positions, so that it outlives its pictures; None is open."""

    first: Position | None = None
    last: Position | None = None


@dataclass(frozen=True)
class Tally:
    """The number of pictures of a selection, and how many of them are the person's own."""

    count: int
    own: int


@dataclass(frozen=True)
class Resolved:
    """A selection, with its ranges as positions."""

    selection: Selection
    stretches: Sequence[Stretch]

    def first(self, person: Person, most: int) -> list[int]:
        """Return at most so many ids, the first ones; single ones may not be visible."""
        if self.selection.gallery is None:
            return list(self.selection.ids)[:most]
        return first_ids(person, self.selection, self.stretches, own=False, most=most)


def gallery_at(person: Person, where: GalleryAddress) -> Gallery | None:
    """Return the pictures that a person sees in a gallery; None if there is no such gallery."""
    if where.route != "collection":
        kind = "mine" if where.route == "gallery" else where.route
        return galleries.gallery_of(kind, person, where.values)
    collection = collections.readable_by(person).filter(pk=where.number or 0).first()
    if collection is None:
        return None
    live = read_query(collection.query)
    return collections.gallery_of(collection, person, where.values, live.values, team=live.team)


def stretches_of(person: Person, gallery: Gallery, ranges: Sequence[Range]) -> list[Stretch] | None:
    """Return ranges of a gallery as positions; None if the picture at an end of one is gone."""
    ends = {end.picture for one in ranges for end in (one.first, one.last) if end}
    known = dict(_with_values(_ever_in(gallery, person).filter(pk__in=ends), gallery))
    if len(known) < len(ends):
        return None

    def position(end: Edge | None) -> Position | None:
        return Position(known[end.picture], end.picture, end.inside) if end else None

    return [Stretch(position(one.first), position(one.last)) for one in ranges]


def found_by(person: Person, selection: Selection, stretches: Sequence[Stretch]) -> Tally:
    """Count the pictures of a selection that a person sees; exact."""
    mine = Count("pk", filter=Q(person=person))
    counts = [
        part.rows.aggregate(count=Count("pk"), own=mine)
        for part in _parts(person, selection, stretches)
    ]
    return Tally(sum(one["count"] for one in counts), sum(one["own"] for one in counts))


def private_among(person: Person, selection: Selection, stretches: Sequence[Stretch]) -> int:
    """Count the person's own pictures of a selection that nobody else sees; exact."""
    parts = _parts(person, selection, stretches)
    return sum(one.rows.filter(person=person, shared=False).count() for one in parts)


def ids_after(
    person: Person,
    selection: Selection,
    stretches: Sequence[Stretch],
    cursor: Any = None,
    *,
    own: bool,
    most: int = IDS_AT_A_TIME,
) -> tuple[list[int], Any]:
    """Return the next ids of a selection, and the cursor after them: JSON, None at the end.

    With `own` only the person's own pictures. Pictures that leave the selection meanwhile, or come
    into it, do not move the others.
    """
    number, last = cursor or (0, None)
    for part in _parts(person, selection, stretches)[number:]:
        rows = part.rows.filter(person=person) if own else part.rows
        if last:
            rows = rows.filter(_after(part, Position(last[0], last[1], inside=False)))
        found = list(_with_values(replace(part, rows=rows).ordered, part)[:most])
        if found:
            pk, value = found[-1]
            return [pk for pk, _value in found], [number, [value, pk]]
        number, last = number + 1, None
    return [], None


def first_ids(
    person: Person, selection: Selection, stretches: Sequence[Stretch], *, own: bool, most: int
) -> list[int]:
    """Return at most so many ids of a selection, the first ones; with `own` only own pictures."""
    found: list[int] = []
    cursor: Any = None
    while len(found) < most:
        pks, cursor = ids_after(
            person,
            selection,
            stretches,
            cursor,
            own=own,
            most=min(most - len(found), IDS_AT_A_TIME),
        )
        if not pks:
            break
        found += pks
    return found


def _parts(person: Person, selection: Selection, stretches: Sequence[Stretch]) -> list[Gallery]:
    """Return the pictures in the ranges, and the single ones that are in none."""
    gallery = gallery_at(person, selection.gallery) if selection.gallery else None
    within = _within(gallery, selection, stretches) if gallery and stretches else None
    parts = [replace(gallery, rows=within)] if gallery and within is not None else []
    if selection.ids:
        in_trash = gallery is not None and gallery.kind == "trash"
        seen = gallery.rows if gallery and in_trash else visible_to(person)
        single = seen.filter(pk__in=selection.ids).exclude(pk__in=selection.without)
        if within is not None:
            single = single.exclude(pk__in=within.filter(pk__in=selection.ids).values("pk"))
        parts.append(Gallery(kind="ids", rows=single, moment="pk"))
    return parts


def _within(
    gallery: Gallery, selection: Selection, stretches: Sequence[Stretch]
) -> QuerySet[Picture]:
    rows = gallery.rows
    if selection.without:
        rows = rows.exclude(pk__in=selection.without)
    if selection.as_of:
        rows = rows.filter(pk__lte=selection.as_of)
    within = [
        _after(gallery, stretch.first) & _before(gallery, stretch.last) for stretch in stretches
    ]
    return rows.filter(reduce(or_, within)) if all(within) else rows


def _after(gallery: Gallery, position: Position | None) -> Q:
    return _beside(gallery, position, "gt" if gallery.forwards else "lt")


def _before(gallery: Gallery, position: Position | None) -> Q:
    return _beside(gallery, position, "lt" if gallery.forwards else "gt")


def _beside(gallery: Gallery, position: Position | None, side: str) -> Q:
    """Return the condition to be on a side ("lt" or "gt") of a position in the order."""
    if position is None:
        return Q()
    value = _comparable(gallery, position.value)
    same = Q(**{f"pk__{side}e" if position.inside else f"pk__{side}": position.picture})
    # The first condition alone lets an index be used.
    near = Q(**{f"{gallery.moment}__{side}e": value})
    return near & (Q(**{f"{gallery.moment}__{side}": value}) | same)


def _comparable(gallery: Gallery, value: str | int) -> Any:
    """Return a value of `_with_values` so that the database compares it exactly."""
    if gallery.moment not in TIMES:
        return value
    if connection.vendor == "sqlite":
        return ExpressionWrapper(Value(value, TextField()), output_field=DateTimeField())
    return datetime.fromisoformat(str(value))


def _with_values(
    rows: QuerySet[Picture], gallery: Gallery
) -> "QuerySet[Picture, tuple[int, str | int]]":
    """Return ids with what they are sorted by, as JSON.

    SQLite compares times as text, and has them with three places of a second or with six: read as a
    time and written back, one may not be equal to itself.
    """
    text = Cast(gallery.moment, TextField()) if gallery.moment in TIMES else gallery.moment
    return rows.values_list("pk", text)


def _ever_in(gallery: Gallery, person: Person) -> QuerySet[Picture]:
    """Return the pictures that may be the end of a range, also those that left the gallery."""
    if gallery.spots:
        return gallery.rows
    return known_to(person).filter(**{f"{gallery.moment}__isnull": False})
