"""Make and change collections; add pictures, remove them, arrange them.

Whatever changes the items of a collection locks its row first, so that two people who change it
at once wait for each other and no picture is in it twice.
"""

from collections.abc import Mapping, Sequence

from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Now

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.collections import CollectionText, read_query
from omixa_studio.models import (
    ActKind,
    Collection,
    CollectionItem,
    CollectionOrder,
    Person,
    Picture,
)
from omixa_studio.queries.gallery_pages import page_of
from omixa_studio.queries.pictures import visible_to

from . import audit
from .audit import Actor
from .curating import lock_pictures
from .refusals import ChoiceRefused

MOST_COLLECTIONS = 200
MOST_ITEMS = 100_000
MOST_DELETED = 20
# The room between the positions of two neighbours, and how many rows are written at a time.
STEP = 1 << 40
BATCH = 500
# So many neighbours on each side are spread if there is no room left between two pictures.
NEAR = 64
# The least room between pictures that are spread, for each one that comes between them.
LEAST_ROOM = 1 << 20
SPREAD = """
    UPDATE omixa_studio_collectionitem SET position = %s + spread.place * %s
    FROM (
        SELECT id AS item, row_number() OVER (ORDER BY position, picture_id) - 1 AS place
        FROM omixa_studio_collectionitem
        WHERE collection_id = %s AND position BETWEEN %s AND %s
    ) AS spread
    WHERE spread.item = omixa_studio_collectionitem.id
"""


def make_collection(person: Person, text: CollectionText, *, query: str = "") -> Collection:
    """Make a collection, a live one if it has a query. Raises ChoiceRefused if there are too many.

    The newest picture that the query finds is its cover. Deleted collections beyond the newest are
    forgotten.
    """
    _forget_deleted(person)
    order = CollectionOrder.TIME if query else text.order
    with transaction.atomic():
        if is_full(_in_turn(person.pk)):
            many = N_("You have %(most)s collections. Delete one to make another.")
            raise ChoiceRefused(Fault("name", many, {"most": MOST_COLLECTIONS}))
        return Collection.objects.create(
            owner=person,
            name=text.name,
            note=text.note,
            access=text.access,
            order=order,
            query=query,
            cover=_first_found(person, query) if query else None,
        )


def change_collection(collection: Collection, text: CollectionText, *, by: Actor) -> None:
    """Rename a collection, and change its note, who may open it and its order."""
    collection.name, collection.note = text.name, text.note
    collection.access = text.access
    collection.order = CollectionOrder.TIME if collection.is_live else text.order
    with transaction.atomic():
        collection.save(update_fields=["name", "name_search", "note", "access", "order"])
        _write(ActKind.COLLECTION_CHANGED, collection, by)


def delete_collection(collection: Collection, *, by: Actor) -> bool:
    """Delete a collection, recoverably; return False if it was deleted already."""
    with transaction.atomic():
        there = Collection.objects.filter(pk=collection.pk, deleted_at=None)
        is_new = bool(there.update(deleted_at=Now(), to_recount=True))
        if is_new:
            recount(collection.pk)
            _write(ActKind.COLLECTION_DELETED, collection, by)
    return is_new


def restore_collection(collection: Collection, *, by: Actor) -> bool:
    """Restore a deleted collection; return False if it is not deleted, or has no room."""
    with transaction.atomic():
        if collection.owner_id and is_full(_in_turn(collection.owner_id)):
            return False
        deleted = Collection.objects.filter(pk=collection.pk, deleted_at__isnull=False)
        was_deleted = bool(deleted.update(deleted_at=None, to_recount=True))
        if was_deleted:
            recount(collection.pk)
            _write(ActKind.COLLECTION_RESTORED, collection, by)
    return was_deleted


