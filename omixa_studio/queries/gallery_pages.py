"""Pages of a gallery around a picture, and the pictures beside it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db.models import Q, QuerySet, Subquery

from omixa_studio.filters import Values
from omixa_studio.models import Person, Picture

from .pictures import LISTED, attempts_of, gallery, known_to, tiles_among
from .prepared import AMONG, Prepared
from .prompt_hits import NEVER, Attempt, PageStart

PAGE_LENGTH = 50


@dataclass(frozen=True)
class Page:
    """Part of a gallery, newest first, and whether there is more on either side.

    `among` are the pictures that a search looked at for it; `all_found` if there are no others.
    """

    pictures: Sequence[Picture]
    newer: bool
    older: bool
    among: QuerySet[Picture] | None = None
    all_found: bool = True

    @property
    def older_than(self) -> int | None:
        """Return the id of the oldest picture here if there are older ones, else None."""
        return self.pictures[-1].pk if self.older and self.pictures else None

    @property
    def newer_than(self) -> int | None:
        """Return the id of the newest picture here if there are newer ones, else None."""
        return self.pictures[0].pk if self.newer and self.pictures else None


def page_of(
    person: Person,
    *,
    team: bool,
    sought: Values,
    cursor: tuple[str, int] | None,
    drawable: bool = False,
) -> Page:
    """Return the page "before", "after" or "at" a picture, or the first page without a cursor.

    With `drawable` only of pictures that can be decoded here.
    """
    way, pk = cursor or ("", 0)
    is_listed = any(name in sought for name in LISTED)
    at = made_at(person, pk) if cursor and is_listed else None
    if not is_listed or (cursor and not at):
        rows = gallery(person, team=team, sought=sought, drawable=drawable)
        return PAGES[way](rows, person, pk)
    near = partial(attempts_of, person, sought, team, drawable=drawable)
    start = PageStart(at or NEVER, newer=way == "after")
    page = _first_enough(near(start), way, person, pk)
    if way != "at":
        return page
    above = _first_enough(near(replace(start, newer=True)), "after", person, pk)
    return replace(page, newer=bool(above.pictures))


def neighbours(rows: QuerySet[Picture], person: Person, pk: int) -> tuple[int | None, int | None]:
    """Return the ids of the newer and the older picture next to a picture in a gallery."""
    newer = _newer(rows, person, pk).values_list("id", flat=True).first()
    return newer, _older(rows, person, pk).values_list("id", flat=True).first()


def made_at(person: Person, pk: int) -> datetime | None:
    """Return when a picture was made, if it is the person's own, even in the trash, or shared."""
    return _known(person, pk).values_list("created_at", flat=True).first()


def _first_enough(found: Iterable[Attempt], way: str, person: Person, pk: int) -> Page:
    """Return the page of the first attempt that certainly has all its pictures."""
    for attempt in found:
        page = PAGES[way](attempt.rows.order_by("-created_at", "-id"), person, pk)
        if attempt.complete or (page.newer if way == "after" else page.older):
            break
    return replace(page, among=attempt.among, all_found=attempt.complete)


def first_page(rows: QuerySet[Picture], *_spot: object) -> Page:
    """Return the first page: the newest pictures of a gallery."""
    found = _first(rows)
    return Page(found[:PAGE_LENGTH], newer=False, older=len(found) > PAGE_LENGTH)


def page_before(rows: QuerySet[Picture], person: Person, pk: int) -> Page:
    """Return the page of pictures older than a picture in a gallery."""
    found = first_page(_older(rows, person, pk))
    return Page(found.pictures, newer=True, older=found.older)


def page_after(rows: QuerySet[Picture], person: Person, pk: int) -> Page:
    """Return the page of pictures newer than a picture in a gallery."""
    found = _first(_newer(rows, person, pk))
    return Page(found[:PAGE_LENGTH][::-1], newer=len(found) > PAGE_LENGTH, older=True)


def page_at(rows: QuerySet[Picture], person: Person, pk: int) -> Page:
    """Return the page that begins with a picture, to restore a position."""
    found = first_page(_older(rows, person, pk, including=True))
    return Page(found.pictures, newer=_newer(rows, person, pk).exists(), older=found.older)


def _first(rows: QuerySet[Picture]) -> list[Picture]:
    """Return the pictures of a page and one more, with their prompts read only after the choice."""
    return tiles_among(rows.values("pk")[: PAGE_LENGTH + 1])


PAGES: dict[str, Callable[..., Page]] = {
    "": first_page,
    "before": page_before,
    "after": page_after,
    "at": page_at,
}


def _known(person: Person, pk: int) -> QuerySet[Picture]:
    return known_to(person).filter(pk=pk)


def _is_known(person: Person, pk: int) -> bool:
    return bool(_KNOWN.rows(person, among=[pk]))


_KNOWN = Prepared(lambda person: known_to(person).filter(pk__in=AMONG).values_list("pk", flat=True))


def _older(
    rows: QuerySet[Picture], person: Person, pk: int, *, including: bool = False
) -> QuerySet[Picture]:
    # Ids grow with time, so they are used if the person cannot see the picture itself.
    if not _is_known(person, pk):
        return rows.filter(id__lt=pk)
    same = Q(id__gt=pk) if including else Q(id__gte=pk)
    return rows.filter(created_at__lte=_moment(pk)).exclude(same, created_at=_moment(pk))


def _newer(rows: QuerySet[Picture], person: Person, pk: int) -> QuerySet[Picture]:
    rows = rows.order_by("created_at", "id")
    if not _is_known(person, pk):
        return rows.filter(id__gt=pk)
    return rows.filter(created_at__gte=_moment(pk)).exclude(id__lte=pk, created_at=_moment(pk))


def _moment(pk: int) -> Subquery:
    """Return when a picture was made, as a subquery.

    SQLite compares times as text: one that it wrote itself (".123") is never equal to the same one
    passed as a parameter (".123000").
    """
    return Subquery(Picture.objects.filter(pk=pk).values("created_at"))
