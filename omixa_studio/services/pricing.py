"""Prices: estimate a choice from list prices and bills, and learn from each new bill.

The highest bill of a choice is updated in the transaction that records a bill, together with the
holds of queued requests with the same choice. Locks are taken in this order: prices, then
generations, then balances.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, F, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast, Now
from django.utils import timezone

from omixa_studio.catalogue import (
    Catalogue,
    Estimate,
    ImageModel,
    PriceKey,
    estimate,
    hold_amount,
    key_of,
)
from omixa_studio.models import BilledPrice, Charge, Generation, GenerationInput, State
from omixa_studio.models.ledger import today
from omixa_studio.queries.prices import BillsByModel, bills_of

from . import ledger
from .statements import Statement, compiled, slot

# The columns that identify a price.
CHOICE = ("target", "model", *PriceKey._fields)
INPUTS = Count("sent_inputs", filter=Q(sent_inputs__is_mask=False))


@dataclass(frozen=True)
class Terms:
    """The terms read once for all requests of a click or a page.

    They are the day on which the requests are recorded, and the bills so far.
    """

    catalogue: Catalogue
    day: date
    bills: BillsByModel

    @property
    def month(self) -> str:
        return f"{self.day:%Y-%m}"


@dataclass(frozen=True)
class Price:
    """The estimated cost of a choice and the amount held for it, in dollars."""

    estimate: Estimate
    hold: Decimal


def terms_now(catalogue: Catalogue, models: Iterable[ImageModel]) -> Terms:
    """Read the current terms for requests of some models."""
    slugs = {model.slug for model in models}
    return Terms(catalogue, today(), bills_of(settings.GATEWAY_TARGET, slugs))


def price(terms: Terms, model: ImageModel, values: Mapping[str, object], inputs: int) -> Price:
    """Estimate a choice that sends `inputs` images, and compute its hold."""
    asked = values.get("n", 1)
    count = asked if isinstance(asked, int) else 1
    key, bills = key_of(values, inputs), terms.bills.get(model.slug, {})
    return Price(
        estimate=estimate(model, key, count, bills),
        hold=hold_amount(model, key, count, bills, terms.catalogue.unknown_price_hold),
    )


def forget(target: str, slug: str) -> int:
    """Clear the bills of a model, so that its next bill sets the price; existing holds stay.

    Returns the highest bill known, in micro-dollars, 0 if there was none.
    """
    with transaction.atomic():
        rows = BilledPrice.objects.filter(target=target, model=slug, dearest_micros__gt=0)
        known = list(rows.select_for_update().order_by("pk"))
        rows.filter(pk__in=[row.pk for row in known]).update(
            dearest_micros=0, last_micros=0, last_at=None
        )
    return max((row.dearest_micros for row in known), default=0)


def price_of(generation: Generation) -> BilledPrice:
    """Return the price of a generation's choice, not locked; unsaved if it has no bill yet."""
    sent, reading = _asking(connection.vendor)
    inputs = len(sent.rows(generation_id=generation.pk))
    key = key_of(generation.options, inputs)._asdict()
    same = {"target": generation.target, "model": generation.model, **key}
    return next(iter(reading.records(BilledPrice, **same)), None) or BilledPrice(**same)


@cache
def _asking(vendor: str) -> tuple[Statement, Statement]:
    """Return statements for a generation's images and a choice's price, per database."""
    of_one = slot(GenerationInput, "generation_id")
    sent = GenerationInput.objects.filter(generation_id=of_one, is_mask=False).order_by()
    prices = BilledPrice.objects.filter(**{name: slot(BilledPrice, name) for name in CHOICE})
    return compiled(sent.values_list("pk")), compiled(prices)


def repeats(
    price: BilledPrice, generation: Generation, billed_micros: int, *, pictures: int
) -> bool:
    """Return whether a bill repeats today's last price per picture and fits its own hold.

    Then the price does not change and no hold is raised, so the price need not be locked:
    concurrent bills count as earlier or later.
    """
    each = _each(generation, billed_micros, pictures)
    if price.last_at is None or not price.last_micros == each <= price.dearest_micros:
        return False
    day = timezone.localdate(price.last_at, timezone.get_default_timezone())
    return day == today() and billed_micros <= generation.held_micros


def lock(price: BilledPrice) -> BilledPrice:
    """Lock a price until the end of the transaction, creating it if missing; return it reread.

    It is locked before anything else: calls of one choice that end at once wait here for each
    other, without holding locks that another needs.
    """
    same = {name: getattr(price, name) for name in CHOICE}
    if price.pk is None:
        BilledPrice.objects.bulk_create([BilledPrice(**same)], ignore_conflicts=True)
    return BilledPrice.objects.select_for_update().get(**same)


