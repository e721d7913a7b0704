"""The geometry of a gallery: the shape of every picture in order, its months, their ids."""

import time
from array import array
from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import accumulate, pairwise
from zlib import crc32

from django.conf import settings
from django.db import connection
from django.db.models import Expression, F, QuerySet

from omixa_studio import geometry_files
from omixa_studio.geometry_files import MonthMap, month_map
from omixa_studio.models import CalendarMonth, Picture

from .galleries import Gallery
from .gallery_months import month_start
from .month_counts import CountedMonth

SECONDS_TO_REMEMBER, MOST_REMEMBERED = 5.0, 1000
MINUTE = "%Y-%m-%d %H:%M"
MINUTE_LENGTH = len("2026-11-26 15:30")
# All rows in one: a row for each picture takes Python three times as long.
AGGREGATES = {
    "sqlite": (
        "group_concat(char(shape), '')",
        "group_concat(number)",
        "group_concat(substr(moment, 1, 16), '')",
    ),
    "postgresql": (
        "string_agg(chr(shape), '')",
        "string_agg(number::text, ',')",
        "string_agg(to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), '')",
    ),
}

# When a version was read, and which it was.
_lately: dict[Hashable, tuple[float, str]] = {}


@dataclass(frozen=True)
class PictureByte:
    """What is said of each picture in one byte, 1 to 255: its shape, or a colour.

    Months are kept under the `name`; if `marked`, a change of a mark changes them too.
    """

    name: str
    value: Expression | F
    marked: bool = False

    def version_of(self, month: CountedMonth) -> int:
        return month.moves + (month.marks if self.marked else 0)


SHAPE = PictureByte("", F("aspect"))


@dataclass(frozen=True)
class MappedMonth:
    """Consecutive pictures of a gallery: those of a month ("2026-11"), or all in an order by hand.

    The latter have no month, "".
    """

    month: str
    map: MonthMap


def version_of(gallery: Gallery, months: Sequence[CountedMonth]) -> str:
    """Return a text that differs after every change that a gallery shows.

    `months` is what was counted of it; without counts its pictures are read.
    """
    if gallery.counts:
        moves = sum(month.moves for month in months)
        marks = sum(month.marks for month in months)
        return f"{moves}.{marks}{gallery.stamp}" if gallery.filtered else f"{moves}"
    aspects, ids, _ = _read(gallery.ordered, gallery.moment, timed=False)
    return f"{crc32(aspects, crc32(ids)):x}"


def version_lately(gallery: Gallery, months: Sequence[CountedMonth], asked: Hashable) -> str:
    """Return the version of a gallery as of the last few seconds.

    All pictures of a gallery without counts are read for it, which not each window of one that is
    scrolled shall cost. `asked` tells galleries and their viewers apart.
    """
    if gallery.counts:
        return version_of(gallery, months)
    since, version = _lately.get(asked, (0.0, ""))
    if time.monotonic() - since < SECONDS_TO_REMEMBER:
        return version
    return remember_version(version_of(gallery, months), asked)


def remember_version(version: str, asked: Hashable) -> str:
    """Return a version just read, which windows then tell for some seconds."""
    if len(_lately) >= MOST_REMEMBERED:
        _lately.clear()
    _lately[asked] = (time.monotonic(), version)
    return version


def geometry_of(
    gallery: Gallery, months: Sequence[CountedMonth], byte: PictureByte = SHAPE
) -> list[MappedMonth]:
    """Return the geometry of a gallery, month by month, in its order; or another byte of each.

    `months` is what was counted of the gallery before. What changes meanwhile is in it or not; the
    gallery's version is a different one afterwards.
    """
    shown = [month for month in months if month.pictures]
    found = _from_files(gallery, shown, byte) if gallery.is_counted else None
    return _at_once(gallery, byte) if found is None else found


def ordinal_of(gallery: Gallery, months: Sequence[CountedMonth], pk: int) -> int | None:
    """Return how many pictures of a gallery precede one; None if it is not in it.

    `months` is what was counted of the gallery before.
    """
    made_at = gallery.rows.filter(pk=pk).values_list(gallery.moment, flat=True).first()
    if made_at is None:
        return None
    if gallery.is_counted:
        name = f"{month_start(made_at):%Y-%m}"
        found = _from_files(gallery, [month for month in months if month.name == name])
        position = found[0].map.position_of(pk) if found else None
        if position is not None:
            return position + sum(month.pictures for month in months if month.name > name)
    return gallery.preceding(pk).order_by().count()


