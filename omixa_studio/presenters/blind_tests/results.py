"""The results of a blind test: a line per contestant, and the advice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from omixa_studio.catalogue import Catalogue
from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import BlindTest, Contestant, Person, State, Verdict, dollars
from omixa_studio.queries import blind_tests as reads
from omixa_studio.queries.blind_tests import SampleCost

from . import statistics
from .advice import Advice, advice_of
from .names import contestant_name
from .statistics import Record

COLUMNS = (
    "model",
    "options",
    "votes",
    "wins",
    "losses",
    "equal",
    "win_rate",
    "win_rate_low",
    "win_rate_high",
    "cost_per_picture",
    "requests_of_unknown_cost",
    "median_seconds",
    "pictures_asked",
    "pictures_received",
    "wins_per_dollar",
    "practice",
)


@dataclass(frozen=True, kw_only=True)
class ContestantLine:
    """One contestant's votes, cost and time. Dollars per picture; None if unknown."""

    pk: int
    model: str
    options: Mapping[str, str]
    name: str
    record: Record
    cost: Decimal | None
    unknown: int
    seconds: float | None
    asked: int
    kept: int

    @property
    def rate(self) -> str:
        return "–" if self.record.rate is None else percent(self.record.rate)

    @property
    def interval(self) -> str:
        """Return the bounds in words, "" with too few votes."""
        bounds = self.record.interval
        return f"{percent(bounds[0])} – {percent(bounds[1])}" if bounds else ""

    @property
    def bar(self) -> Mapping[str, str] | None:
        """Return the positions of the interval and the rate on a line of length 100."""
        bounds, rate = self.record.interval, self.record.rate
        if bounds is None or rate is None:
            return None
        low, high = bounds
        spots = {"low": low, "length": high - low, "rate": rate}
        return {name: f"{100 * spot:.1f}" for name, spot in spots.items()}

    @property
    def failed(self) -> int:
        """Return the number of pictures that were asked for but not received."""
        return self.asked - self.kept

    @property
    def per_dollar(self) -> str:
        """Return the number of winning pictures per dollar, "–" if unknown."""
        value = self.value
        return "–" if value is None else number_format(value, 0 if value >= 10 else 1)

    @property
    def value(self) -> float | None:
        if self.record.interval is None or self.record.rate is None or not self.cost:
            return None
        return self.record.rate / float(self.cost)


@dataclass(frozen=True)
class HeadToHead:
    """Two contestants against each other, from the first one's side."""

    one: str
    other: str
    record: Record


@dataclass(frozen=True, kw_only=True)
class Results:
    """The results table of a test, best first, with its advice."""

    lines: Sequence[ContestantLine]
    meetings: Sequence[HeadToHead]
    advice: Advice
    votes: int
    skipped: int
    is_practice: bool


def results_of(test: BlindTest, catalogue: Catalogue, viewer: Person) -> Results:
    """Compute the results of a test, with the advice for `viewer`."""
    contestants = list(test.contestants.all())
    said = reads.verdicts(test)
    each = statistics.records(_counted(said))
    costs: dict[int, list[SampleCost]] = {}
    for one in reads.costs_of(test):
        costs.setdefault(one.contestant, []).append(one)
    lines = [
        _line(one, statistics.overall(each.get(one.pk, {})), costs.get(one.pk, []), catalogue)
        for one in contestants
    ]
    ranking = statistics.ranking(each, [one.pk for one in contestants])
    return Results(
        lines=sorted(lines, key=lambda line: -(line.record.rate or 0)),
        meetings=_meetings(contestants, each, catalogue),
        advice=advice_of(ranking, {line.pk: line for line in lines}, catalogue, viewer),
        votes=sum(count for *_two, verdict, count in said if verdict != Verdict.SKIP),
        skipped=sum(count for *_two, verdict, count in said if verdict == Verdict.SKIP),
        is_practice=test.target == SANDBOX,
    )


def results_rows(results: Results) -> Iterator[list[str]]:
    """Yield the table as plain figures: dollars with six decimals, rates from 0 to 1."""
    for line in results.lines:
        low, high = line.record.interval or (None, None)
        yield [
            line.model,
            ", ".join(f"{name}={value}" for name, value in line.options.items()),
            str(line.record.votes),
            str(line.record.wins),
            str(line.record.losses),
            str(line.record.equals),
            *(_plain(rate, 4) for rate in (line.record.rate, low, high)),
            "" if line.cost is None else f"{line.cost:.6f}",
            str(line.unknown),
            _plain(line.seconds, 2),
            str(line.asked),
            str(line.kept),
            _plain(line.value, 2),
            "yes" if results.is_practice else "no",
        ]


def percent(rate: float) -> str:
    """Format a share from 0 to 1 as a percentage: "63%"."""
    return _("%(number)s%%") % {"number": round(100 * rate)}


def _counted(said: Sequence[tuple[int, int, str, int]]) -> Iterator[tuple[int, int, Record]]:
    for one, other, verdict, count in said:
        kinds = {Verdict.FIRST: "wins", Verdict.SECOND: "losses", Verdict.EQUAL: "equals"}
        if kind := kinds.get(Verdict(verdict)):
            yield one, other, Record(**{kind: count})


def _line(
    contestant: Contestant, record: Record, costs: Sequence[SampleCost], catalogue: Catalogue
) -> ContestantLine:
    # Cancelled requests were never tried.
    tried = [one for one in costs if one.state != State.CANCELLED]
    known = [one for one in tried if one.billed_micros is not None]
    paid = sum(one.kept for one in known)
    return ContestantLine(
        pk=contestant.pk,
        model=contestant.model,
        options=contestant.options,
        name=contestant_name(contestant, catalogue),
        record=record,
        cost=Decimal(dollars(sum(one.billed_micros or 0 for one in known)) or 0) / paid
        if paid
        else None,
        unknown=len(tried) - len(known),
        seconds=statistics.median(one.seconds for one in tried if one.seconds is not None),
        asked=sum(one.asked for one in tried),
        kept=sum(one.kept for one in tried),
    )


def _meetings(
    contestants: Sequence[Contestant],
    each: Mapping[int, Mapping[int, Record]],
    catalogue: Catalogue,
) -> list[HeadToHead]:
    names = {one.pk: contestant_name(one, catalogue) for one in contestants}
    return [
        HeadToHead(names[one], names[other], record)
        for one, met in each.items()
        for other, record in met.items()
        if one < other
    ]


def _plain(number: float | None, places: int) -> str:
    return "" if number is None else f"{number:.{places}f}"
