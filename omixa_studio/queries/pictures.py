"""Read pictures: who may see which, galleries and their filters, siblings, origins."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact

from omixa_studio.filters import Values, conditions, costing, read_words
from omixa_studio.models import Generation, GenerationInput, InputImage, Person, Picture

from .marked import OF_VIEWER, beyond_list, few_attempts, item_attempts, items_of, listed, of_viewer
from .prepared import AMONG, Prepared
from .prompt_hits import Attempt, Base, PageStart, attempts, holding

# Filters whose pictures are first found as a list, those of a cost if they are few.
COSTS = ("cost_min", "cost_max")
LISTED = ("q", "tag", "collection", *COSTS)
MOST_DESCENDANTS = 12
# The columns a tile shows; a generation's body and options stay in the database.
TILE_COLUMNS = (
    "width",
    "height",
    "aspect",
    "transparent",
    "thumb",
    "format",
    "shared",
    "winner",
    "verdict",
    "cost_micros",
    "created_at",
    "trashed_at",
    "person_id",
    "generation__prompt",
    "generation__operation",
    "generation__target",
)


def known_to(person: Person) -> QuerySet[Picture]:
    """Return the pictures a person may know of: own and shared ones, also trashed ones."""
    return Picture.objects.filter(Q(person=person) | Q(shared=True))


def visible_to(person: Person) -> QuerySet[Picture]:
    """Return the pictures a person may see: own and shared ones, nothing trashed."""
    return known_to(person).filter(trashed_at=None)


def visible_or_own(person: Person) -> QuerySet[Picture]:
    """Return the pictures a person may see, and those in their own trash.

    For the parts of a page: it may have been deleted since the page was shown.
    """
    return known_to(person).filter(Q(trashed_at=None) | Q(person=person))


def trash_of(person: Person, sought: Values | None = None) -> QuerySet[Picture]:
    """Return a person's trash, filtered, latest first, ready for tiles."""
    base = partial(_trash_base, person, sought or {})
    rows = _narrowed(base, sought or {}, person, person.pk)
    return with_prompts(rows).order_by("-trashed_at", "-id")


def gallery(
    person: Person, *, team: bool = False, sought: Values | None = None, drawable: bool = False
) -> QuerySet[Picture]:
    """Return a person's pictures, or those shared with the team, filtered, newest first.

    With `drawable` only those that can be decoded here.
    """
    values = sought or {}
    base = partial(_gallery_base, person, values, team=team, drawable=drawable)
    maker = values.get("person") if team else person.pk
    return _narrowed(base, values, person, maker).order_by("-created_at", "-id")


def drawn(rows: QuerySet[Picture]) -> QuerySet[Picture]:
    """Return the pictures that can be decoded here, and so can be sent along."""
    return rows.exclude(thumb="")


def newest_shared(person: Person, most: int) -> QuerySet[Picture]:
    """Return the newest pictures shared with the team that can be decoded, ready for tiles."""
    return with_prompts(drawn(gallery(person, team=True)))[:most]


def newest_found(person: Person, *, team: bool, sought: Values, needed: int) -> QuerySet[Picture]:
    """Return a searched gallery of which only the newest `needed` pictures are certain."""
    for attempt in attempts_of(person, sought, team, PageStart()):
        if attempt.complete or attempt.rows[needed - 1 : needed].exists():
            break
    return attempt.rows.order_by("-created_at", "-id")


def attempts_of(
    person: Person, sought: Values, team: bool, start: PageStart, *, drawable: bool = False
) -> Iterator[Attempt]:
    """Yield a gallery narrowed to LISTED filters, from a start on, see prompt_hits.attempts."""
    base = partial(_gallery_base, person, sought, team=team, drawable=drawable)
    maker = sought.get("person") if team else person.pk
    items = items_of(sought, person, maker)
    if "q" in sought:
        return attempts(base, read_words(sought["q"]), start, person=maker)
    if items is not None:
        return item_attempts(base, items, start)
    return few_attempts(base, of_cost(person, sought, team=team))


def of_cost(person: Person, sought: Values, *, team: bool) -> QuerySet[Picture]:
    """Return a gallery narrowed to the costs that are sought, to be read by an index of costs."""
    own = Q(shared=True) if team else Q(person=person)
    return Picture.objects.filter(own, costing(sought, F("cost_micros")), trashed_at=None)


def seen_by(person: Person, pk: int) -> Picture | None:
    """Return a picture that a person may see, with its generation and its maker."""
    return next(iter(_SEEN.rows(person, among=[pk])), None)


