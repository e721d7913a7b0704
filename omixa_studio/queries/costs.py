"""Costs of pictures, summed from the ledger alone: deleting pictures changes no figure.

All amounts are whole micro-dollars. Days are those of the click in the studio's time zone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from omixa_studio.models import OPEN_STATES, Charge, Generation, Kind, Person, State
from omixa_studio.models.generations import Charged

Key = TypeVar("Key")

IS_BILL = Q(kind__in=(Kind.CAPTURE, Kind.ADJUSTMENT))


@dataclass(frozen=True)
class Span:
    """A range of days, inclusive, of one person and one model; None stands for all."""

    first: date
    last: date
    person_id: int | None = None
    model: str | None = None

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def is_month(self) -> bool:
        """Return whether the span is exactly one whole month."""
        next_day = self.last + timedelta(days=1)
        return self.first.day == next_day.day == 1 and (next_day - self.first).days < 32

    def ending(self, last: date) -> "Span":
        """Return the same span cut off after a day within it."""
        return replace(self, last=max(self.first, min(self.last, last)))

    @property
    def before(self) -> "Span":
        """Return as many days just before; for the start of a month, that of the last month."""
        eve = self.first - timedelta(days=1)
        if self.first.day == 1 and self.last.month == self.first.month:
            last = eve if self.is_month else eve.replace(day=min(self.last.day, eve.day))
            return replace(self, first=eve.replace(day=1), last=last)
        return replace(self, first=eve - (self.last - self.first), last=eve)


@dataclass
class CostSums:
    """Sums of one group, in micro-dollars and counts.

    `held` is held and not settled. The part of it that belongs to failures of unknown cost and to
    unknown outcomes is also given separately.
    """

    billed: int = 0
    held: int = 0
    requests: int = 0
    pictures: int = 0
    failed: int = 0
    failed_held: int = 0
    unknown: int = 0
    unknown_held: int = 0

    def add(self, other: "CostSums") -> None:
        self.billed += other.billed
        self.held += other.held
        self.requests += other.requests
        self.pictures += other.pictures
        self.failed += other.failed
        self.failed_held += other.failed_held
        self.unknown += other.unknown
        self.unknown_held += other.unknown_held

    @property
    def each(self) -> int | None:
        """Return the mean bill per picture paid for, None without pictures."""
        return round(self.billed / self.pictures) if self.pictures else None


@dataclass(frozen=True)
class CostCell:
    """The sums of one person, model and day; without a day, the failed and unknown requests."""

    day: date | None
    person_id: int
    model: str
    line: CostSums


def cells(target: str, span: Span) -> list[CostCell]:
    """Return the figures of a span in two statements, each grouped by the database."""
    return [*_booked(target, span), *_astray(target, span)]


def grouped(rows: Iterable[CostCell], key: Callable[[CostCell], Key]) -> dict[Key, CostSums]:
    """Return the sums of the cells of each key, highest bill first."""
    sums: dict[Key, CostSums] = {}
    for cell in rows:
        sums.setdefault(key(cell), CostSums()).add(cell.line)
    return dict(sorted(sums.items(), key=lambda item: (-item[1].billed, -item[1].requests)))


def total(rows: Iterable[CostCell]) -> CostSums:
    """Return the sum of all cells."""
    sums = CostSums()
    for cell in rows:
        sums.add(cell.line)
    return sums


def billed(target: str, span: Span) -> int:
    """Return the micro-dollars billed in a span."""
    bills = charges(target, span).filter(IS_BILL)
    return bills.aggregate(sum=Sum("amount_micros"))["sum"] or 0


def open_count(target: str, span: Span) -> int:
    """Return the number of queued or running requests clicked in a span."""
    return generations(target, span).filter(state__in=OPEN_STATES).count()


def charges(target: str, span: Span) -> QuerySet[Charge]:
    """Return the ledger rows of a span."""
    rows = Charge.objects.filter(target=target, day__range=(span.first, span.last)).order_by()
    if span.person_id is not None:
        rows = rows.filter(person_id=span.person_id)
    return rows if span.model is None else rows.filter(model=span.model)


def generations(target: str, span: Span) -> QuerySet[Generation]:
    """Return the generations clicked in a span, with `ledger_person`, which outlives accounts."""
    held = Charge.objects.filter(generation_id=OuterRef("pk"), kind=Kind.HOLD)
    rows = Generation.objects.filter(
        target=target,
        created_at__gte=_midnight(span.first),
        created_at__lt=_midnight(span.last + timedelta(days=1)),
    ).annotate(ledger_person=Subquery(held.values("person_id")))
    if span.person_id is not None:
        rows = rows.filter(ledger_person=span.person_id)
    rows = rows if span.model is None else rows.filter(model=span.model)
    return rows.order_by()


def person_names(target: str, ids: Iterable[int]) -> dict[int, str]:
    """Return people's names by id; those of deleted accounts come from the ledger."""
    wanted = set(ids)
    found = {person.pk: person.name for person in Person.objects.filter(pk__in=wanted)}
    gone = wanted - set(found)
    if gone:
        rows = Charge.objects.filter(target=target, person_id__in=gone).order_by()
        found |= dict(rows.values_list("person_id").annotate(Max("person_name")))
    return found


def _booked(target: str, span: Span) -> list[CostCell]:
    # Grouped in the order of the index charge_by_day, which covers every column named here.
    sums = (
        charges(target, span)
        .values_list("day", "person_id", "model")
        .annotate(
            bills=Sum("amount_micros", filter=IS_BILL, default=0),
            all=Sum("amount_micros"),
            clicks=Count("pk", filter=Q(kind=Kind.HOLD)),
            paid_for=Sum("pictures"),
        )
    )
    return [
        CostCell(day, person, model, CostSums(bills, counted - bills, clicks, pictures))
        for day, person, model, bills, counted, clicks, pictures in sums
    ]


def _astray(target: str, span: Span) -> list[CostCell]:
    cost_unknown = Q(state=State.UNKNOWN) | Q(charged=Charged.UNKNOWN)
    sums = (
        generations(target, span)
        .filter(state__in=(State.FAILED, State.UNKNOWN))
        .values_list("ledger_person", "model", "state")  # type: ignore[misc]  # annotated above
        .annotate(lost=Count("pk"), still_held=Sum("held_micros", filter=cost_unknown, default=0))
    )
    return [
        CostCell(None, person or 0, model, _astray_line(state, count, held))
        for person, model, state, count, held in sums
    ]


def _astray_line(state: str, count: int, held: int) -> CostSums:
    if state == State.FAILED:
        return CostSums(failed=count, failed_held=held)
    return CostSums(unknown=count, unknown_held=held)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
