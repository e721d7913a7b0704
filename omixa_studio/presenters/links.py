"""The list of guest links: what each shows, allows and how it was used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.models import Collection, GuestLink, Person, Picture
from omixa_studio.queries import guests

from .comments import title_of_link

MOST_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class LinkCard:
    """A guest link in the list. `address` is what guests open, "" if it cannot be told any more.

    `state` is why guests cannot open it, "" if they can; `allows` is what they may do.
    """

    link: GuestLink
    title: str
    shows: str
    address: str
    state: str
    ends: datetime | None
    allows: Sequence[str]
    visits: int
    maker: str
    is_open: bool
    stays_closed: bool


@dataclass(frozen=True, kw_only=True)
class ToShare:
    """What a new link is to show: pictures by `ids` in their order, or a collection, in words.

    `shown` are the first pictures, `sent` the fields of the form or address that chose them, and
    `title` is what guests read without another one.
    """

    ids: Sequence[int]
    shown: Sequence[Picture]
    collection: Collection | None
    sent: Sequence[tuple[str, str]]
    words: str
    title: str

    @property
    def is_nothing(self) -> bool:
        return not self.ids and self.collection is None


def to_share(
    *,
    ids: Sequence[int] = (),
    shown: Sequence[Picture] = (),
    collection: Collection | None = None,
    sent: Sequence[tuple[str, str]] = (),
) -> ToShare:
    """Say what a new link is to show."""
    return ToShare(
        ids=ids,
        shown=shown,
        collection=collection,
        sent=sent,
        words=_what(len(ids), collection),
        title=collection.name if collection else _("Pictures"),
    )


def cards_of_links(links: Iterable[GuestLink], person: Person) -> list[LinkCard]:
    """Return links as cards, for their maker or an admin."""
    found, now = list(links), timezone.now()
    visits = guests.visits_of(found)
    return [_card(link, person, now, visits) for link in found]


def _card(link: GuestLink, person: Person, now: datetime, visits: Mapping[int, int]) -> LinkCard:
    mine = link.person_id == person.pk
    is_open = guests.is_open(link, now)
    # An admin closes the links of others; only their makers hand them out.
    token = guests.token_of(link) if mine and is_open else ""
    return LinkCard(
        link=link,
        title=title_of_link(link),
        shows=_what(link.pictures, link.collection),
        address=f"{settings.STUDIO_URL}{reverse('guest', args=[token])}" if token else "",
        state=_state(link, now),
        ends=link.expires_at,
        allows=_allows(link),
        visits=visits.get(link.pk, 0),
        maker="" if mine else link.person.name,
        is_open=is_open,
        stays_closed=_stays_closed(link),
    )


def _what(count: int, collection: Collection | None) -> str:
    if collection:
        return _("Collection “%(name)s”, as it is at the moment") % {"name": collection.name}
    return ngettext("%(count)s picture", "%(count)s pictures", count) % {"count": count}


def _state(link: GuestLink, now: datetime) -> str:
    if _stays_closed(link):
        return _("revoked by an admin")
    if link.revoked_at:
        return _("revoked")
    if link.expires_at and link.expires_at <= now:
        return _("expired")
    return "" if guests.is_open(link, now) else _("closed")


def _stays_closed(link: GuestLink) -> bool:
    """Return whether somebody else than its maker closed a link."""
    return link.revoked_by not in (None, link.person_id)


def _allows(link: GuestLink) -> list[str]:
    said = (
        (bool(link.password), _("password")),
        (link.downloads, _("downloads")),
        (link.prompts, _("prompts shown")),
        (link.comments, _("comments")),
    )
    return [words for holds, words in said if holds]
