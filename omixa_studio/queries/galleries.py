"""Galleries of any length: their order, a window of their pictures, the place of one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone

from omixa_studio.filters import Values
from omixa_studio.models import Person, Picture

from . import pictures
from .gallery_pages import PAGE_LENGTH, Page
from .month_counts import CountedMonth, counted_months_of
from .pictures import known_to, tiles_among, with_prompts
from .prompt_hits import NEVER, Attempt, PageStart

# Every so many pictures a geometry names one, from which windows are counted.
EVERY = 256


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """Pictures in one total order: by the time in `moment`, then by id, newest first.

    `rows` are in no order. `forwards` is an order by hand: `moment` is a position that grows.
    `spots` returns the moment of a picture where that is not a column of its own; else `viewer`
    is the id of the person who may know it, of own and shared pictures. `counts` names
    the counted months, GalleryKind and person, of which all its pictures are; it can be `filtered`,
    and what filters it without being in the address is in its `stamp`.
    `near` yields the pictures of a search from some place on, see prompt_hits.attempts.
    """

    kind: str
    rows: QuerySet[Picture]
    counts: tuple[str, int] | None = None
    target: str = ""
    stamp: str = ""
    viewer: int | None = None
    moment: str = "created_at"
    filtered: bool = False
    forwards: bool = False
    spots: Callable[[int], QuerySet[Any]] | None = None
    near: Callable[[PageStart], Iterator[Attempt]] | None = None

    @property
    def is_counted(self) -> bool:
        """Return whether what is counted of its months is what it shows."""
        return bool(self.counts) and not self.filtered

    def counted_months(self) -> Sequence[CountedMonth]:
        """Return what is counted of its months, before any filter; nothing if it has no counts."""
        return counted_months_of(*self.counts, target=self.target) if self.counts else []

    @property
    def ordered(self) -> QuerySet[Picture]:
        sign = "" if self.forwards else "-"
        return self.rows.order_by(f"{sign}{self.moment}", f"{sign}id")

    def following(self, pk: int) -> QuerySet[Picture]:
        """Return the pictures from one on, itself included, in their order."""
        rows, beyond = self._split(pk, forwards=self.forwards)
        return rows.exclude(beyond)

    def preceding(self, pk: int) -> QuerySet[Picture]:
        """Return the pictures above one, without it, in the order of the gallery."""
        rows, beyond = self._split(pk, forwards=not self.forwards)
        return rows.exclude(beyond).exclude(pk=pk)

    def spot(self, pk: int) -> QuerySet[Any]:
        """Return the moment of a picture, in the gallery or not, as rows of one column."""
        if self.spots:
            return self.spots(pk)
        found: QuerySet[Any] = Picture.objects.filter(pk=pk)
        if self.viewer is not None:
            found = found.filter(Q(person=self.viewer) | Q(shared=True))
        return found.values(self.moment)

    def _split(self, pk: int, *, forwards: bool) -> tuple[QuerySet[Picture], Q]:
        # A subquery, since SQLite compares times as text: see gallery_pages._moment.
        spot = Subquery(self.spot(pk)[:1])
        side, other = ("gte", "lt") if forwards else ("lte", "gt")
        rows = self.ordered.filter(**{f"{self.moment}__{side}": spot})
        return rows, Q(**{self.moment: spot, f"id__{other}": pk})


def gallery_of(kind: str, person: Person, values: Values, *, target: str = "") -> Gallery:
    """Return "mine", "team" or "trash", as a person sees it, narrowed to the values of filters."""
    if kind == "trash":
        rows, moment = pictures.trash_of(person, values), "trashed_at"
    else:
        rows = pictures.gallery(person, team=kind == "team", sought=values)
        moment = "created_at"
    is_listed = kind != "trash" and any(name in values for name in pictures.LISTED)
    return Gallery(
        rows=rows.order_by(),
        kind=kind,
        counts=(kind, 0 if kind == "team" else person.pk),
        target=target,
        viewer=person.pk,
        moment=moment,
        filtered=bool(values),
        near=partial(pictures.attempts_of, person, values, kind == "team") if is_listed else None,
    )


def has_place(gallery: Gallery, person: Person, pk: int) -> bool:
    """Return whether a person may know where a picture is: own, even in the trash, or shared."""
    if gallery.spots:
        return gallery.spot(pk).exists()
    return known_to(person).filter(pk=pk, **{f"{gallery.moment}__isnull": False}).exists()


def window(gallery: Gallery, pk: int | None, *, skip: int, count: int) -> Sequence[Picture]:
    """Return up to `count` pictures, `skip` behind a picture, else behind the first; for tiles."""
    if gallery.near:
        return _window_near(gallery, gallery.near, pk, slice(skip, skip + count))
    rows = gallery.ordered if pk is None else gallery.following(pk)
    if gallery.spots:
        return list(with_prompts(rows)[skip : skip + count])
    return tiles_among(rows.values("pk")[skip : skip + count])


def _window_near(
    gallery: Gallery,
    near: Callable[[PageStart], Iterator[Attempt]],
    pk: int | None,
    part: slice,
) -> Sequence[Picture]:
    at = None if pk is None else gallery.spot(pk).values_list(gallery.moment, flat=True).first()
    found: list[Picture] = []
    for attempt in near(PageStart(at or NEVER)):
        of_attempt = replace(gallery, rows=attempt.rows)
        rows = of_attempt.ordered if pk is None else of_attempt.following(pk)
        found = tiles_among(rows.values("pk")[part])
        if attempt.complete or len(found) == part.stop - part.start:
            break
    return found


def page_in(gallery: Gallery, cursor: tuple[str, int] | None) -> Page:
    """Return the page "before", "after" or "at" a picture of a gallery, or the first one."""
    name, pk = cursor or ("", 0)
    if name == "after":
        near = list(with_prompts(gallery.preceding(pk).reverse())[: PAGE_LENGTH + 1])
        return Page(near[:PAGE_LENGTH][::-1], newer=len(near) > PAGE_LENGTH, older=True)
    rows = gallery.following(pk) if name else gallery.ordered
    rows = rows.exclude(pk=pk) if name == "before" else rows
    found = list(with_prompts(rows)[: PAGE_LENGTH + 1])
    newer = name == "before" or (name == "at" and gallery.preceding(pk).exists())
    return Page(found[:PAGE_LENGTH], newer=newer, older=len(found) > PAGE_LENGTH)


def first_by(gallery: Gallery, day: date) -> int | None:
    """Return the id of the first picture of a day or before it; None if there is none."""
    if gallery.forwards:
        return None
    until = day + timedelta(days=1)
    midnight = datetime(until.year, until.month, until.day, tzinfo=timezone.get_default_timezone())
    older = gallery.ordered.filter(**{f"{gallery.moment}__lt": midnight})
    return older.values_list("pk", flat=True).first()