def recount(pk: int, *, after: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """Count the next BATCH pictures of a collection in it, or no longer if it is deleted.

    `after` is what the last call returned: how far it came, None at the end.
    """
    with transaction.atomic():
        deleted = Collection.objects.filter(pk=pk, deleted_at__isnull=False).exists()
        items = CollectionItem.objects.filter(collection=pk).order_by("position", "picture")
        if after is not None:
            position, picture = after
            behind = Q(position=position, picture__gt=picture)
            items = items.filter(Q(position__gt=position) | behind, position__gte=position)
        places = list(items.values_list("position", "picture", "pk")[:BATCH])
        lock_pictures([picture for _position, picture, _pk in places])
        wrong = CollectionItem.objects.filter(pk__in=[item for *_at, item in places])
        wrong.filter(counted=deleted).update(counted=not deleted)
    return places[-1][:2] if len(places) == BATCH else None


def recount_deleted_and_restored() -> None:
    """Bring the pictures of collections up to date that were deleted or restored, in batches."""
    for pk, deleted_at in Collection.objects.filter(to_recount=True).values_list(
        "pk", "deleted_at"
    ):
        after = recount(pk)
        while after is not None:
            after = recount(pk, after=after)
        same = Collection.objects.filter(pk=pk, deleted_at=deleted_at)
        same.update(to_recount=False)


def _first_found(person: Person, query: str) -> Picture | None:
    """Return the newest picture that a saved search finds and a browser draws."""
    live = read_query(query)
    found = page_of(person, team=live.team, sought=live.values, cursor=None, drawable=True)
    return next(iter(found.pictures), None)


def is_full(person: Person) -> bool:
    """Return whether a person has as many collections as are kept."""
    return Collection.objects.filter(owner=person, deleted_at=None).count() >= MOST_COLLECTIONS


def set_cover(collection: Collection, picture: Picture | None) -> None:
    """Make a picture the cover of a collection, or none."""
    Collection.objects.filter(pk=collection.pk).update(cover=picture)


@transaction.atomic
def add_pictures(collection: Collection, person: Person, pks: Sequence[int]) -> list[int]:
    """Add pictures at the end, those that the person may see; return the ids of those added.

    At most BATCH at a time. Raises ChoiceRefused if the collection would hold too many.
    """
    _lock(collection)
    items = CollectionItem.objects.filter(collection=collection)
    there = set(items.filter(picture__in=pks).values_list("picture", flat=True))
    seen = visible_to(person).in_bulk([pk for pk in pks if pk not in there])
    new = [seen[pk] for pk in dict.fromkeys(pks) if pk in seen]
    _refuse_more(items, len(new))
    last = items.aggregate(last=Max("position"))["last"]
    start = 0 if last is None else last + STEP
    return _insert(collection, person, new, [start + STEP * n for n in range(len(new))])


def add_many(collection: Collection, person: Person, pks: Sequence[int]) -> list[int]:
    """Add many pictures, as `add_pictures` does, in several short transactions."""
    parts = [pks[start : start + BATCH] for start in range(0, len(pks), BATCH)]
    return [pk for part in parts for pk in add_pictures(collection, person, part)]


@transaction.atomic
def remove_pictures(collection: Collection, pks: Sequence[int]) -> dict[int, int]:
    """Remove pictures from a collection; return the positions of those removed, by id."""
    _lock(collection)
    items = CollectionItem.objects.filter(collection=collection, picture__in=pks)
    removed = dict(items.order_by("position").values_list("picture", "position"))
    lock_pictures(list(removed))
    items.delete()
    return removed


@transaction.atomic
def put_pictures(collection: Collection, person: Person, places: Mapping[int, int]) -> list[int]:
    """Give pictures these positions, adding those that are missing and visible to the person.

    Undoes a removal and a move. Returns the ids of the pictures that now stand there, in
    the order given. Raises ChoiceRefused if the collection would hold too many.
    """
    _lock(collection)
    items = CollectionItem.objects.filter(collection=collection, picture__in=places)
    there = {item.picture_id: item for item in items}
    seen = visible_to(person).in_bulk([pk for pk in places if pk not in there])
    _refuse_more(CollectionItem.objects.filter(collection=collection), len(seen))
    for pk, item in there.items():
        item.position = places[pk]
    CollectionItem.objects.bulk_update(there.values(), ["position"], batch_size=BATCH)
    added = _insert(collection, person, list(seen.values()), [places[pk] for pk in seen])
    return [pk for pk in places if pk in there or pk in added]


@transaction.atomic
def move_pictures(
    collection: Collection, pks: Sequence[int], *, before: int | None
) -> dict[int, int]:
    """Move pictures to stand before another one, or at the end; return their former positions.

    Pictures that are not in the collection are left out; so is everything if `before` is not.
    """
    _lock(collection)
    items = CollectionItem.objects.filter(collection=collection)
    moved = list(items.filter(picture__in=pks).order_by("position", "picture"))
    rest = items.exclude(picture__in=pks)
    if before is not None and not rest.filter(picture=before).exists():
        return {}
    former = {item.picture_id: item.position for item in moved}
    start, step = _room_before(collection, rest, before, len(moved))
    for n, item in enumerate(moved):
        item.position = start + step * (n + 1)
    CollectionItem.objects.bulk_update(moved, ["position"], batch_size=BATCH)
    return former


def _room_before(
    collection: Collection, rest: QuerySet[CollectionItem], before: int | None, count: int
) -> tuple[int, int]:
    """Return where a gap for so many pictures begins, and the step within it; makes room if none.

    A gap lies before one of the `rest`, or behind all of them.
    """
    if before is None:
        last = rest.aggregate(last=Max("position"))["last"]
        return (0 if last is None else last), STEP
    high = rest.get(picture=before).position
    low = rest.filter(position__lt=high).aggregate(last=Max("position"))["last"]
    start = high - STEP * (count + 1) if low is None else low
    step = (high - start) // (count + 1)
    if step:
        return start, step
    _spread(collection, high, count)
    return _room_before(collection, rest, before, count)


def _spread(collection: Collection, around: int, count: int) -> None:
    """Spread the pictures around a position, no more than are needed for `count` between two."""
    items = CollectionItem.objects.filter(collection=collection)
    below = items.filter(position__lt=around).order_by("-position", "-picture")
    above = items.filter(position__gte=around).order_by("position", "picture")
    near, step = NEAR, 0
    while step < LEAST_ROOM * (count + 1):
        ends = [list(side.values_list("position", flat=True)[:near]) for side in (below, above)]
        low, high = min(ends[0] + ends[1]), max(ends[0] + ends[1])
        spread = items.filter(position__range=(low, high)).count()
        # At an end of the collection there is all the room that is wanted.
        is_open = min(map(len, ends)) < near
        step = STEP if is_open else (high - low) // (spread - 1)
        near *= 4
    start = high - STEP * (spread - 1) if is_open and len(ends[0]) < len(ends[1]) else low
    with connection.cursor() as cursor:
        cursor.execute(SPREAD, [start, step, collection.pk, low, high])


def _insert(
    collection: Collection, person: Person, pictures: Sequence[Picture], positions: Sequence[int]
) -> list[int]:
    """Put pictures into a collection; return the ids of those that were not erased meanwhile."""
    there = lock_pictures([picture.pk for picture in pictures])
    counted = Collection.objects.filter(pk=collection.pk, deleted_at=None).exists()
    CollectionItem.objects.bulk_create(
        CollectionItem(
            collection=collection,
            picture=picture,
            position=position,
            added_by=person,
            created_at=picture.created_at,
            counted=counted,
        )
        for picture, position in zip(pictures, positions, strict=True)
        if picture.pk in there
    )
    return [picture.pk for picture in pictures if picture.pk in there]


def _refuse_more(items: QuerySet[CollectionItem], new: int) -> None:
    if new and items.count() + new > MOST_ITEMS:
        many = N_("A collection holds up to %(most)s pictures.")
        raise ChoiceRefused(Fault("collection", many, {"most": MOST_ITEMS}))


def _in_turn(person_id: int) -> Person:
    """Return a person, locked: of two collections made at once the second finds the first."""
    return Person.objects.select_for_update(no_key=True).get(pk=person_id)


def _lock(collection: Collection) -> None:
    """Let others who change the items of this collection wait, and note that they change."""
    Collection.objects.filter(pk=collection.pk).update(revision=F("revision") + 1)


def _write(kind: ActKind, collection: Collection, by: Actor) -> None:
    """Write what was done to a collection in the log, unless its owner did it."""
    if collection.owner_id != by.person_id:
        audit.write(kind, by=by, whom=collection.owner, thing=collection.name)


def _forget_deleted(person: Person) -> None:
    """Delete a person's oldest deleted collections permanently, a batch of items at a time."""
    deleted = Collection.objects.filter(owner=person, deleted_at__isnull=False)
    old = list(deleted.order_by("-deleted_at", "-id").values_list("pk", flat=True)[MOST_DELETED:])
    items = CollectionItem.objects.filter(collection__in=old)
    while batch := list(items.values_list("pk", flat=True)[:BATCH]):
        CollectionItem.objects.filter(pk__in=batch).delete()
    Collection.objects.filter(pk__in=old).delete()
