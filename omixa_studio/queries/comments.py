"""Read comments and notices: which of them a person or a guest may see and change."""

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet

from omixa_studio.models import Comment, GuestLink, Notice, Person, Picture

from .pictures import visible_to

MOST_COMMENTS = 200
NOTICES_ON_A_PAGE = 50


def comments_on(picture: Picture) -> list[Comment]:
    """Return the latest comments on a picture, oldest first, for people who may see the picture."""
    return _latest(Comment.objects.filter(picture=picture))


def comments_at(link: GuestLink, picture: Picture) -> list[Comment]:
    """Return the latest comments on a picture that the guests of a link may see, oldest first."""
    return _latest(Comment.objects.filter(picture=picture, link=link))


def approvals_at(link: GuestLink, pictures: Iterable[Picture]) -> dict[int, str]:
    """Return what was said last at a link of each picture, by its id."""
    rows = Comment.objects.filter(
        link=link, picture__in=[one.pk for one in pictures], deleted_at=None
    )
    said = rows.exclude(approval="").order_by("id")
    return dict(said.values_list("picture", "approval"))


def changeable_by(person: Person, *, removes: bool = False) -> QuerySet[Comment]:
    """Return the comments on visible pictures that a person may edit.

    Those they may remove include all on their own pictures, and for an admin all.
    """
    rows = Comment.objects.filter(picture__in=visible_to(person))
    if not removes:
        rows = rows.filter(person=person)
    elif not person.is_admin:
        rows = rows.filter(Q(person=person) | Q(picture__person=person))
    return rows.select_related("picture", "person", "link")


def changeable_by_guest(link: GuestLink, guest: str) -> QuerySet[Comment]:
    """Return the comments that a guest's browser left at a link, while it allows comments."""
    if not link.comments:
        return Comment.objects.none()
    rows = Comment.objects.filter(link=link, guest=guest, person=None).exclude(guest="")
    return rows.select_related("picture")


def notices_of(person: Person, *, before: int | None = None) -> Sequence[Notice]:
    """Return a page of a person's notices, newest first; none of a deleted comment.

    One more than NOTICES_ON_A_PAGE tells that there are older ones.
    """
    rows = Notice.objects.filter(person=person, comment__deleted_at=None)
    rows = rows.filter(pk__lt=before) if before else rows
    related = rows.select_related(
        "comment__person", "comment__link", "comment__picture__generation"
    )
    return list(related.order_by("-id")[: NOTICES_ON_A_PAGE + 1])


def _latest(rows: QuerySet[Comment]) -> list[Comment]:
    found = rows.filter(deleted_at=None).select_related("person", "link").order_by("-id")
    return list(found[:MOST_COMMENTS])[::-1]
