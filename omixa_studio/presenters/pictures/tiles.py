"""The tile of a picture, the same in every gallery."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from omixa_studio.models import Person, Picture, dollars
from omixa_studio.places import numbered
from omixa_studio.presenters.ratios import ratio_text
from omixa_studio.presenters.studio.cards import PICTURE, TITLES
from omixa_studio.presenters.targets import is_practice
from omixa_studio.queries.pictures import Month
from omixa_studio.services.curating import TRASH_DAYS
from omixa_studio.templatetags.studio import money, tile_marks

from .kinds import undrawn


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """A picture in a gallery, as strings: a page has fifty, and templates format numbers slowly.

    `page` and `thumb` are addresses, `ratio` is width to height with two decimals, `marks` are the
    attributes that the scripts read.
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
    days_left: int | None


@dataclass(frozen=True)
class Section:
    """The tiles of a month; without a name if the month began on an earlier page."""

    name: str
    key: str
    tiles: Sequence[Tile]
    count: int = 0
    billed: Decimal | None = None
    unknown: int = 0


def tiles_for(
    rows: Iterable[Picture], person: Person, *, makers: dict[int, str] | None = None
) -> list[Tile]:
    """Make tiles of pictures that were read for a gallery; `makers` are people's names by id."""
    page, thumb = numbered("picture"), numbered("picture_thumb")
    return [
        _tile(row, person, makers or {}, page=page(row.pk), thumb=thumb(row.pk)) for row in rows
    ]


def title_of(picture: Picture) -> str:
    """Return a picture's title: its prompt, or its operation if it has none."""
    generation = picture.generation
    return generation.prompt or _(TITLES.get(generation.operation, PICTURE))


def section_of(month: Month, person: Person, makers: dict[int, str]) -> Section:
    """Return the tiles of a month with its name, number of pictures and cost."""
    tiles = tiles_for(month.pictures, person, makers=makers)
    key = month.start.strftime("%Y-%m")
    if month.total is None:
        return Section("", key, tiles)
    total = month.total
    name = date_format(month.start, "YEAR_MONTH_FORMAT")
    name = name[:1].upper() + name[1:]
    return Section(name, key, tiles, total.count, dollars(total.billed_micros), total.unknown)


def _tile(
    picture: Picture, person: Person, makers: dict[int, str], *, page: str, thumb: str
) -> Tile:
    return Tile(
        pk=str(picture.pk),
        page=page,
        thumb=thumb,
        alt=title_of(picture),
        ratio=ratio_text(picture.shown_width, picture.shown_height),
        width=str(picture.shown_width),
        height=str(picture.shown_height),
        ground="clear" if picture.transparent else "",
        undrawn="" if picture.drawable else undrawn(picture),
        marks=tile_marks(
            picture,
            mine=picture.person_id == person.pk,
            worded=bool(picture.generation.prompt),
        ),
        cost=_cost(picture),
        maker=makers.get(picture.person_id or 0, ""),
        days_left=_days_left(picture.trashed_at),
    )


def _cost(picture: Picture) -> str:
    if is_practice(picture.generation):
        return _("practice")
    if picture.cost_micros is None:
        return _("cost unknown")
    return money(dollars(picture.cost_micros))


def _days_left(trashed_at: datetime | None) -> int | None:
    if trashed_at is None:
        return None
    return max(0, (trashed_at + timedelta(days=TRASH_DAYS) - timezone.now()).days)
