"""Read collections: who may open or change which, their pictures, their covers and counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from omixa_studio.filters import Values
from omixa_studio.models import (
    Access,
    Collection,
    CollectionItem,
    CollectionOrder,
    Person,
    Picture,
)
from omixa_studio.models.search import searchable

from .galleries import Gallery
from .marked import narrowed
from .pictures import gallery, visible_to, with_prompts
from .prepared import AMONG, Prepared

MOST_LISTED = 60
# A list of collections counts no further: it stands for a hundred of them.
MOST_COUNTED = 100
# So many first pictures are looked at for one that the viewer may see.
COVERS_LOOKED_AT = 50
MOST_ARRANGED = 300
# So many of the newest pictures are looked at for private ones: all of 100,000 would take too long.
PRIVATE_LOOKED_AT = 5000


@dataclass(frozen=True)
class CollectionPage:
    """Part of a list of collections, newest first, and the id that the next part is before."""

    collections: Sequence[Collection]
    before: int | None


@dataclass(frozen=True, kw_only=True)
class ArrangedPart:
    """Part of an arranged collection, the number of pictures `above` it, and its neighbours.

    `before` and `following` are the first pictures of the parts around it, None at an end.
    """

    pictures: Sequence[Picture]
    above: int
    before: int | None
    following: int | None


def readable_by(person: Person) -> QuerySet[Collection]:
    """Return the collections a person may open: own ones, and those shared with the team."""
    shared = ~Q(access=Access.PRIVATE)
    rows = Collection.objects.filter(Q(owner=person) | shared, deleted_at=None)
    return rows.select_related("owner")


def fillable_by(person: Person) -> QuerySet[Collection]:
    """Return the collections that a person may add pictures to, remove from and arrange."""
    team = Q(access=Access.TEAM_WRITE)
    return readable_by(person).filter(Q(owner=person) | team, query="")


def changeable_by(person: Person) -> QuerySet[Collection]:
    """Return those a person may rename or delete, also deleted ones: admins the team's too."""
    shared = ~Q(access=Access.PRIVATE) if person.is_admin else Q()
    return Collection.objects.filter(Q(owner=person) | shared)


def changeable_among(person: Person, pks: Sequence[int]) -> set[int]:
    """Return those of some ids whose collections a person may rename or delete."""
    if not pks:
        return set()
    return set(changeable_by(person).filter(pk__in=pks).values_list("pk", flat=True))


def page_of_collections(
    person: Person, *, own: bool, words: str = "", before: int | None = None
) -> CollectionPage:
    """Return a person's own collections, or the others shared with the team, newest first."""
    rows = readable_by(person).order_by("-id")
    rows = rows.filter(owner=person) if own else rows.exclude(owner=person)
    for word in searchable(words).split()[:5]:
        rows = rows.filter(name_search__contains=word)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: MOST_LISTED + 1])
    shown = found[:MOST_LISTED]
    return CollectionPage(shown, shown[-1].pk if len(found) > MOST_LISTED else None)


def named(person: Person, words: str, *, most: int) -> list[Collection]:
    """Return collections a person may open with words in their names, own and newest first."""
    own = page_of_collections(person, own=True, words=words).collections[:most]
    if len(own) == most:
        return list(own)
    others = page_of_collections(person, own=False, words=words).collections
    return [*own, *others][:most]


def gallery_of(
    collection: Collection, person: Person, values: Values, searched: Values, *, team: bool
) -> Gallery:
    """Return the pictures of a collection that a person may see, narrowed to values of filters.

    A live collection has those of its query, whose clean values are `searched`, in the team's
    pictures or its owner's.
    """
    if not collection.is_live:
        return gathered(collection, person, values)
    if team or collection.owner is None:
        rows, counts = gallery(person, team=True, sought=searched), ("team", 0)
    elif collection.owner_id == person.pk:
        rows, counts = gallery(person, sought=searched), ("mine", person.pk)
    else:
        # Counted with the team's: what the owner does in private is not to be told by a version.
        rows = gallery(collection.owner, sought=searched).filter(shared=True)
        counts = ("team", 0)
    found = rows.filter(narrowed(values, person)).order_by()
    stamp = f".{crc32(collection.query.encode()):x}"  # the query can be changed
    return Gallery(
        kind="collection",
        rows=found,
        counts=counts,
        stamp=stamp,
        viewer=person.pk,
        filtered=True,
    )


