"""A person's notices: who said what about which picture, and other news."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from omixa_studio.models import Comment, Notice, Person, Picture
from omixa_studio.queries.comments import NOTICES_ON_A_PAGE, notices_of

from .comments import APPROVAL_ICONS, approval_words, author_of
from .news import icon_of, said, text_of
from .pictures.tiles import title_of


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """A notice in words: the author, what they wrote, what they said of the picture.

    News about something else have no picture; `news` is their sentence.
    """

    pk: int
    picture: Picture | None = None
    title: str = ""
    author: str = ""
    news: str = ""
    text: str = ""
    approval: str = ""
    said: str = ""
    icon: str
    at: datetime
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class NoticeSheet:
    """A page of notices; `newest` is the id up to which they are read, `before` of the next page.

    Both are 0 if there is none.
    """

    lines: Sequence[NoticeLine]
    newest: int
    before: int


def notice_sheet(person: Person, *, before: int | None = None) -> NoticeSheet:
    """Read a page of a person's notices, newest first."""
    found = notices_of(person, before=before)
    shown = found[:NOTICES_ON_A_PAGE]
    return NoticeSheet(
        lines=[_line(one) for one in shown],
        newest=shown[0].pk if shown else 0,
        before=shown[-1].pk if len(found) > len(shown) else 0,
    )


def _line(notice: Notice) -> NoticeLine:
    if notice.comment is not None:
        return _of_comment(notice, notice.comment)
    return NoticeLine(
        pk=notice.pk,
        news=said(notice),
        text=text_of(notice),
        icon=icon_of(notice),
        at=notice.created_at,
        is_new=notice.read_at is None,
    )


def _of_comment(notice: Notice, comment: Comment) -> NoticeLine:
    return NoticeLine(
        pk=notice.pk,
        picture=comment.picture,
        title=title_of(comment.picture),
        author=author_of(comment),
        text=comment.text,
        approval=comment.approval,
        said=approval_words(comment.approval),
        icon=APPROVAL_ICONS.get(comment.approval, ""),
        at=comment.created_at,
        is_new=notice.read_at is None,
    )
