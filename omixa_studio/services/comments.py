"""Comments on pictures by people and guests, approvals, and the notices that tell of them."""

import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from omixa_studio.models import ActKind, Comment, GuestLink, Notice, Person, Picture

from . import audit
from .audit import Actor
from .notices import count_unread


@dataclass(frozen=True)
class Author:
    """Who comments: a person, or a guest with the name they gave and the digest of their browser.

    A guest always comments at a `link`; a person does if its guests shall see it.
    """

    person: Person | None = None
    link: GuestLink | None = None
    guest: str = ""
    guest_name: str = ""


def add_comment(
    picture: Picture, author: Author, text: str, *, approval: str = "", click: str | None = None
) -> Comment:
    """Keep a comment and tell the picture's maker; `click` is the one-time value of the form.

    The same click again returns the comment it already made. `approval` becomes the picture's.
    Raises IntegrityError if the picture was erased meanwhile.
    """
    comment = Comment(
        picture=picture,
        person=author.person,
        link=author.link,
        guest=author.guest,
        guest_name=author.guest_name,
        text=text,
        approval=approval,
        click=click or uuid.uuid4().hex,
    )
    try:
        with transaction.atomic():
            comment.save(force_insert=True)
            if approval:
                Picture.objects.filter(pk=picture.pk).update(approval=approval)
            _tell(comment)
    except IntegrityError:
        there = Comment.objects.filter(click=comment.click).first()
        if there is None:
            raise
        return there
    return comment


def change_comment(comment: Comment, text: str) -> bool:
    """Replace the text of a comment; return False if it was deleted."""
    there = Comment.objects.filter(pk=comment.pk, deleted_at=None)
    return bool(there.update(text=text, edited_at=Now()))


def delete_comment(comment: Comment, *, by: Actor) -> bool:
    """Delete a comment, recoverably; what it said of the picture no longer counts.

    Returns False if it was deleted already.
    """
    return _set_deleted(comment, by, Comment.objects.all(), deleted=True)


def restore_comment(comment: Comment, *, by: Actor, anybodys: bool = False) -> bool:
    """Restore a comment that one deleted, or one that anybody did.

    Returns False if it is not deleted, or by somebody else: what is removed is not put back by
    its author.
    """
    rows = Comment.objects.all() if anybodys else Comment.objects.filter(deleted_by=by.person_id)
    return _set_deleted(comment, by, rows, deleted=False)


def _set_deleted(comment: Comment, by: Actor, among: QuerySet[Comment], *, deleted: bool) -> bool:
    rows = among.filter(pk=comment.pk, deleted_at__isnull=deleted)
    with transaction.atomic():
        changed = bool(
            rows.update(deleted_at=Now(), deleted_by=by.person_id)
            if deleted
            else rows.update(deleted_at=None, deleted_by=None)
        )
        if changed and comment.approval:
            _approve_anew(comment.picture_id)
        if changed:
            for pk in Notice.objects.filter(comment=comment).values_list("person", flat=True):
                count_unread(pk)
        if changed and deleted and comment.person_id != by.person_id and by.person_id:
            audit.write(
                ActKind.COMMENT_REMOVED,
                by=by,
                whom=comment.person,
                thing=f"picture {comment.picture_id}",
            )
    return changed


def _approve_anew(picture_id: int) -> None:
    """Give a picture the approval of the last comment that says one."""
    said = Comment.objects.filter(picture=picture_id, deleted_at=None).exclude(approval="")
    last = said.order_by("-id").values_list("approval", flat=True).first()
    Picture.objects.filter(pk=picture_id).update(approval=last or "")


def _tell(comment: Comment) -> None:
    """Write a notice for the picture's maker and the maker of the link, except for the author."""
    link = comment.link
    concerned = {comment.picture.person_id, link.person_id if link else None}
    concerned -= {None, comment.person_id}
    active = Person.objects.filter(pk__in=[pk for pk in concerned if pk], is_active=True)
    people = list(active.order_by("pk").values_list("pk", flat=True))
    Notice.objects.bulk_create(Notice(person_id=pk, comment=comment) for pk in people)
    Person.objects.filter(pk__in=people).update(unread=F("unread") + 1)
