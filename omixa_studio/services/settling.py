"""Settle a generation: one short transaction for pictures, money and state."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from django.db import connection, transaction
from django.db.models.functions import Now

from omixa_studio.gateway.errors import GatewayError, Told, told
from omixa_studio.gateway.records import ImageAnswer
from omixa_studio.models import (
    AnswerFile,
    BilledPrice,
    Charge,
    Generation,
    Picture,
    State,
    micros,
)
from omixa_studio.models.generations import Charged
from omixa_studio.queries.similar import shared_before
from omixa_studio.sentences import tell_in_english

from . import ledger, pricing
from .keeping import Kept, share_out
from .statements import Statement, compiled_update, slot

MAY_STILL_SETTLE = (State.RUNNING, State.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """The outcome of an answer. `billed_micros` is None while the cost is unknown.

    `lost` is the number of its pictures that could not be downloaded.
    """

    state: State
    charged: Charged
    billed_micros: int | None = None
    billed_text: str = ""
    pictures: Sequence[Picture] = ()
    files: Sequence[AnswerFile] = ()
    lost: int = 0
    error_kind: str = ""
    error: Sequence[Told] = ()
    error_detail: str = ""
    status: int | None = None
    request_id: str = ""
    seconds: float | None = None

    @property
    def has_all(self) -> bool:
        """Return whether the answer can be deleted: all it paid for is stored, or it was free."""
        if self.state == State.UNKNOWN or self.lost:
            return False
        return bool(self.pictures or self.files) or self.charged == Charged.NO


def succeeded(
    kept: Kept, *, billed: Decimal | None, billed_text: str, request_id: str
) -> Settlement:
    """Return the outcome of an answer of which at least one picture is stored."""
    return Settlement(
        state=State.DONE,
        charged=Charged.UNKNOWN if billed is None else Charged.YES,
        billed_micros=None if billed is None else micros(billed),
        billed_text=billed_text,
        pictures=kept.pictures,
        files=kept.files,
        lost=kept.lost,
        error=kept.problems,
        status=200,
        request_id=request_id,
    )


def nothing_usable(
    kept: Kept, *, billed: Decimal | None, billed_text: str, request_id: str
) -> Settlement:
    """Return the outcome of an answer whose pictures are all broken."""
    base = succeeded(kept, billed=billed, billed_text=billed_text, request_id=request_id)
    known = billed is not None
    return replace(
        base,
        state=State.FAILED if known else State.UNKNOWN,
        error_kind="gateway",
        error=(told("nothing_opened"),),
        error_detail=tell_in_english(kept.problems),
    )


def awaited(answer: ImageAnswer) -> Settlement:
    """Return the interim outcome while an answer's pictures cannot be downloaded."""
    return Settlement(
        state=State.UNKNOWN,
        charged=Charged.UNKNOWN,
        error_kind="gateway",
        error=(told("pictures_awaited"),),
        status=200,
        request_id=answer.request_id,
    )


def stored_later(*said: Told) -> Settlement:
    """Return the interim outcome while an answer's pictures cannot be stored."""
    return Settlement(state=State.UNKNOWN, charged=Charged.UNKNOWN, error_kind="ours", error=said)


def failed(error: GatewayError) -> Settlement:
    """Return the outcome of a call without a picture."""
    return Settlement(
        state=State(error.state),
        charged=Charged(error.charged),
        billed_micros=None if error.billed is None else micros(error.billed),
        billed_text=error.billed_text,
        error_kind=error.kind,
        error=error.told,
        error_detail=error.detail,
        status=error.status,
        request_id=error.request_id,
    )


