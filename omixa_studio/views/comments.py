"""The comments on a picture, by people who may see it."""

from dataclasses import replace

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.comments import CommentAsked, read_comment
from omixa_studio.models import Comment, GuestLink, Picture
from omixa_studio.presenters.comments import thread_of
from omixa_studio.presenters.ratios import TEXTS
from omixa_studio.queries.comments import changeable_by
from omixa_studio.queries.guests import links_with
from omixa_studio.queries.pictures import visible_to
from omixa_studio.sentences import say
from omixa_studio.services import comments
from omixa_studio.services.comments import Author

from . import respond
from .requests import PersonRequest, actor_of, click_of

CLOSED = N_(
    "Guests cannot read it any more: their link was closed. Choose again who shall read it."
)
TOO_MANY = N_("You wrote many comments in the last hour. Wait a little; your text is still here.")


@require_http_methods(["GET", "HEAD", "POST"])
def of_picture(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the comments on a picture; a form adds one, or says whether the picture is approved."""
    picture = get_object_or_404(visible_to(request.user).select_related("generation"), pk=pk)
    if request.method != "POST":
        return _show(request, picture)
    asked = read_comment(request.POST)
    if not asked.faults and not ratelimit.consume(request, action="comment"):
        asked = replace(asked, faults=(Fault("text", TOO_MANY, {}),))
    link = _link(request, picture, asked)
    if not asked.faults and asked.link_id is not None and link is None:
        asked = replace(asked, faults=(Fault("text", CLOSED, {}),))
    if asked.faults:
        return _show(request, picture, asked=asked, status=422)
    author = Author(person=request.user, link=link)
    click = click_of(request, [request.user.pk])
    comments.add_comment(picture, author, asked.text, approval=asked.approval, click=click)
    if respond.wants_part(request):
        picture.refresh_from_db(fields=["approval"])
        return _show(request, picture)
    return respond.see_other(f"{reverse('picture_comments', args=[pk])}#comments")


@require_POST
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Change the text of a comment of one's own."""
    comment = get_object_or_404(changeable_by(request.user), pk=pk, deleted_at=None)
    asked = read_comment(request.POST, approves=False)
    if asked.faults and not (comment.approval and not asked.text):
        messages.error(request, " ".join(say(fault) for fault in asked.faults))
        return respond.back(request, _path(comment), refused=True)
    comments.change_comment(comment, asked.text)
    return _after(request, comment)


@require_POST
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a comment of one's own, or one on a picture of one's own, with an undo."""
    comment = get_object_or_404(changeable_by(request.user, removes=True), pk=pk)
    if comments.delete_comment(comment, by=actor_of(request)):
        undo = reverse("comment_restore", args=[pk])
        messages.success(request, _("Comment deleted."), extra_tags=f"undo:{undo}")
    return _after(request, comment)


@require_POST
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Restore a deleted comment."""
    comment = get_object_or_404(changeable_by(request.user, removes=True), pk=pk)
    anybodys = request.user.is_admin
    if comments.restore_comment(comment, by=actor_of(request), anybodys=anybodys):
        messages.success(request, _("Restored."))
    elif Comment.objects.filter(pk=pk, deleted_at__isnull=False).exists():
        messages.error(request, _("Somebody else removed this comment, so it stays away."))
    return respond.back(request, _path(comment))


def _show(
    request: PersonRequest,
    picture: Picture,
    *,
    asked: CommentAsked | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = {
        "thread": thread_of(picture, request.user, asked=asked),
        "picture": picture,
        "ratio": TEXTS[picture.aspect],
    }
    if respond.wants_part(request):
        response = respond.part(request, "comments/_with_toasts.html", shown)
        response.status_code = status
        return response
    return render(request, "comments/comments.html", shown, status=status)


def _after(request: PersonRequest, comment: Comment) -> HttpResponse:
    """Return to the comments, with what is to be said about them."""
    if not respond.wants_part(request):
        return respond.see_other(respond.came_from(request) or _path(comment))
    picture = get_object_or_404(visible_to(request.user), pk=comment.picture_id)
    return _show(request, picture)


def _link(request: PersonRequest, picture: Picture, asked: CommentAsked) -> GuestLink | None:
    """Return the link whose guests shall read a comment, of those that the person may choose."""
    if asked.link_id is None:
        return None
    chosen = {link.pk: link for link in links_with(picture, request.user)}
    return chosen.get(asked.link_id)


def _path(comment: Comment) -> str:
    return reverse("picture_comments", args=[comment.picture_id])
