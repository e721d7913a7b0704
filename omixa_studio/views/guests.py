"""What guests open: the page of a link, one picture of it, and its password."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.generation import read_id
from omixa_studio.models import GuestLink
from omixa_studio.presenters.comments import guest_thread
from omixa_studio.presenters.guests import guest_gallery_of, guest_picture_of
from omixa_studio.queries import guests
from omixa_studio.queries.guests import OpenLink
from omixa_studio.services import guest_links
from omixa_studio.visitors import address_of

from . import guest_access
from .guest_access import Guest, before_password, for_guests, keep_guest, may_try, token_in
from .respond import see_other


@require_safe
@for_guests
def page(request: HttpRequest, shown: OpenLink, guest: Guest) -> HttpResponse:
    """Show the pictures of a link, from its beginning, or `before` or `after` a number."""
    before, after = (read_id(request.GET.get(name, "")) for name in ("before", "after"))
    link, found = shown.link, guests.page_at_link(shown, before=before, after=after)
    numbers = guest_links.give_numbers(link, found.pictures)
    token = token_in(request)
    found_gallery = guest_gallery_of(link, found, numbers, token=token)
    response = render(
        request, "guests/gallery.html", {"gallery": found_gallery, "link": link, "token": token}
    )
    if request.method == "GET":
        _count(request, response, link, guest)
    return response


@require_safe
@for_guests
def picture(request: HttpRequest, shown: OpenLink, guest: Guest, number: int) -> HttpResponse:
    """Show one picture of a link, large."""
    link, found = shown.link, guests.picture_at(shown, number)
    if found is None:
        raise Http404
    token, thread = token_in(request), None
    if link.comments:
        thread = guest_thread(link, found, number, token=token, guest=guest.digest, name=guest.name)
    beside = guests.beside_at_link(shown, found)
    numbers = guest_links.give_numbers(link, [one for one in beside if one])
    before, after = (numbers.get(one.pk) if one else None for one in beside)
    large = guest_picture_of(
        link,
        found,
        number,
        token=token,
        beside=(before, after),
        thread=thread,
    )
    return render(request, "guests/picture.html", {"shown": large, "link": link, "thread": thread})


@require_POST
@sensitive_post_parameters("password")
@before_password
def enter(request: HttpRequest, shown: OpenLink, guest: Guest) -> HttpResponse:
    """Take the password of a link."""
    link = shown.link
    if not may_try(request, link, each="guest_password", all_="guest_passwords"):
        fault = _("Too many wrong passwords. Wait five minutes and try again.")
        return guest_access.password_page(request, status=429, fault=fault)
    given = request.POST.get("password", "")[: guest_access.LONGEST_GIVEN]
    if link.password and not guest_links.is_password(link, given, address=address_of(request)):
        fault = _("This is not the password of this link.")
        return guest_access.password_page(request, status=422, fault=fault)
    number = guest_access.number_in(request)
    name, args = ("guest_picture", [number]) if number else ("guest", [])
    response = see_other(reverse(name, args=[token_in(request), *args]))
    keep_guest(response, request, link, replace(guest, opened=guest_access.opened_by(link)))
    return response


def _count(request: HttpRequest, response: HttpResponse, link: GuestLink, guest: Guest) -> None:
    """Count the first visit of a browser on a day, but not those of the link's maker.

    Of an address that keeps no cookies only so many are counted.
    """
    seen, is_news = guest_access.seen_today(guest)
    if not is_news or request.user.pk == link.person_id:
        return
    if guest_access.takes_visit(request, link):
        guest_links.count_visit(link, address=address_of(request))
        keep_guest(response, request, link, seen)