def learn(
    known: BilledPrice, generation: Generation, billed_micros: int, *, pictures: int
) -> list[Charge]:
    """Update a locked price with the bill of a call for so many pictures.

    Returns the unsaved rows that raise the holds of the first queued generations with the same
    choice; `raise_the_rest` raises all others.
    """
    each = _each(generation, billed_micros, pictures)
    if not each:
        return []  # a free picture tells nothing about the next one
    dearer = each > known.dearest_micros
    known.dearest_micros, known.last_micros = max(each, known.dearest_micros), each
    BilledPrice.objects.filter(pk=known.pk).update(
        dearest_micros=known.dearest_micros, last_micros=each, last_at=Now()
    )
    if not (dearer or billed_micros > generation.held_micros):
        return []
    return _raise(known, _behind_of(known)[: ledger.ROWS_AT_A_TIME])


def raise_the_rest(known: BilledPrice) -> None:
    """Raise the holds of all remaining queued generations, in short transactions.

    Runs after the transaction of `learn`. If it is interrupted, `catch_up` raises each hold when
    its generation is next to be claimed.
    """
    for batch in ledger.in_batches(_behind_of(known)):
        with transaction.atomic():
            ledger.append(_raise(known, batch))


def remember(calls: Iterable[tuple[Generation, int, int]]) -> None:
    """Record the bills of many past calls, in order: each with its row, inputs and pictures.

    For demo data; no holds are raised.
    """
    found: dict[tuple[str, str, PriceKey], BilledPrice] = {}
    for row, inputs, pictures in calls:
        if not row.billed_micros:
            continue
        key = key_of(row.options, inputs)
        if (row.target, row.model, key) not in found:
            same = {"target": row.target, "model": row.model, **key._asdict()}
            known = BilledPrice.objects.filter(**same).first() or BilledPrice(**same)
            found[row.target, row.model, key] = known
        known = found[row.target, row.model, key]
        known.last_micros = _each(row, row.billed_micros, pictures)
        known.last_at = row.finished_at
        known.dearest_micros = max(known.dearest_micros, known.last_micros)
    for known in found.values():
        known.save()


def catch_up(generation_id: int) -> None:
    """Raise the hold of the row to be claimed next to the highest bill of its choice.

    It may have been queued, or requeued, at the very moment when other holds were raised.
    """
    rows = Generation.objects.filter(pk=generation_id, state=State.QUEUED)
    facts = rows.values_list("target", "model", "options").annotate(sent=INPUTS)
    for target, model, options, inputs in facts:
        key = key_of(options, inputs)._asdict()
        known = BilledPrice.objects.filter(target=target, model=model, **key).first()
        if known is None or not _behind(known).filter(pk=generation_id).exists():
            continue
        with transaction.atomic():
            ledger.append(_raise(known, [generation_id]))


def _each(generation: Generation, billed_micros: int, pictures: int) -> int:
    """Return the micro-dollars per picture that a bill paid for, rounded up."""
    paid_for = min(pictures or generation.count, generation.count)
    return -(-billed_micros // max(paid_for, 1))


def _behind_of(known: BilledPrice) -> list[int]:
    """Return the ids of queued generations with a choice held below its highest bill, in order."""
    key = PriceKey(known.quality, known.size, known.inputs)
    rows = _behind(known).order_by("pk").values_list("pk", "options").annotate(sent=INPUTS)
    return [pk for pk, options, inputs in rows if key_of(options, inputs) == key]


def _raise(known: BilledPrice, ids: Sequence[int]) -> list[Charge]:
    """Raise the holds of those of a batch that are still queued, locked in the common order."""
    columns = ("id", "target", "model", "operation", "count", "held_micros")
    waiting = _behind(known).filter(pk__in=ids).order_by("pk")
    locked = list(waiting.select_for_update().only(*columns))
    held = {row.pk: row.count * known.dearest_micros for row in locked}
    charges = ledger.raises(held, locked)
    Generation.objects.filter(pk__in=held).update(held_micros=_dearest_of(known))
    return charges


def _behind(known: BilledPrice) -> QuerySet[Generation]:
    """Return queued generations of a model whose hold is below the highest bill of a choice."""
    waiting = Generation.objects.filter(
        target=known.target, model=known.model, state=State.QUEUED, sent_at=None
    )
    return waiting.filter(held_micros__lt=_dearest_of(known))


def _dearest_of(known: BilledPrice) -> CombinedExpression:
    # PostgreSQL multiplies two small integers as small integers, which can overflow.
    return Cast(F("count"), BigIntegerField()) * known.dearest_micros
