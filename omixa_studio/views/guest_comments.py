"""What guests say about the pictures of a link, where it allows comments."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.clicks import ClickUnusable, read_click
from omixa_studio.forms.comments import CommentAsked, read_comment
from omixa_studio.models import GuestLink, LinkPicture, Picture
from omixa_studio.presenters.comments import guest_thread
from omixa_studio.presenters.guests import guest_picture_of
from omixa_studio.queries.comments import changeable_by_guest
from omixa_studio.queries.guests import OpenLink, picture_at
from omixa_studio.services import comments
from omixa_studio.services.audit import Actor
from omixa_studio.services.comments import Author
from omixa_studio.visitors import address_of

from .guest_access import Guest, for_guests, keep_guest, may_try, token_in
from .respond import see_other

TOO_MANY = N_("There were many comments in the last hour. Wait a little; your text is still here.")


@require_POST
@for_guests
def add(request: HttpRequest, shown: OpenLink, guest: Guest, number: int) -> HttpResponse:
    """Keep a guest's comment on a picture, or what they say of it."""
    link = shown.link
    picture = picture_at(shown, number) if link.comments else None
    if picture is None:
        raise Http404
    asked = read_comment(request.POST, by_guest=True)
    if asked.faults:
        return _refused(request, link, guest, picture, number, asked)
    if not may_try(request, link, each="guest_comment", all_="guest_comments"):
        late = replace(asked, faults=(Fault("text", TOO_MANY, {}),))
        return _refused(request, link, guest, picture, number, late, status=429)
    author = Author(link=link, guest=guest.digest, guest_name=asked.name)
    comment = comments.add_comment(
        picture, author, asked.text, approval=asked.approval, click=_click(request, guest)
    )
    where = reverse("guest_picture", args=[token_in(request), number])
    response = see_other(f"{where}#comment-{comment.pk}")
    keep_guest(response, request, link, replace(guest, name=asked.name))
    return response


@require_POST
@for_guests
def change(request: HttpRequest, shown: OpenLink, guest: Guest, pk: int) -> HttpResponse:
    """Change the text of a comment that this browser left."""
    link = shown.link
    comment = get_object_or_404(changeable_by_guest(link, guest.digest), pk=pk, deleted_at=None)
    picture = comment.picture
    asked = read_comment(request.POST, approves=bool(comment.approval))
    number = _number(shown, picture)
    if asked.faults and not (comment.approval and not asked.text):
        return _refused(request, link, guest, picture, number, asked)
    if not may_try(request, link, each="guest_comment", all_="guest_comments"):
        late = replace(asked, faults=(Fault("text", TOO_MANY, {}),))
        return _refused(request, link, guest, picture, number, late, status=429)
    comments.change_comment(comment, asked.text)
    where = reverse("guest_picture", args=[token_in(request), number])
    return see_other(f"{where}#comment-{comment.pk}")


@require_POST
@for_guests
def delete(request: HttpRequest, shown: OpenLink, guest: Guest, pk: int) -> HttpResponse:
    """Delete a comment that this browser left."""
    link = shown.link
    comment = get_object_or_404(changeable_by_guest(link, guest.digest), pk=pk)
    comments.delete_comment(comment, by=Actor(address=address_of(request), name=guest.name))
    where = reverse("guest_picture", args=[token_in(request), _number(shown, comment.picture)])
    return see_other(f"{where}#comments")


def _refused(
    request: HttpRequest,
    link: GuestLink,
    guest: Guest,
    picture: Picture,
    number: int,
    asked: CommentAsked,
    *,
    status: int = 422,
) -> HttpResponse:
    """Show the picture with the form as it was typed, and what is wrong with it."""
    token = token_in(request)
    thread = guest_thread(
        link, picture, number, token=token, guest=guest.digest, name=asked.name, asked=asked
    )
    shown = guest_picture_of(link, picture, number, token=token, beside=(None, None), thread=thread)
    context = {"shown": shown, "link": link, "thread": thread}
    return render(request, "guests/picture.html", context, status=status)


def _click(request: HttpRequest, guest: Guest) -> str | None:
    """Return the one-time value of the form; a malformed one counts as none."""
    try:
        return read_click(request.POST, request.FILES, request.path, guest.digest)
    except ClickUnusable:
        return None


def _number(shown: OpenLink, picture: Picture) -> int:
    row = get_object_or_404(LinkPicture, link=shown.link, picture=picture)
    if picture_at(shown, row.number) is None:
        raise Http404(_("This picture is not shown any more."))
    return row.number
