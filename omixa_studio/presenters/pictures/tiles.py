"""The tile of a picture, the same in every gallery."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.dates import date_format
from omixa_studio.filters import Names
from omixa_studio.models import Person, Picture, dollars
from omixa_studio.places import numbered
from omixa_studio.presenters.ratios import TEXTS
from omixa_studio.presenters.studio.cards import PICTURE, TITLES
from omixa_studio.presenters.targets import is_practice
from omixa_studio.queries.gallery_months import Month
from omixa_studio.queries.retention import trash_days_of
from omixa_studio.templatetags.studio import money, tile_marks

from .kinds import undrawn
from .months import facts_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """A picture in a gallery, as strings: a page has fifty, and templates format numbers slowly.

    `page`, `thumb` and `restore` are addresses, `ratio` is width to height with two decimals,
    `marks` are the attributes that the scripts read, `left` is how long it stays in the trash.
    """

    pk: str
    page: str
    thumb: str
    alt: str
    ratio: str
    width: str
    height: str
    ground: str
    undrawn: str
    marks: str
    cost: str
    maker: str
    left: str
    restore: str


@dataclass(frozen=True)
class Section:
    """The tiles of a month; without a name if the month began on an earlier page.

    `facts` are "" if there are too many pictures to sum.
    """

    name: str
    key: str
    tiles: Sequence[Tile]
    facts: str = ""


def tiles_for(
    rows: Iterable[Picture], person: Person, *, makers: Names | None = None
) -> list[Tile]:
    """Make tiles of pictures that were read for a gallery; `makers` are people's names by id."""
    page, thumb = numbered("picture"), numbered("picture_thumb")
    restore = numbered("picture_restore")
    rows = list(rows)
    days = trash_days_of(person) if any(row.trashed_at for row in rows) else 0
    return [
        _tile(
            row,
            person,
            makers or {},
            page=page(row.pk),
            thumb=thumb(row.pk),
            restore=restore(row.pk) if row.trashed_at else "",
            left=_left(row.trashed_at, days),
        )
        for row in rows
    ]


def title_of(picture: Picture) -> str:
    """Return a picture's title: its prompt, or its operation if it has none."""
    generation = picture.generation
    return generation.prompt or _(TITLES.get(generation.operation, PICTURE))


def cost_of(picture: Picture) -> str:
    """Return what a picture cost, in words if it was practice or nobody knows."""
    if is_practice(picture.generation):
        return _("practice")
    if picture.cost_micros is None:
        return _("cost unknown")
    return money(dollars(picture.cost_micros))


def section_of(month: Month, person: Person, makers: Names, *, priced: bool = True) -> Section:
    """Return the tiles of a month with its name, number of pictures and, if `priced`, cost."""
    tiles = tiles_for(month.pictures, person, makers=makers)
    key = month.start.strftime("%Y-%m")
    if not month.named:
        return Section("", key, tiles)
    name = date_format(month.start, "YEAR_MONTH_FORMAT")
    name = name[:1].upper() + name[1:]
    if (total := month.total) is None:
        return Section(name, key, tiles)
    cost = (total.billed_micros, total.unknown) if priced else ()
    return Section(name, key, tiles, facts_of(total.count, *cost))


def _tile(
    picture: Picture,
    person: Person,
    makers: Names,
    *,
    page: str,
    thumb: str,
    restore: str,
    left: str,
) -> Tile:
    return Tile(
        pk=str(picture.pk),
        page=page,
        thumb=thumb,
        alt=title_of(picture),
        ratio=TEXTS[picture.aspect],
        width=str(picture.shown_width),
        height=str(picture.shown_height),
        ground="clear" if picture.transparent else "",
        undrawn="" if picture.drawable else undrawn(picture),
        marks=tile_marks(
            picture,
            mine=picture.person_id == person.pk,
            worded=bool(picture.generation.prompt),
        ),
        cost=cost_of(picture),
        maker=makers.get(picture.person_id or 0, ""),
        left=left,
        restore=restore,
    )


def _left(trashed_at: datetime | None, kept: int) -> str:
    """Return how many days are left of those that the trash keeps."""
    if trashed_at is None:
        return ""
    days = max(0, (trashed_at + timedelta(days=kept) - timezone.now()).days)
    return ngettext("%(n)s day left", "%(n)s days left", days) % {"n": days}