def siblings(picture: Picture, person: Person) -> list[Picture]:
    """Return all visible pictures of the same generation, including this one, in their order."""
    return _SIBLINGS.rows(person, among=[picture.generation_id])


def inputs_of(generation: Generation) -> list[GenerationInput]:
    """Return the inputs of a generation, in order, with the pictures they were made from."""
    return _INPUTS.rows(None, among=[generation.pk])


def used_in(picture: Picture, person: Person) -> list[Picture]:
    """Return visible pictures that were made from this one, newest first, ready for tiles."""
    return _USED_IN.rows(person, among=[picture.pk])


def _seen(person: Person) -> QuerySet[Picture]:
    return visible_to(person).filter(pk__in=AMONG).select_related("generation", "person")


def _siblings(person: Person) -> QuerySet[Picture]:
    return visible_to(person).filter(generation__in=AMONG).order_by("index")


def _inputs(_nobody: None) -> QuerySet[GenerationInput]:
    rows = GenerationInput.objects.filter(generation__in=AMONG).select_related("image__picture")
    return rows.order_by("is_mask", "position")


def _used_in(person: Person) -> QuerySet[Picture]:
    made = visible_to(person).filter(generation__inputs__picture__in=AMONG)
    return with_prompts(made).order_by("-id").distinct()[:MOST_DESCENDANTS]


_SEEN, _SIBLINGS = Prepared(_seen), Prepared(_siblings)
_INPUTS, _USED_IN = Prepared(_inputs), Prepared(_used_in)


def visible_inputs(person: Person) -> QuerySet[InputImage]:
    """Return a person's own inputs, and others' whose result and source the person can see.

    The source is the picture an input was made from. An upload has no source: sharing the result
    does not share the upload.
    """
    seen = visible_to(person)
    sent = _sent_with(seen.values("generation")).values("image")
    there = InputImage.objects.exclude(name="")  # files of removed people are erased
    return there.filter(Q(person=person) | Q(pk__in=sent, picture__in=seen))


def _narrowed(base: Base, values: Values, viewer: Person, maker: int | None) -> QuerySet[Picture]:
    """Narrow pictures, those of one maker unless that is None, to a search, tag or collection."""
    if "q" in values:
        return holding(base, read_words(values["q"]), person=maker)
    items = items_of(values, viewer, maker)
    return base(listed=False) if items is None else listed(base, items)


def _gallery_base(
    person: Person, values: Values, *, team: bool, listed: bool, drawable: bool = False
) -> QuerySet[Picture]:
    """Return a gallery narrowed to all filters but the search.

    `listed`: to be read by a list of requests or pictures. Then the columns of the galleries'
    indexes are hidden, along which a database would else read all for the few of the list.
    """
    values = beyond_list(values) if listed else values
    asked = _plain(values) & of_viewer(values, person)
    own = Q(shared=True) if team else Q(person=person)
    if listed:
        own = Q(Exact(Coalesce(F("shared"), False), True) if team else _made_by(person.pk))
    rows = Picture.objects.filter(own, asked, trashed_at=None)
    return drawn(rows) if drawable else rows


def _plain(values: Values) -> Q:
    """Return the conditions of all filters that need neither the index of prompts nor a viewer."""
    return conditions({n: value for n, value in values.items() if n not in ("q", *OF_VIEWER)})


def _made_by(maker: int) -> Exact:
    return Exact(Coalesce(F("person"), 0), maker)


def _trash_base(person: Person, values: Values, *, listed: bool) -> QuerySet[Picture]:
    values = beyond_list(values) if listed else values
    asked = _plain(values) & of_viewer(values, person)
    own = Q(_made_by(person.pk)) if listed else Q(person=person)
    return Picture.objects.filter(own, asked, trashed_at__isnull=False)


def with_prompts(rows: QuerySet[Picture]) -> QuerySet[Picture]:
    """Return pictures with the columns that their tiles show."""
    return rows.select_related("generation").only(*TILE_COLUMNS)


def _tiles_among(_nobody: None, order: tuple[str, ...]) -> QuerySet[Picture]:
    return with_prompts(Picture.objects.filter(pk__in=AMONG)).order_by(*order)


_TILES = Prepared(_tiles_among)


def tiles_among(ids: QuerySet[Picture, Any]) -> list[Picture]:
    """Return the pictures whose ids are selected, in the order of those, as tiles show them."""
    return _TILES.rows(None, tuple(ids.query.order_by), among=ids)


def _sent_with(generations: QuerySet[Picture, Any]) -> QuerySet[GenerationInput]:
    return GenerationInput.objects.filter(generation__in=generations)
