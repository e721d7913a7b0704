"""Read pictures: who may see which, galleries page by page, neighbours, origins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from omixa_studio.filters import Values, conditions
from omixa_studio.models import Generation, GenerationInput, InputImage, Person, Picture

PAGE_LENGTH = 50
MOST_DESCENDANTS = 12
# Up to so many people are all named in the team's gallery; of more, only the makers of so many of
# the newest shared pictures.
MOST_PEOPLE = 200
MOST_LOOKED_AT = 1000
# The columns a tile shows; a generation's body and options stay in the database.
TILE_COLUMNS = (
    "width",
    "height",
    "transparent",
    "thumb",
    "format",
    "shared",
    "winner",
    "cost_micros",
    "created_at",
    "trashed_at",
    "person_id",
    "generation__prompt",
    "generation__operation",
    "generation__target",
)


@dataclass(frozen=True)
class PictureTotal:
    """The totals of a month: pictures, micro-dollars billed, pictures of unknown cost."""

    count: int
    billed_micros: int
    unknown: int


@dataclass(frozen=True)
class Month:
    """The pictures of one month on a page; `total` is None if an earlier page shows it."""

    start: datetime
    pictures: Sequence[Picture]
    total: PictureTotal | None


@dataclass(frozen=True)
class Page:
    """Part of a gallery, newest first, and whether there is more on either side."""

    pictures: Sequence[Picture]
    newer: bool
    older: bool

    @property
    def older_than(self) -> int | None:
        """Return the id of the oldest picture here if there are older ones, else None."""
        return self.pictures[-1].pk if self.older and self.pictures else None

    @property
    def newer_than(self) -> int | None:
        """Return the id of the newest picture here if there are newer ones, else None."""
        return self.pictures[0].pk if self.newer and self.pictures else None


def visible_to(person: Person) -> QuerySet[Picture]:
    """Return the pictures a person may see: own and shared ones, nothing trashed."""
    return Picture.objects.filter(_mine_or_shared(person), trashed_at=None)


def trash_of(person: Person) -> QuerySet[Picture]:
    """Return a person's trash, latest first, ready for tiles."""
    rows = Picture.objects.filter(person=person, trashed_at__isnull=False)
    return _with_prompts(rows).order_by("-trashed_at", "-id")


def gallery(
    person: Person,
    *,
    team: bool = False,
    sought: Values | None = None,
) -> QuerySet[Picture]:
    """Return a person's pictures, or those shared with the team, filtered, newest first."""
    rows = Picture.objects.filter(trashed_at=None)
    rows = rows.filter(shared=True) if team else rows.filter(person=person)
    return rows.filter(conditions(sought or {})).order_by("-created_at", "-id")


def drawn(rows: QuerySet[Picture]) -> QuerySet[Picture]:
    """Return the pictures that can be decoded here, and so can be sent along."""
    return rows.exclude(thumb="")


def newest_shared(person: Person, most: int) -> QuerySet[Picture]:
    """Return the newest pictures shared with the team that can be decoded, ready for tiles."""
    return _with_prompts(drawn(gallery(person, team=True)))[:most]


def makers_among(shown: Iterable[Picture], chosen: int | None) -> dict[int, str]:
    """Return names of makers by id, those of the given pictures and the chosen person among them.

    In a studio of many people only they and the makers of the newest shared pictures.
    """
    people = list(Person.objects.order_by("pk")[: MOST_PEOPLE + 1])
    if len(people) > MOST_PEOPLE:
        named = {picture.person_id for picture in shown} | {chosen}
        newest = Picture.objects.filter(shared=True, trashed_at=None)
        recent = newest.order_by("-created_at", "-id").values("person")[:MOST_LOOKED_AT]
        of_page = Q(pk__in=[pk for pk in named if pk is not None])
        people = list(Person.objects.filter(of_page | Q(pk__in=recent)))
    return {one.pk: one.name for one in people}


def page_of(rows: QuerySet[Picture], person: Person, cursor: tuple[str, int] | None) -> Page:
    """Return the page "before", "after" or "at" a picture, or the first page without a cursor."""
    if cursor is None:
        return first_page(rows)
    read = {"before": page_before, "after": page_after, "at": page_at}[cursor[0]]
    return read(rows, person, cursor[1])


def first_page(rows: QuerySet[Picture]) -> Page:
    """Return the first page: the newest pictures of a gallery."""
    found = list(_with_prompts(rows)[: PAGE_LENGTH + 1])
    return Page(found[:PAGE_LENGTH], newer=False, older=len(found) > PAGE_LENGTH)


def page_before(rows: QuerySet[Picture], person: Person, pk: int) -> Page:
    """Return the page of pictures older than a picture in a gallery."""
    found = first_page(_older(rows, person, pk))
    return Page(found.pictures, newer=True, older=found.older)


def page_after(rows: QuerySet[Picture], person: Person, pk: int) -> Page:
    """Return the page of pictures newer than a picture in a gallery."""
    found = list(_with_prompts(_newer(rows, person, pk))[: PAGE_LENGTH + 1])
    return Page(found[:PAGE_LENGTH][::-1], newer=len(found) > PAGE_LENGTH, older=True)


def page_at(rows: QuerySet[Picture], person: Person, pk: int) -> Page:
    """Return the page that begins with a picture, to restore a position."""
    found = first_page(_older(rows, person, pk, including=True))
    return Page(found.pictures, newer=_newer(rows, person, pk).exists(), older=found.older)


