"""The comments on a picture, as a person or a guest sees them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.comments import CommentAsked
from omixa_studio.models import Approval, Comment, GuestLink, Person, Picture
from omixa_studio.queries.comments import comments_at, comments_on
from omixa_studio.queries.guests import links_with

APPROVAL_ICONS: Mapping[str, str] = {Approval.APPROVED: "check", Approval.NEEDS_WORK: "edit"}


@dataclass(frozen=True, kw_only=True)
class CommentLine:
    """A comment in words. `where` says who reads it, "" if that goes without saying.

    `change_path` and `delete_path` are "" unless the reader may do so.
    """

    pk: int
    author: str
    by_guest: bool
    text: str
    approval: str
    said: str
    icon: str
    at: datetime
    is_edited: bool
    where: str
    change_path: str
    delete_path: str


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The comments on a picture with the form for another one, and what it is said to be.

    `links` are id and title of the reader's guest links whose guests may read a comment. `asked`
    is what a form that was refused contains.
    """

    lines: Sequence[CommentLine]
    approval: str
    approved: str
    path: str
    click: str
    next_path: str
    by_guest: bool
    links: Sequence[tuple[int, str]] = ()
    asked: CommentAsked | None = None
    name: str = ""


def thread_of(picture: Picture, person: Person, *, asked: CommentAsked | None = None) -> Thread:
    """Return the comments on a picture for a person who may see it."""
    comments = comments_on(picture)
    links = links_with(picture, person)
    return Thread(
        lines=_lines(comments, lambda one: _for_person(one, picture, person, bool(links))),
        approval=picture.approval,
        approved=approval_words(picture.approval),
        path=reverse("picture_comments", args=[picture.pk]),
        click=new_click(),
        next_path=f"{reverse('picture', args=[picture.pk])}#comments",
        by_guest=False,
        links=[(link.pk, title_of_link(link)) for link in links],
        asked=asked,
    )


def guest_thread(
    link: GuestLink,
    picture: Picture,
    number: int,
    *,
    token: str,
    guest: str,
    name: str,
    asked: CommentAsked | None = None,
) -> Thread:
    """Return the comments on a picture that guests of a link see; `guest` is one's own digest."""
    comments = comments_at(link, picture)
    said = [one.approval for one in comments if one.approval]
    return Thread(
        lines=_lines(comments, lambda one: _for_guest(one, token, guest)),
        approval=said[-1] if said else "",
        approved=approval_words(said[-1]) if said else "",
        path=reverse("guest_comments", args=[token, number]),
        click=new_click(),
        next_path="",
        by_guest=True,
        asked=asked,
        name=name,
    )


def author_of(comment: Comment) -> str:
    """Return the name of a comment's author, for people of the studio."""
    if comment.guest:
        return comment.guest_name
    return comment.person.name if comment.person else _("A former member")


def name_for_guests(person: Person | None) -> str:
    """Return the name by which guests know a person: never that of a login."""
    full = person.get_full_name() if person else ""
    return full or _("Studio")


Where = tuple[str, str, str, str]


def _lines(comments: Iterable[Comment], told: Callable[[Comment], Where]) -> list[CommentLine]:
    return [_line(one, *told(one)) for one in comments]


def _line(
    comment: Comment, author: str, where: str, change_path: str, delete_path: str
) -> CommentLine:
    return CommentLine(
        pk=comment.pk,
        author=author,
        by_guest=_is_of_guest(comment),
        text=comment.text,
        approval=comment.approval,
        said=approval_words(comment.approval),
        icon=APPROVAL_ICONS.get(comment.approval, ""),
        at=comment.created_at,
        is_edited=comment.edited_at is not None,
        where=where,
        change_path=change_path,
        delete_path=delete_path,
    )


def _for_person(comment: Comment, picture: Picture, person: Person, has_links: bool) -> Where:
    mine = comment.person_id == person.pk
    removes = mine or person.is_admin or picture.person_id == person.pk
    where = ""
    if comment.link:
        where = _("seen by guests of “%(title)s”") % {"title": title_of_link(comment.link)}
    elif has_links:
        where = _("team only")
    return (
        author_of(comment),
        where,
        reverse("comment_change", args=[comment.pk]) if mine else "",
        reverse("comment_delete", args=[comment.pk]) if removes else "",
    )


def _for_guest(comment: Comment, token: str, guest: str) -> Where:
    mine = _is_of_guest(comment) and comment.guest == guest
    paths = [
        reverse(name, args=[token, comment.pk]) if mine else ""
        for name in ("guest_comment_change", "guest_comment_delete")
    ]
    return comment.guest_name or name_for_guests(comment.person), "", paths[0], paths[1]


def title_of_link(link: GuestLink) -> str:
    """Return the title of a link; without one what it shows."""
    if link.title:
        return link.title
    return link.collection.name if link.collection else _("Link %(n)s") % {"n": link.pk}


def _is_of_guest(comment: Comment) -> bool:
    return bool(comment.guest)


def approval_words(approval: str) -> str:
    """Return what a picture is said to be, in words."""
    return str(Approval(approval).label) if approval else ""
