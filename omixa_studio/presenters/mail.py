"""The mail about new notices, and that with a link, in the language of its reader."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.directions import isolated, without_controls
from omixa_studio.models import Notice, Person
from omixa_studio.queries.mail import MOST_IN_A_MAIL

from .comments import approval_words, author_of
from .news import said, text_of

LONGEST_QUOTED = 500


def mail_of(person: Person, notices: Sequence[Notice]) -> EmailMessage:
    """Return the mail to a person about notices; it tells how to get no more of them."""
    with translation.override(person.language or settings.LANGUAGE_CODE):
        lines = [_line(one) for one in notices[-MOST_IN_A_MAIL:]]
        told = {
            "lines": lines,
            "more": len(notices) - len(lines),
            "notices": _address("notices"),
            "account": _address("account"),
        }
        return EmailMessage(
            subject=f"Omixa Studio: {_subject(notices)}",
            body=render_to_string("notices/mail.txt", told),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[person.email],
            headers={
                "List-Unsubscribe": f"<{_address('account')}>",
                "Auto-Submitted": "auto-generated",
            },
        )


def reset_mail(person: Person, secret: str) -> EmailMessage:
    """Return the mail with the link at which a person chooses a new password."""
    with translation.override(person.language or settings.LANGUAGE_CODE):
        told = {
            "name": isolated(without_controls(person.username)),
            "link": _address("password_reset", secret),
        }
        return EmailMessage(
            subject=f"Omixa Studio: {_('A new password')}",
            body=render_to_string("account/reset_mail.txt", told),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[person.email],
            headers={"Auto-Submitted": "auto-generated"},
        )


def _subject(notices: Sequence[Notice]) -> str:
    """Return the one piece of news, or how many there are of what."""
    count = len(notices)
    if all(one.comment for one in notices):
        counted = ngettext("%(count)s new comment", "%(count)s new comments", count)
    elif count == 1:
        return " ".join(said(notices[0]).split())
    else:
        counted = ngettext("%(count)s new notice", "%(count)s new notices", count)
    return counted % {"count": count}


def _line(notice: Notice) -> dict[str, str]:
    comment = notice.comment
    if comment is None:
        text = text_of(notice)[:LONGEST_QUOTED]
        return {"news": said(notice), "text": text, "path": f"{settings.STUDIO_URL}{notice.path}"}
    return {
        "author": isolated(without_controls(author_of(comment))),
        "guest": _("guest") if comment.guest else "",
        "said": approval_words(comment.approval),
        "text": without_controls(comment.text[:LONGEST_QUOTED]),
        "path": f"{_address('picture_comments', comment.picture_id)}#comment-{comment.pk}",
    }


def _address(name: str, *args: int | str) -> str:
    return f"{settings.STUDIO_URL}{reverse(name, args=args)}"
