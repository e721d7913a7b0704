"""The bill and the ledger day by day, and a day's requests and lines side by side."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    DIFFERENCES,
    BillAnswer,
    BillDay,
    BillEntry,
    BillFile,
    BillMatch,
    BillNote,
    BillSource,
    Generation,
    MatchKind,
    Person,
    Proof,
)
from omixa_studio.places import numbered
from omixa_studio.presenters.costs.labels import named_day
from omixa_studio.queries import bills
from omixa_studio.services import bill_jobs
from omixa_studio.services.bill_settling import change_of


@dataclass(frozen=True)
class Tab:
    """A choice among others, with its link."""

    label: str
    query: str
    current: bool
    count: int = 0


@dataclass(frozen=True)
class BillDayLine:
    """A day: the sums in micro-dollars, and the word on their difference; None is unknown."""

    day: BillDay
    name: str
    path: str
    note: BillNote | None

    @property
    def difference(self) -> int | None:
        """Return by how much the bill is above the ledger; None if the bill is not known."""
        bill = self.day.bill_micros
        return None if bill is None else bill - self.day.here_micros

    @property
    def near(self) -> int:
        return int(self.day.counts.get("near", 0))

    @property
    def is_explained(self) -> bool:
        """Return whether the last word on the day was said about these sums."""
        said_of = self.note and (self.note.here_micros, self.note.bill_micros)
        return said_of == (self.day.here_micros, self.day.bill_micros)

    @property
    def differs(self) -> bool:
        return bool(self.day.open or (self.difference and not self.is_explained))


@dataclass(frozen=True)
class MatchingSheet:
    """The page of days; what only admins see is empty for others.

    `compares` is whether more days of it are being compared now.
    """

    tabs: Sequence[Tab]
    source: str
    days: Sequence[BillDayLine]
    older: str
    answers: Sequence[BillAnswer]
    files: Sequence[BillFile]
    compares: bool

    @property
    def stamp(self) -> str:
        """Return what differs whenever the days do, or the comparing ends."""
        days = [(line.day.pk, line.day.here_micros, line.day.bill_micros) for line in self.days]
        counts = [(line.day.open, line.day.counts, line.is_explained) for line in self.days]
        return hashlib.sha256(repr((self.compares, days, counts)).encode()).hexdigest()[:16]

    @property
    def asked_at(self) -> datetime | None:
        return self.answers[0].asked_at if self.answers else None


@dataclass(frozen=True)
class MatchLine:
    """A row of a day; `change` is what adjusting would change, in micro-dollars."""

    match: BillMatch
    model: str
    path: str

    @property
    def is_difference(self) -> bool:
        return self.match.kind in DIFFERENCES

    @property
    def tone(self) -> str:
        """Return the class of the chip with the kind."""
        return "warn" if self.is_difference else "ok" if self.match.kind == MatchKind.EQUAL else ""

    @property
    def by_nearness(self) -> bool:
        return self.match.proof == Proof.NEAR

    @property
    def difference(self) -> int | None:
        if self.match.kind not in DIFFERENCES:
            return None
        return change_of(self.match)


@dataclass(frozen=True)
class MatchesSheet:
    """A page of a day's rows."""

    line: BillDayLine
    tabs: Sequence[Tab]
    rows: Sequence[MatchLine]
    more: str
    back: str


@dataclass(frozen=True)
class MatchSheet:
    """A row by itself: its request and its line, as far as they are there."""

    row: MatchLine
    day: BillDay
    day_name: str
    generation: Generation | None
    entry: BillEntry | None
    change: int | None
    is_open: bool


def matching_sheet(
    person: Person, *, source: str = BillSource.LOG, before: date | None = None
) -> MatchingSheet:
    """Read a page of compared days."""
    target = settings.GATEWAY_TARGET
    found = bills.bill_days(target, source, before=before)
    shown = found[: bills.DAYS_ON_A_PAGE]
    older = ""
    if len(found) > len(shown):
        older = "?" + urlencode({"source": source, "before": shown[-1].day.isoformat()})
    return MatchingSheet(
        tabs=[
            Tab(str(label), f"?source={value}", value == source)
            for value, label in BillSource.choices
        ],
        source=source,
        days=_day_lines(target, source, shown),
        older=older,
        answers=bills.bill_answers(target) if person.is_admin else (),
        files=bills.bill_files(target) if person.is_admin else (),
        compares=source == BillSource.LOG and before is None and bill_jobs.is_under_way(),
    )


def matches_sheet(day: BillDay, *, kind: str = "", after: int = 0) -> MatchesSheet:
    """Read a page of a day's rows."""
    found = bills.matches_of(day, kind=kind, after=after)
    shown = found[: bills.MATCHES_ON_A_PAGE]
    more = ""
    if len(found) > len(shown):
        more = "?" + urlencode({"kind": kind, "after": shown[-1].pk})
    [line] = _day_lines(day.target, day.source, [day])
    back = reverse("matching") + f"?source={day.source}"
    return MatchesSheet(line, _kind_tabs(day, kind), _match_lines(shown), more, back)


def match_sheet(match: BillMatch) -> MatchSheet:
    """Read a row with its request and its line."""
    day = match.bill_day
    [row] = _match_lines([match])
    return MatchSheet(
        row=row,
        day=day,
        day_name=named_day(day.day),
        generation=Generation.objects.filter(pk=match.generation_id)
        .select_related("person")
        .first(),
        entry=BillEntry.objects.filter(pk=match.entry_id).select_related("file").first(),
        change=change_of(match),
        is_open=match.is_open,
    )


def _day_lines(target: str, source: str, days: Sequence[BillDay]) -> list[BillDayLine]:
    notes = bills.day_notes(target, source, [day.day for day in days])
    return [
        BillDayLine(
            day, named_day(day.day), reverse("matching_day", args=[day.pk]), notes.get(day.day)
        )
        for day in days
    ]


def _kind_tabs(day: BillDay, chosen: str) -> list[Tab]:
    counts: Mapping[str, int] = day.counts
    tabs = [Tab(_("All"), "?", not chosen, sum(counts.get(kind, 0) for kind in MatchKind.values))]
    return tabs + [
        Tab(str(label), f"?kind={kind}", kind == chosen, counts[kind])
        for kind, label in MatchKind.choices
        if counts.get(kind)
    ]


def _match_lines(matches: Sequence[BillMatch]) -> list[MatchLine]:
    catalogue = load_catalogue(settings.MODELS_TOML)
    known = {match.model: catalogue.find(match.model) for match in matches}
    names = {slug: model.name if model else slug for slug, model in known.items()}
    path_of = numbered("matching_row")
    return [MatchLine(match, names[match.model], path_of(match.pk)) for match in matches]