def _from_files(
    gallery: Gallery, months: Sequence[CountedMonth], byte: PictureByte = SHAPE
) -> list[MappedMonth] | None:
    """Return months from files, and make the files that are missing; None if rows differ."""
    whose = "{}-{}".format(*gallery.counts or ())
    folder = settings.DATA_DIR / "geometry" / "-".join(filter(None, [whose, byte.name]))
    found = [geometry_files.read(folder, one.name, byte.version_of(one)) for one in months]
    missing = [position for position, it in enumerate(found) if it is None]
    if missing:
        first, end = missing[0], missing[-1] + 1
        made = _read_months(gallery, months[first:end], byte)
        if made is None:
            return None
        found[first:end] = made
        for month, it in zip(months[first:end], made, strict=True):
            geometry_files.write(folder, month.name, byte.version_of(month), it)
    return [MappedMonth(month.name, it) for month, it in zip(months, found, strict=True) if it]


def _read_months(
    gallery: Gallery, months: Sequence[CountedMonth], byte: PictureByte
) -> list[MonthMap] | None:
    """Read consecutive months; None if their rows are not those that were counted."""
    calendar = CalendarMonth.objects.order_by("starts_at").values_list("starts_at", flat=True)
    since = calendar.get(name=months[-1].name)
    until = calendar.filter(name__gt=months[0].name)[0]
    within = {f"{gallery.moment}__gte": since, f"{gallery.moment}__lt": until}
    rows = gallery.ordered.filter(**within)
    aspects, ids, _ = _read(rows, gallery.moment, timed=False, byte=byte)
    now = {month.name: byte.version_of(month) for month in gallery.counted_months()}
    same = all(now.get(month.name) == byte.version_of(month) for month in months)
    if not same or len(ids) != sum(month.pictures for month in months):
        return None
    edges = [0, *accumulate(month.pictures for month in months)]
    return [month_map(aspects[start:end], ids[start:end]) for start, end in pairwise(edges)]


def _at_once(gallery: Gallery, byte: PictureByte) -> list[MappedMonth]:
    """Read a gallery in one statement, so that it is of one moment."""
    timed = not gallery.forwards
    aspects, ids, minutes = _read(gallery.ordered, gallery.moment, timed=timed, byte=byte)
    if not timed:
        return [MappedMonth("", month_map(aspects, ids))] if ids else []
    return [
        MappedMonth(month, month_map(aspects[start:end], ids[start:end]))
        for month, start, end in _months_in(minutes)
    ]


def _months_in(minutes: str) -> Iterator[tuple[str, int, int]]:
    """Yield the months of times that are written one after another, newest first, with edges."""
    count = len(minutes) // MINUTE_LENGTH
    months = CalendarMonth.objects.order_by("-starts_at").values_list("name", "starts_at")
    start = 0
    for name, starts_at in months if count else ():
        first = starts_at.astimezone(UTC).strftime(MINUTE)
        end = bisect_left(range(count), True, start, key=lambda n: _minute(minutes, n) < first)
        if end > start:
            yield name, start, end
        if end == count:
            return
        start = end


def _minute(minutes: str, position: int) -> str:
    return minutes[position * MINUTE_LENGTH : (position + 1) * MINUTE_LENGTH]


def _read(
    rows: QuerySet[Picture], moment: str, *, timed: bool, byte: PictureByte = SHAPE
) -> tuple[bytes, "array[int]", str]:
    """Return a byte and the id of pictures in their order, and if `timed` minutes in UTC."""
    chosen = rows.annotate(shape=byte.value, number=F("id"), moment=F(moment))
    inner, parameters = chosen.values_list("shape", "number", "moment").query.sql_with_params()
    shapes, numbers, minutes = AGGREGATES[connection.vendor]
    columns = f"{shapes}, {numbers}, {minutes if timed else 'NULL'}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM ({inner}) found", parameters)  # noqa: S608
        found, ids, times = cursor.fetchone()
    numbered = array("Q", map(int, ids.split(",") if ids else ()))
    return (found or "").encode("latin-1"), numbered, times or ""