def months_of(
    page: Page, rows: QuerySet[Picture], *, target: str, above: datetime | None = None
) -> list[Month]:
    """Group a page by months of the studio's time zone, with totals over the whole gallery.

    Only a month that crosses an edge of the page costs a query. `above` is when the picture above
    the page was made: the heading of its month is already shown.
    """
    groups = [(start, list(found)) for start, found in groupby(page.pictures, _month_of)]
    said = month_start(above) if above else None
    mixed = _has_other_targets(target)
    months = []
    for position, (start, found) in enumerate(groups):
        cut_above = position == 0 and page.newer
        cut_below = position == len(groups) - 1 and page.older
        if start == said:
            total = None
        elif cut_above or cut_below:
            total = _total_in(rows, start, target=target, mixed=mixed)
        else:
            total = _total_of(found, target)
        months.append(Month(start, found, total))
    return months


def count_up_to(rows: QuerySet[Picture], most: int) -> int:
    """Count a gallery, but stop counting one above `most`."""
    return rows.order_by()[: most + 1].count()


def neighbours(rows: QuerySet[Picture], person: Person, pk: int) -> tuple[int | None, int | None]:
    """Return the ids of the newer and the older picture next to a picture in a gallery."""
    newer = _newer(rows, person, pk).values_list("id", flat=True).first()
    return newer, _older(rows, person, pk).values_list("id", flat=True).first()


def siblings(picture: Picture, person: Person) -> QuerySet[Picture]:
    """Return all visible pictures of the same generation, including this one, in their order."""
    return visible_to(person).filter(generation=picture.generation_id).order_by("index")


def inputs_of(generation: Generation) -> QuerySet[GenerationInput]:
    """Return the inputs of a generation, in order, with the pictures they were made from."""
    return generation.sent_inputs.select_related("image__picture").order_by("is_mask", "position")


def used_in(picture: Picture, person: Person) -> QuerySet[Picture]:
    """Return visible pictures that were made from this one, newest first, ready for tiles."""
    made = visible_to(person).filter(generation__inputs__picture=picture)
    return _with_prompts(made).order_by("-id").distinct()[:MOST_DESCENDANTS]


def visible_inputs(person: Person) -> QuerySet[InputImage]:
    """Return a person's own inputs, and others' whose result and source the person can see.

    The source is the picture an input was made from. An upload has no source: sharing the result
    does not share the upload.
    """
    seen = visible_to(person)
    sent = _sent_with(seen.values("generation")).values("image")
    return InputImage.objects.filter(Q(person=person) | Q(pk__in=sent, picture__in=seen))


def made_at(person: Person, pk: int) -> datetime | None:
    """Return when a picture was made, if it is the person's own, even in the trash, or shared."""
    return _known(person, pk).values_list("created_at", flat=True).first()


def month_start(moment: datetime) -> datetime:
    """Return the first instant of a moment's month in the studio's time zone."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return datetime(local.year, local.month, 1, tzinfo=timezone.get_default_timezone())


def _mine_or_shared(person: Person) -> Q:
    return Q(person=person) | Q(shared=True)


def _with_prompts(rows: QuerySet[Picture]) -> QuerySet[Picture]:
    return rows.select_related("generation").only(*TILE_COLUMNS)


def _sent_with(generations: QuerySet[Picture, Any]) -> QuerySet[GenerationInput]:
    return GenerationInput.objects.filter(generation__in=generations)


def _known(person: Person, pk: int) -> QuerySet[Picture]:
    return Picture.objects.filter(_mine_or_shared(person), pk=pk)


def _older(
    rows: QuerySet[Picture], person: Person, pk: int, *, including: bool = False
) -> QuerySet[Picture]:
    # Ids grow with time, so they are used if the person cannot see the picture itself.
    if not _known(person, pk).exists():
        return rows.filter(id__lt=pk)
    same = Q(id__gt=pk) if including else Q(id__gte=pk)
    return rows.filter(created_at__lte=_moment(pk)).exclude(same, created_at=_moment(pk))


def _newer(rows: QuerySet[Picture], person: Person, pk: int) -> QuerySet[Picture]:
    rows = rows.order_by("created_at", "id")
    if not _known(person, pk).exists():
        return rows.filter(id__gt=pk)
    return rows.filter(created_at__gte=_moment(pk)).exclude(id__lte=pk, created_at=_moment(pk))


def _moment(pk: int) -> Subquery:
    """Return when a picture was made, as a subquery.

    SQLite compares times as text: one that it wrote itself (".123") is never equal to the same one
    passed as a parameter (".123000").
    """
    return Subquery(Picture.objects.filter(pk=pk).values("created_at"))


def _month_of(picture: Picture) -> datetime:
    return month_start(picture.created_at)


def _total_of(pictures: Sequence[Picture], target: str) -> PictureTotal:
    costs = [found.cost_micros for found in pictures if found.generation.target == target]
    known = [cost for cost in costs if cost is not None]
    return PictureTotal(len(pictures), sum(known), len(costs) - len(known))


def _total_in(
    rows: QuerySet[Picture], start: datetime, *, target: str, mixed: bool
) -> PictureTotal:
    within = rows.filter(created_at__gte=start, created_at__lt=_next_month(start)).order_by()
    ours = Q(generation__target=target) if mixed else None
    sums = within.aggregate(
        count=Count("id"),
        counted=Count("id", filter=ours),
        known=Count("cost_micros", filter=ours),
        billed=Sum("cost_micros", filter=ours),
    )
    return PictureTotal(sums["count"], sums["billed"] or 0, sums["counted"] - sums["known"])


def _next_month(start: datetime) -> datetime:
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _has_other_targets(target: str) -> bool:
    """Return whether sandbox and paid generations may be mixed; written to use an index."""
    others = Q(target__lt=target) | Q(target__gt=target)
    return Generation.objects.filter(others).exists()
