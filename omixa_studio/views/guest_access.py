"""Who opens a guest link: the link of a token, and what the guest's browser keeps of it."""

import hashlib
import secrets
import time
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils import timezone

from omixa_studio.forms.gallery import read_sought
from omixa_studio.forms.generation import read_id
from omixa_studio.hosts import neighbourhood
from omixa_studio.models import GuestLink
from omixa_studio.queries.guests import OpenLink
from omixa_studio.visitors import address_of

from .access import View, guest_at

SALT = "omixa_studio.guest"
COOKIE = f"studio_guest_{settings.COOKIE_ENDING}"
COOKIE_SECONDS = 180 * 24 * 3600
# What guests get is kept from search engines, from other sites, and from every cache.
HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive, noimageindex",
    "Referrer-Policy": "no-referrer",
}
KEEP = "private, no-cache"
LONGEST_GIVEN = 1000
# How many visits of an hour are counted, from one address and in all.
SECONDS_OF_VISITS, MOST_VISITS, MOST_OF_ALL = 3600, 30, 600


@dataclass(frozen=True)
class Guest:
    """What a guest's browser keeps of one link, in a signed cookie sent to that link alone.

    `key` is a secret by which the browser is known for its own comments, `name` the name that the
    guest gave last, `opened` tells which password was given, `seen` the day that was counted last.
    """

    key: str
    name: str = ""
    opened: str = ""
    seen: str = ""

    @property
    def digest(self) -> str:
        """Return what comments store of the browser."""
        return hashlib.sha256(self.key.encode()).hexdigest()


def for_guests(view: View) -> View:
    """Let a view answer guests of an open link: it gets what the link shows, and the guest.

    A link that is not open is 404, whatever the reason; one with a password asks for it first.
    """
    return _for_guests(view, asks=True)


def before_password(view: View) -> View:
    """Let a view answer guests who have not given the password yet."""
    return _for_guests(view, asks=False)


def keep_guest(response: HttpResponse, request: HttpRequest, link: GuestLink, guest: Guest) -> None:
    """Keep what a guest's browser knows of a link."""
    told = [guest.key, guest.name, guest.opened, guest.seen]
    response.set_cookie(
        COOKIE,
        signing.dumps(told, salt=f"{SALT}.{link.pk}", compress=True),
        max_age=COOKIE_SECONDS,
        path=reverse("guest", args=[token_in(request)]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def token_in(request: HttpRequest) -> str:
    """Return the token of the link that a request is for."""
    return str(resolve(request.path).kwargs["token"])


def guest_of(request: HttpRequest, link: GuestLink) -> Guest:
    """Return what the browser keeps of a link; a new guest without it."""
    signed = request.COOKIES.get(COOKIE, "")
    try:
        told = signing.loads(signed, salt=f"{SALT}.{link.pk}", max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return Guest(key=secrets.token_urlsafe(18))
    return Guest(*told)


def opened_by(link: GuestLink) -> str:
    """Return what a browser keeps once the password of a link was given; it ends with it."""
    return hashlib.sha256(link.password.encode()).hexdigest()[:16] if link.password else ""


def seen_today(guest: Guest) -> tuple[Guest, bool]:
    """Return the guest as seen today, and whether that is news."""
    today = timezone.localdate(timezone=timezone.get_default_timezone()).isoformat()
    return replace(guest, seen=today), guest.seen != today


def may_try(request: HttpRequest, link: GuestLink, *, each: str, all_: str) -> bool:
    """Return whether a guest may do so again: limits of one address (`each`), and of the link."""
    whose = f"{link.pk}:{neighbourhood(address_of(request))}"
    own = ratelimit.consume(request, action=each, key=whose)
    return bool(own and ratelimit.consume(request, action=all_, key=str(link.pk)))


def takes_visit(request: HttpRequest, link: GuestLink) -> bool:
    """Return whether one more visit of this hour is counted, from an address and of the link.

    A browser that keeps no cookie is a new visitor each time, and each visit is written.
    """
    hour = int(time.time() / SECONDS_OF_VISITS)
    whose = neighbourhood(address_of(request))
    key = f"visits-{link.pk}-{hour}"
    # At most MOST_OF_ALL addresses: one small entry, which is written at once.
    visits: dict[str, int] = cache.get(key, {})
    own = visits.get(whose, 0)
    if own >= MOST_VISITS or sum(visits.values()) >= MOST_OF_ALL:
        return False
    cache.set(key, {**visits, whose: own + 1}, SECONDS_OF_VISITS)
    return True


def password_page(request: HttpRequest, *, status: int, fault: str = "") -> HttpResponse:
    """Ask for the password of a link; nothing of the link itself is shown.

    The form keeps the number of the picture whose page was asked for.
    """
    shown = {"token": token_in(request), "fault": fault, "number": number_in(request)}
    return render(request, "guests/password.html", shown, status=status)


def number_in(request: HttpRequest) -> int | None:
    """Return the number of the picture that a guest wants to see, in the address or the form."""
    match = request.resolver_match
    number = match.kwargs.get("number") if match else None
    return number or read_id(request.POST.get("picture", ""))


def is_page(request: HttpRequest) -> bool:
    """Return whether a guest asks for a page, not for a file or a change."""
    return request.method in ("GET", "HEAD") and request.path.endswith("/")


def _for_guests(view: View, *, asks: bool) -> View:
    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        link = guest_at(token).link
        if link is None:
            response: HttpResponseBase = render(request, "guests/closed.html", status=404)
        elif asks and guest_of(request, link).opened != opened_by(link):
            response = password_page(request, status=200 if is_page(request) else 403)
        else:
            response = _answer(view, request, link, *args, **kwargs)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response

    return guarded


def _answer(
    view: View, request: HttpRequest, link: GuestLink, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    """Return the view's answer; what is not there leads back to the link, not into the studio."""
    try:
        return view(request, _shown(link), guest_of(request, link), *args, **kwargs)
    except Http404:
        shown = {"token": token_in(request)}
        return render(request, "guests/closed.html", shown, status=404)


def _shown(link: GuestLink) -> OpenLink:
    """Return what a link shows, with the query of a live collection read."""
    if link.collection is None or not link.collection.is_live:
        return OpenLink(link)
    query = QueryDict(link.collection.query)
    team = query.get("in") == "team"
    sought = read_sought(query, team=team)
    return OpenLink(link, None if sought.notes else sought.values, team)
