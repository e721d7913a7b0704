"""Pictures for programs: a page of a gallery with the columns that are told, and its count."""

from collections.abc import Sequence
from dataclasses import dataclass

from omixa_studio.filters import Values
from omixa_studio.models import Person, Picture

from . import galleries
from .galleries import Gallery
from .gallery_pages import Page, page_of

MOST_COUNTED = 2000
TOLD = (
    "index",
    "format",
    "width",
    "height",
    "bytes",
    "sha256",
    "thumb",
    "model",
    "operation",
    "shared",
    "winner",
    "verdict",
    "approval",
    "cost_micros",
    "created_at",
    "trashed_at",
    "person_id",
    "project_id",
    "generation__prompt",
    "generation__target",
)


@dataclass(frozen=True)
class PictureCount:
    """How many pictures a gallery has; at least so many if it `is_least`."""

    count: int
    is_least: bool


def page_around(
    person: Person, gallery: Gallery, values: Values, before: int | None
) -> Page | None:
    """Return the page of a gallery that follows a picture, or the first one.

    None if nobody knows where that picture stood: it has left a collection, or the trash.
    """
    cursor = None if before is None else ("before", before)
    if gallery.kind in ("mine", "team"):
        return page_of(person, team=gallery.kind == "team", sought=values, cursor=cursor)
    if before is not None and not galleries.has_place(gallery, person, before):
        return None
    return galleries.page_in(gallery, cursor)


def whole(pictures: Sequence[Picture]) -> list[Picture]:
    """Return the same pictures with everything that programs are told of them. One statement."""
    rows = Picture.objects.filter(pk__in=[one.pk for one in pictures])
    found = {one.pk: one for one in rows.select_related("generation").only(*TOLD)}
    return [found[one.pk] for one in pictures if one.pk in found]


def count_of(gallery: Gallery, page: Page) -> PictureCount:
    """Count a gallery: from its months if nothing filters it, else up to MOST_COUNTED."""
    if gallery.is_counted and gallery.kind != "trash":
        return PictureCount(sum(month.pictures for month in gallery.counted_months()), False)
    looked_at = gallery.ordered if page.among is None else page.among.order_by()
    count = looked_at[: MOST_COUNTED + 1].count()
    is_least = not page.all_found or count > MOST_COUNTED
    return PictureCount(min(count, MOST_COUNTED), is_least)
