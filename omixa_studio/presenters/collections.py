"""Collections as screens show them: cards of a list, the head of one, the choices of its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omixa_studio.directions import isolated
from omixa_studio.models import Access, Collection, CollectionOrder, Person, Picture
from omixa_studio.queries import collections as read
from omixa_studio.queries.collections import ArrangedPart

from .pictures.tiles import Tile

# What each access is called in the form, and what a reader is told.
ACCESS: Mapping[str, tuple[Promise, Promise]] = {
    Access.PRIVATE: (gettext_lazy("Only me"), gettext_lazy("only you see it")),
    Access.TEAM_READ: (gettext_lazy("The team can see it"), gettext_lazy("shared with the team")),
    Access.TEAM_WRITE: (
        gettext_lazy("The team can see and change it"),
        gettext_lazy("the team can add and arrange pictures"),
    ),
}
ORDERS: Mapping[str, Promise] = {
    CollectionOrder.MANUAL: gettext_lazy("As arranged"),
    CollectionOrder.TIME: gettext_lazy("Newest first"),
}


@dataclass(frozen=True)
class Offered:
    """A choice of the form: its value, its label, whether it is the present one."""

    value: str
    label: Promise
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class CollectionCard:
    """A collection in a list; `facts` are its count, who may open it and whose it is."""

    pk: int
    path: str
    name: str
    cover: Picture | None
    facts: str
    icon: str
    holds: bool = False


@dataclass(frozen=True, kw_only=True)
class CollectionHead:
    """What stands above the pictures of a collection, and what the viewer may do with it.

    `private` is the number of the viewer's own pictures in it that nobody else sees.
    """

    collection: Collection
    facts: str
    may_fill: bool
    may_change: bool
    may_arrange: bool
    may_share: bool
    private: int
    accesses: Sequence[Offered]
    orders: Sequence[Offered]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A picture to arrange; `earlier` and `later` are the ids it would stand before, "" the end."""

    pk: str
    thumb: str
    alt: str
    earlier: str
    later: str
    may_rise: bool
    may_fall: bool


def cards_of_collections(
    collections: Sequence[Collection], person: Person, *, holding: Sequence[int] = ()
) -> list[CollectionCard]:
    """Return the cards of collections; `holding` are the ids of those with the pictures in hand."""
    covers = read.covers_of(collections, person)
    counts = read.counts_of(collections, person)
    return [
        CollectionCard(
            pk=one.pk,
            path=reverse("collection", args=[one.pk]),
            name=one.name,
            cover=covers.get(one.pk),
            facts=" · ".join(
                [_live_or(_count_said(counts.get(one.pk, 0)), one), _facts(one, person)]
            ),
            icon="search" if one.is_live else "images",
            holds=one.pk in holding,
        )
        for one in collections
    ]


def head_of(collection: Collection, person: Person) -> CollectionHead:
    """Return the head of a collection that the person may open."""
    mine = collection.owner_id == person.pk
    may_fill = read.fillable_by(person).filter(pk=collection.pk).exists()
    shared = collection.is_shared and not collection.is_live
    return CollectionHead(
        collection=collection,
        facts=_live_or(_facts(collection, person), collection),
        may_fill=may_fill,
        may_change=mine or person.is_admin,
        may_arrange=may_fill and collection.order == CollectionOrder.MANUAL,
        may_share=mine,
        private=read.private_in(collection, person).count() if shared else 0,
        accesses=[
            Offered(value, labels[0], value == collection.access)
            for value, labels in ACCESS.items()
        ],
        orders=[Offered(value, label, value == collection.order) for value, label in ORDERS.items()]
        if not collection.is_live
        else [],
    )


def placed(pictures: Sequence[Picture], tiles: Sequence[Tile], part: ArrangedPart) -> list[Placed]:
    """Return the pictures of a part to arrange, each with the places around it."""
    keys = [str(picture.pk) for picture in pictures]
    last = len(keys) - 1
    beyond = str(part.following or "")
    return [
        Placed(
            pk=key,
            thumb=tile.thumb,
            alt=tile.alt,
            earlier=keys[n - 1] if n else "",
            later=keys[n + 2] if n + 2 <= last else beyond,
            may_rise=n > 0,
            may_fall=n < last,
        )
        for n, (key, tile) in enumerate(zip(keys, tiles, strict=True))
    ]


def new_choices() -> list[Offered]:
    """Return who may open a new collection."""
    return [Offered(value, said[0], value == Access.PRIVATE) for value, said in ACCESS.items()]


def _facts(collection: Collection, person: Person) -> str:
    """Return who may open a collection, and whose it is."""
    said = str(ACCESS[collection.access][1])
    if collection.owner_id == person.pk:
        return said
    name = collection.owner.name if collection.owner else _("A former member")
    return f"{isolated(name)} · {said}"


def _live_or(said: str, collection: Collection) -> str:
    return _("live search") if collection.is_live else said


def _count_said(count: int) -> str:
    if count > read.MOST_COUNTED:
        return _("more than %(n)s pictures") % {"n": read.MOST_COUNTED}
    return ngettext("%(n)d picture", "%(n)d pictures", count) % {"n": count}
