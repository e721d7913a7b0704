"""Read guest links: which link a token opens, which pictures it shows now, how many visits."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest

from django.db.models import F, QuerySet, Sum
from django.utils import timezone
from django.utils.crypto import salted_hmac

from omixa_studio.filters import Values
from omixa_studio.models import (
    Access,
    Collection,
    GuestLink,
    LinkPicture,
    LinkVisits,
    Person,
    Picture,
)

from .blind_tests import being_judged
from .collections import beside, gallery_of
from .galleries import Gallery, page_in
from .gallery_pages import Page
from .pictures import visible_to

TOKEN_BYTES = 24
LATEST_LINKS = 100


@dataclass(frozen=True)
class OpenLink:
    """A link that is open. Of a live collection `searched` are the clean values of its query.

    They are None if it cannot be read: then it shows nothing, instead of everything. `team` is
    whether the query searches the pictures shared with the team.
    """

    link: GuestLink
    searched: Values | None = None
    team: bool = False


def token_of(link: GuestLink) -> str:
    """Return the token of a link; "" if it was made with another secret key of the studio."""
    token = token_for(link.seed)
    return token if compare_digest(digest_of(token), link.digest) else ""


def token_for(seed: str) -> str:
    """Return the token that follows from a seed and the secret key: 192 bits."""
    mac = salted_hmac("omixa_studio.guest_link", seed, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac[:TOKEN_BYTES]).decode("ascii")


def digest_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_link(token: str) -> GuestLink | None:
    """Return the link that a token opens now; None if it never existed, ended or was revoked."""
    found = GuestLink.objects.filter(digest=digest_of(token)).select_related("person", "collection")
    link = found.first()
    return link if link and is_open(link, timezone.now()) else None


def is_open(link: GuestLink, now: datetime) -> bool:
    """Return whether guests can open a link at a moment."""
    ended = link.expires_at is not None and link.expires_at <= now
    closed = link.collection is not None and not _opens(link.person, link.collection)
    return link.person.is_active and link.revoked_at is None and not ended and not closed


def links_of_person(person: Person) -> QuerySet[GuestLink]:
    """Return a person's links, newest first; the oldest beyond LATEST_LINKS are left out."""
    found = GuestLink.objects.filter(person=person).select_related("person", "collection")
    return found.order_by("-id")[:LATEST_LINKS]


def links_of_others(person: Person) -> QuerySet[GuestLink]:
    """Return the newest links of other people that are not revoked, for an admin."""
    found = GuestLink.objects.exclude(person=person).filter(revoked_at=None)
    return found.select_related("person", "collection").order_by("-id")[:LATEST_LINKS]


def links_with(picture: Picture, person: Person) -> list[GuestLink]:
    """Return the open links of a person at which guests may comment on a picture."""
    rows = GuestLink.objects.filter(person=person, comments=True, revoked_at=None)
    known = rows.filter(numbers__picture=picture).select_related("person", "collection")
    now = timezone.now()
    return [link for link in known.order_by("-id")[:LATEST_LINKS] if is_open(link, now)]


def visits_of(links: Iterable[GuestLink]) -> Mapping[int, int]:
    """Return how often each link was visited, by its id."""
    rows = LinkVisits.objects.filter(link__in=[link.pk for link in links])
    return dict(rows.values("link").annotate(all=Sum("count")).values_list("link", "all"))


def gallery_at(shown: OpenLink) -> Gallery:
    """Return the pictures that a link shows now, in its order.

    Its maker sees them, they are not in the trash, and nobody judges them blind.
    """
    link, person = shown.link, shown.link.person
    if link.collection is None:
        found = _numbered(link)
    else:
        found = gallery_of(link.collection, person, {}, shown.searched or {}, team=shown.team)
        if link.collection.is_live and not shown.searched:
            found = replace(found, rows=found.rows.none())
    return replace(found, rows=found.rows.filter(~being_judged()))


def picture_at(shown: OpenLink, number: int) -> Picture | None:
    """Return the picture with a number at a link, if the link still shows it."""
    # By its id, known before: a database would look through the collection for it otherwise.
    pk = _id_of(shown.link, number)
    if pk is None:
        return None
    rows = gallery_at(shown).rows.select_related("generation", "person").filter(pk=pk)
    return next(iter(rows[:1]), None)


def page_at_link(shown: OpenLink, *, before: int | None, after: int | None) -> Page:
    """Return the pictures before or after the one with a number, else the first ones."""
    gallery, number = gallery_at(shown), after if before is None else before
    pk = None if number is None else _id_of(shown.link, number)
    if pk is None or not gallery.spot(pk).exists():
        return page_in(gallery, None)
    return page_in(gallery, ("before" if before is None else "after", pk))


def beside_at_link(shown: OpenLink, picture: Picture) -> tuple[Picture | None, Picture | None]:
    """Return the pictures before and after one of a link."""
    ids = beside(gallery_at(shown), picture.pk)
    found = Picture.objects.in_bulk([pk for pk in ids if pk])
    return found.get(ids[0] or 0), found.get(ids[1] or 0)


def numbers_of(link: GuestLink, pictures: Iterable[Picture]) -> dict[int, int]:
    """Return the numbers that pictures have at a link, by their ids."""
    rows = LinkPicture.objects.filter(link=link, picture__in=[one.pk for one in pictures])
    return dict(rows.values_list("picture", "number"))


def _opens(person: Person, collection: Collection) -> bool:
    """Return whether a person may still open a collection, and it exists."""
    theirs = collection.owner_id == person.pk or collection.access != Access.PRIVATE
    return theirs and collection.deleted_at is None


def _numbered(link: GuestLink) -> Gallery:
    """Return the pictures that a link was made of."""
    rows = visible_to(link.person).filter(guest_numbers__link=link)
    numbers = LinkPicture.objects.filter(link=link)
    return Gallery(
        kind="guests",
        rows=rows.annotate(item_position=F("guest_numbers__number")),
        moment="item_position",
        forwards=True,
        spots=lambda pk: numbers.filter(picture=pk).values("number"),
    )


def _id_of(link: GuestLink, number: int) -> int | None:
    rows = LinkPicture.objects.filter(link=link, number=number)
    return rows.values_list("picture", flat=True).first()