def settle(generation: Generation, outcome: Settlement, *, settled_by: str) -> bool:
    """Record an outcome once: by the worker or by the sweep, whichever comes first.

    Returns False, writing nothing, if this attempt no longer holds the row or it was settled.
    """
    decided = outcome.state != State.UNKNOWN
    # Read before the transaction, which blocks all other writers.
    news, held = _news(generation, outcome), ledger.all_held(generation)
    columns = _columns(generation, outcome) | {"settled_by": settled_by if decided else None}
    with transaction.atomic():
        known = pricing.lock(news) if news else None
        if not _ending(connection.vendor, tuple(columns)).change(
            id=generation.pk, attempt=generation.attempt, **columns
        ):
            return False
        beside = _learned(known, generation, outcome) if decided else []
        if decided:
            _book(generation, outcome, held=held, beside=beside)
        _save_pictures(outcome)
    if known and beside:
        pricing.raise_the_rest(known)
    return True


def settle_late(generation: Generation, outcome: Settlement) -> bool:
    """Process an answer after a person has decided: store pictures, adjust to the bill.

    An answer of unknown cost leaves the person's decision in place. Returns False if the row was
    not decided by a person, already had a late answer, or this one contains nothing.
    """
    if outcome.charged == Charged.UNKNOWN and not outcome.pictures:
        AnswerFile.objects.bulk_create(outcome.files, ignore_conflicts=True)
        return False
    news = _news(generation, outcome)
    with transaction.atomic():
        known = pricing.lock(news) if news else None
        row = Generation.objects.filter(
            pk=generation.pk,
            attempt=generation.attempt,
            settled_by__startswith="person:",
            came_late=False,
        )
        if not row.update(came_late=True, **_late_columns(generation, outcome)):
            return False
        beside = _learned(known, generation, outcome)
        _adjust_to(generation, outcome, beside=beside)
        _save_pictures(_without_kept(generation, outcome))
    if known and beside:
        pricing.raise_the_rest(known)
    return True


def decide(generation: Generation, *, billed_micros: int, by: str) -> bool:
    """Settle an unknown outcome by a person's decision on its cost, 0 for nothing.

    Returns False if it is no longer unknown.
    """
    outcome = Settlement(
        state=State.FAILED,
        charged=Charged.YES if billed_micros else Charged.NO,
        billed_micros=billed_micros,
        error_kind="gateway",
        error=generation.error,
        error_detail=generation.error_detail,
        status=generation.status,
        request_id=generation.request_id,
        seconds=generation.seconds,
    )
    with transaction.atomic():
        unknown = Generation.objects.filter(pk=generation.pk, state=State.UNKNOWN, settled_by=None)
        columns = _columns(generation, outcome)
        if not unknown.update(**columns, finished_at=Now(), settled_by=_decider(by)):
            return False
        _book(generation, outcome)
    return True


def decide_cost(generation: Generation, *, billed_micros: int, by: str) -> bool:
    """Set the cost of a finished generation whose answer had none; state and pictures stay.

    Returns False if its cost is known by now.
    """
    cost_unknown = Generation.objects.filter(
        pk=generation.pk, state__in=(State.DONE, State.FAILED), charged=Charged.UNKNOWN
    )
    with transaction.atomic():
        if not cost_unknown.update(
            charged=Charged.YES if billed_micros else Charged.NO,
            billed_micros=billed_micros,
            over_hold=billed_micros > generation.held_micros,
            settled_by=_decider(by),
        ):
            return False
        pictures = list(generation.pictures.order_by("index"))
        share_out(billed_micros, pictures)
        Picture.objects.bulk_update(pictures, ["cost_micros"])
        ledger.capture(generation, billed_micros, "", pictures=len(pictures))
    return True


def _decider(username: str) -> str:
    longest = Generation._meta.get_field("settled_by").max_length
    return f"person:{username}"[:longest]


def _columns(generation: Generation, outcome: Settlement) -> dict[str, object]:
    billed = outcome.billed_micros
    return {
        "state": outcome.state,
        "charged": outcome.charged,
        "billed_micros": billed,
        "billed_text": outcome.billed_text,
        "over_hold": billed is not None and billed > generation.held_micros,
        "error_kind": outcome.error_kind,
        "error": list(outcome.error),
        "error_detail": outcome.error_detail,
        "status": outcome.status,
        "request_id": outcome.request_id,
        "seconds": outcome.seconds,
        "had_before": outcome.charged == Charged.YES and shared_before(generation),
    }