def gathered(collection: Collection, person: Person, values: Values) -> Gallery:
    """Return the pictures of a collection that is not live, narrowed to values of filters."""
    by_hand = collection.order == CollectionOrder.MANUAL
    column = "position" if by_hand else "created_at"
    seen = visible_to(person).filter(collected__collection=collection)
    known = Q(picture__person=person) | Q(picture__shared=True)
    items = CollectionItem.objects.filter(known, collection=collection)
    moment = f"item_{column}"
    return Gallery(
        kind="collection",
        rows=seen.filter(narrowed(values, person)).annotate(**{moment: F(f"collected__{column}")}),
        moment=moment,
        filtered=bool(values),
        forwards=by_hand,
        spots=lambda pk: items.filter(picture=pk).values(column),
    )


def part_to_arrange(gallery: Gallery, pk: int | None) -> ArrangedPart:
    """Return so many pictures of a gallery from one on, else from the first, ready for tiles."""
    rows = gallery.ordered if pk is None else gallery.following(pk)
    found = list(with_prompts(rows)[: MOST_ARRANGED + 1])
    before = None
    if pk is not None:
        above = gallery.preceding(pk).reverse().values_list("pk", flat=True)[:MOST_ARRANGED]
        before = next(reversed(list(above)), None)
    above_count = 0 if pk is None else gallery.preceding(pk).order_by().count()
    following = found[MOST_ARRANGED].pk if len(found) > MOST_ARRANGED else None
    return ArrangedPart(
        pictures=found[:MOST_ARRANGED], before=before, following=following, above=above_count
    )


def beside(gallery: Gallery, pk: int) -> tuple[int | None, int | None]:
    """Return the ids of the pictures before and after one in a gallery."""
    before = gallery.preceding(pk).reverse().values_list("pk", flat=True).first()
    return before, gallery.following(pk).exclude(pk=pk).values_list("pk", flat=True).first()


def private_in(collection: Collection, person: Person) -> QuerySet[Picture]:
    """Return a person's own pictures in a collection that nobody else sees, of its newest ones."""
    items = CollectionItem.objects.filter(collection=collection).order_by("-picture_id")
    newest = items.values("picture")[:PRIVATE_LOOKED_AT]
    return Picture.objects.filter(person=person, shared=False, trashed_at=None, pk__in=newest)


def counts_of(collections: Sequence[Collection], person: Person) -> dict[int, int]:
    """Return how many pictures of each collection a person may see, up to MOST_COUNTED + 1."""
    return {
        one.pk: gathered(one, person, {}).rows[: MOST_COUNTED + 1].count()
        for one in collections
        if not one.is_live
    }


def covers_of(collections: Sequence[Collection], person: Person) -> dict[int, Picture]:
    """Return a cover for each collection, by its id, that the person may see and a browser draw.

    The chosen one, or one of the first pictures; a live collection only has a chosen one.
    """
    seen = visible_to(person).exclude(thumb="")
    first = CollectionItem.objects.filter(collection=OuterRef(OuterRef("pk")))
    early = Subquery(first.order_by("position", "picture_id").values("picture")[:COVERS_LOOKED_AT])
    chosen = seen.filter(pk=OuterRef("cover")).values("pk")[:1]
    other = seen.filter(pk__in=early).order_by("id").values("pk")[:1]
    rows = Collection.objects.filter(pk__in=[one.pk for one in collections])
    rows = rows.annotate(shown=Coalesce(Subquery(chosen), Subquery(other)))
    shown = dict(rows.values_list("pk", "shown"))
    found = Picture.objects.in_bulk([pk for pk in shown.values() if pk])
    return {key: found[pk] for key, pk in shown.items() if pk in found}


def holding(person: Person, picture: Picture, *, most: int | None = None) -> list[Collection]:
    """Return the first collections with a picture that a person may open, by name."""
    return _HOLDING.rows(person, most, among=[picture.pk])


def _holding(person: Person, most: int | None) -> QuerySet[Collection]:
    held = CollectionItem.objects.filter(collection=OuterRef("pk"), picture__in=AMONG)
    return readable_by(person).filter(Exists(held)).order_by("name_search", "id")[:most]


_HOLDING = Prepared(_holding)
