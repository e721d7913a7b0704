"""Read what a review leads through: a person's own pictures of a gallery, one after the other."""

from dataclasses import dataclass, replace
from uuid import UUID

from omixa_studio.models import Person, Picture

from .galleries import Gallery
from .runs import runs_of

MOST_COUNTED = 2000


@dataclass(frozen=True, kw_only=True)
class ReviewStep:
    """The picture of a review, the id of the one before it, and how many are left with it.

    `left` counts to MOST_COUNTED + 1. Without a picture the review is at its end.
    """

    picture: Picture | None
    before: int | None
    left: int


def own_of(gallery: Gallery, person: Person, *, unmarked: bool) -> Gallery:
    """Narrow a gallery to the person's own pictures, or those of them without star or verdict."""
    rows = gallery.rows.filter(person=person)
    return replace(gallery, rows=rows.filter(winner=False, verdict="") if unmarked else rows)


def gallery_of_run(person: Person, pk: UUID) -> Gallery | None:
    """Return the pictures of a person's run, oldest first; None if it is not theirs."""
    if not runs_of(person).filter(pk=pk).exists():
        return None
    rows = Picture.objects.filter(generation__group=pk, trashed_at=None)
    return Gallery(kind="run", rows=rows, moment="id", forwards=True)


def step_of(gallery: Gallery, pk: int | None, *, beyond: bool) -> ReviewStep:
    """Return the step at a picture or `beyond` it, also where it was; without one the first."""
    rows = gallery.ordered if pk is None else gallery.following(pk)
    rows = rows.exclude(pk=pk) if beyond and pk else rows
    picture = rows.select_related("generation").first()
    last = pk if picture is None else picture.pk
    above = gallery.preceding(last).reverse() if last else gallery.rows.none()
    return ReviewStep(
        picture=picture,
        before=above.values_list("pk", flat=True).first(),
        left=rows.order_by()[: MOST_COUNTED + 1].count(),
    )
