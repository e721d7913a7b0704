"""Find the pictures of a tag or a collection, whose rows are in the order of the galleries.

And narrow to collections and projects, which not everybody may see.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from omixa_studio.filters import Values, conditions
from omixa_studio.models import (
    Access,
    Collection,
    CollectionItem,
    Person,
    Picture,
    PictureTag,
    Tag,
)
from omixa_studio.models.search import searchable

from .known_ids import is_among
from .projects import visible_to as projects_of
from .prompt_hits import MARGIN, NEVER, STEPS, Attempt, Base, PageStart, moment_told

# Filters that narrow to what their viewer may see.
OF_VIEWER = ("collection", "project")
Items = QuerySet[PictureTag] | QuerySet[CollectionItem]
# SQLite writes a time with fewer digits itself, and compares texts.
TICK = timedelta(milliseconds=1)


def items_of(values: Values, viewer: Person, maker: int | None) -> Items | None:
    """Return the items that one filter means, of one maker unless that is None."""
    if "tag" in values:
        tag = Tag.objects.filter(folded=searchable(values["tag"])).values("pk")[:1]
        rows = PictureTag.objects.filter(tag=Subquery(tag))
        return rows if maker is None else rows.filter(person=maker)
    if "collection" in values:
        return CollectionItem.objects.filter(collection=Subquery(_open_to(values, viewer)))
    return None


def beyond_list(values: Values) -> Values:
    """Return the filters that the pictures of a list still have to meet; a search makes its own.

    Asked for a tag once more, PostgreSQL begins with all that have it and looks through the list
    anew for each.
    """
    met = "" if "q" in values else "tag" if "tag" in values else "collection"
    return {name: value for name, value in values.items() if name != met}


def of_viewer(values: Values, viewer: Person) -> Q:
    """Return the condition of being in a collection and a project that a person may see."""
    found = Q()
    if "collection" in values:
        items = CollectionItem.objects.filter(collection=Subquery(_open_to(values, viewer)))
        found &= Q(Exists(items.filter(picture=OuterRef("pk"))))
    if "project" in values:
        seen = projects_of(viewer).filter(pk=values["project"])
        found &= Q(project=Subquery(seen.values("pk")[:1]))
    return found


def narrowed(values: Values, viewer: Person) -> Q:
    """Return the condition of all filters, with collections and projects that a person may see."""
    others = {name: value for name, value in values.items() if name not in OF_VIEWER}
    return conditions(others) & of_viewer(values, viewer)


def listed(base: Base, items: Items) -> QuerySet[Picture]:
    """Return the pictures of a gallery that have items: of a few a list, else all, one by one."""
    found = list(items.order_by().values_list("picture", flat=True)[: STEPS[-1] + 1])
    if len(found) <= STEPS[-1]:
        return base(listed=True).filter(is_among("id", found))
    return base(listed=False)


def item_attempts(base: Base, items: Items, start: PageStart) -> Iterator[Attempt]:
    """Yield pictures of items on from a start, as prompt_hits.attempts does."""
    side, sign = ("gte", "") if start.newer else ("lte", "-")
    if start.at != NEVER:
        edge = start.at - MARGIN if start.newer else start.at + MARGIN
        items = items.filter(**{f"created_at__{side}": edge})
    # Only the last of the times is looked at: a text is not made into a time for each.
    told = items.annotate(made=Cast("created_at", TextField())).values_list("picture", "made")
    ordered = told.order_by(f"{sign}created_at", f"{sign}picture")
    for most in STEPS:
        found = list(ordered[: most + 1])
        among = base(listed=True).filter(is_among("id", [pk for pk, _made in found]))
        if len(found) <= most:
            yield Attempt(among, among, complete=True)
            return
        until = moment_told(found[-1][1])
        certain = Q(created_at__lt=until) if start.newer else Q(created_at__gt=until + TICK)
        yield Attempt(among.filter(certain), among, complete=False)
    rows = base(listed=False)
    yield Attempt(rows, rows, complete=True)


def few_attempts(base: Base, rows: QuerySet[Picture]) -> Iterator[Attempt]:
    """Yield the pictures among some rows that an index finds, or all if these are not few."""
    found = list(rows.order_by().values_list("pk", flat=True)[: STEPS[0] + 1])
    few = len(found) <= STEPS[0]
    among = base(listed=few)
    among = among.filter(is_among("id", found)) if few else among
    yield Attempt(among, among if few else None, complete=True)


def collection_named(viewer: Person, chosen: int) -> dict[int, str]:
    """Return the name of a collection by its id, if a person may open it."""
    rows = Collection.objects.filter(pk=Subquery(_open_to({"collection": chosen}, viewer)))
    return dict(rows.values_list("pk", "name"))


def _open_to(values: Values, viewer: Person) -> QuerySet[Collection, Any]:
    seen = Q(owner=viewer) | ~Q(access=Access.PRIVATE)
    rows = Collection.objects.filter(seen, pk=values["collection"], deleted_at=None)
    return rows.values("pk")[:1]