@cache
def _ending(vendor: str, columns: Sequence[str]) -> Statement:
    """Return the conditional update that settles a row, compiled per database."""
    row = Generation.objects.filter(
        pk=slot(Generation, "id"),
        attempt=slot(Generation, "attempt"),
        state__in=MAY_STILL_SETTLE,
        settled_by=None,
    )
    return compiled_update(row, **dict.fromkeys(columns, ...), finished_at=Now())


def _news(generation: Generation, outcome: Settlement) -> BilledPrice | None:
    """Return the price to update by the gateway's bill, else None; never by a person's decision."""
    billed, pictures = outcome.billed_micros, len(outcome.pictures)
    if outcome.charged != Charged.YES or billed is None:
        return None
    price = pricing.price_of(generation)
    return None if pricing.repeats(price, generation, billed, pictures=pictures) else price


def _learned(
    known: BilledPrice | None, generation: Generation, outcome: Settlement
) -> list[Charge]:
    if known is None:
        return []
    billed, pictures = outcome.billed_micros or 0, len(outcome.pictures)
    return pricing.learn(known, generation, billed, pictures=pictures)


def _book(
    generation: Generation,
    outcome: Settlement,
    *,
    held: Charge | None = None,
    beside: Sequence[Charge] = (),
) -> None:
    """Release and capture; while the cost is unknown the hold stays, and keeps counting."""
    if outcome.charged == Charged.UNKNOWN:
        return
    if outcome.billed_micros is None:
        ledger.release(generation)
        return
    ledger.capture(
        generation,
        outcome.billed_micros,
        outcome.billed_text,
        pictures=len(outcome.pictures),
        held=held,
        beside=beside,
    )


def _late_columns(generation: Generation, outcome: Settlement) -> dict[str, object]:
    """Return a late answer's facts and bill; not its state, which stays as decided."""
    facts = {
        "status": outcome.status,
        "request_id": outcome.request_id,
        "seconds": outcome.seconds,
    }
    told: dict[str, object] = {name: value for name, value in facts.items() if value}
    if outcome.charged == Charged.UNKNOWN:
        return told
    billed = outcome.billed_micros or 0
    return told | {
        "charged": outcome.charged,
        "billed_micros": billed,
        "billed_text": outcome.billed_text,
        "over_hold": billed > generation.held_micros,
    }


def _adjust_to(generation: Generation, outcome: Settlement, *, beside: Sequence[Charge]) -> None:
    """Record what the ledger lacks: money, and pictures even if no money is missing."""
    booked = list(Charge.objects.filter(generation_id=generation.pk))
    difference = 0
    if outcome.charged != Charged.UNKNOWN:
        difference = (outcome.billed_micros or 0) - sum(row.amount_micros for row in booked)
    pictures = max(len(outcome.pictures) - sum(row.pictures for row in booked), 0)
    if difference or pictures:
        ledger.adjust(
            generation,
            difference,
            text=outcome.billed_text,
            reason="came_late",
            pictures=pictures,
            beside=beside,
        )
    elif beside:
        ledger.append(beside)


def _without_kept(generation: Generation, outcome: Settlement) -> Settlement:
    """Leave out pictures that are already stored: only their cost was decided by a person."""
    kept = set(generation.pictures.values_list("index", flat=True))
    missing = [picture for picture in outcome.pictures if picture.index not in kept]
    return replace(outcome, pictures=missing)


def _save_pictures(outcome: Settlement) -> None:
    share_out(outcome.billed_micros, outcome.pictures)
    Picture.objects.bulk_create(outcome.pictures)
    # Files of an unclear answer are stored at once, and again when it is settled late.
    AnswerFile.objects.bulk_create(outcome.files, ignore_conflicts=True)
