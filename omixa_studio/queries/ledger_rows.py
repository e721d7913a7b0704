"""The ledger as rows of text, one per generation, for the export."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby, islice
from operator import attrgetter

from django.utils import timezone

from omixa_studio.models import Charge, Generation, Kind, dollars

from .costs import Span, charges

COLUMNS = (
    "time",
    "person",
    "model",
    "operation",
    "generation",
    "state",
    "pictures",
    "estimated",
    "held",
    "billed",
)
AT_A_TIME = 1000


def ledger_rows(target: str, span: Span) -> Iterator[tuple[str, ...]]:
    """Yield each generation of a span as text in the order of COLUMNS, oldest first.

    Amounts are dollars with six decimals; an unknown amount is empty. Only one batch is in memory
    at a time.
    """
    rows = charges(target, span).order_by("generation_id", "id")
    by_generation = groupby(rows.iterator(chunk_size=2000), key=attrgetter("generation_id"))
    groups = (list(charges_of_one) for _, charges_of_one in by_generation)
    while batch := list(islice(groups, AT_A_TIME)):
        wanted = [booked[0].generation_id for booked in batch]
        found = {
            pk: (state, estimate)
            for pk, state, estimate in Generation.objects.filter(pk__in=wanted).values_list(
                "pk", "state", "estimate_micros"
            )
        }
        for booked in batch:
            yield _row(booked, *found.get(booked[0].generation_id, ("", None)))


def _row(booked: list[Charge], state: str, estimate: int | None) -> tuple[str, ...]:
    first = booked[0]
    clicked = timezone.localtime(first.created_at, timezone.get_default_timezone())
    return (
        clicked.isoformat(timespec="seconds"),
        first.person_name,
        first.model,
        first.operation,
        str(first.generation_id),
        state,
        str(sum(charge.pictures for charge in booked)),
        _money(estimate),
        _money(sum(one.amount_micros for one in booked if one.kind in (Kind.HOLD, Kind.RAISE))),
        _money(_billed(booked)),
    )


def _billed(booked: list[Charge]) -> int | None:
    """Return the micro-dollars finally billed; None while open or unknown."""
    kinds = {charge.kind for charge in booked}
    if not kinds & {Kind.RELEASE, Kind.CAPTURE, Kind.ADJUSTMENT}:
        return None
    return sum(
        charge.amount_micros for charge in booked if charge.kind in (Kind.CAPTURE, Kind.ADJUSTMENT)
    )


def _money(amount: int | None) -> str:
    return "" if amount is None else f"{dollars(amount) or Decimal(0):.6f}"
