"""Explain a difference between the bill and the ledger, or adjust the ledger to the bill.

Nothing is changed in the ledger: a row is added to it.
"""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from omixa_studio.models import (
    ActKind,
    BillDay,
    BillEntry,
    BillMatch,
    BillNote,
    Charge,
    Generation,
    Kind,
    MatchKind,
    Picture,
    State,
    dollars,
)
from omixa_studio.models.generations import Charged
from omixa_studio.queries import bills

from . import audit, deciding, ledger
from .audit import Actor
from .keeping import share_out

ADJUSTABLE = (MatchKind.AMOUNT, MatchKind.BILL_ONLY, MatchKind.HERE_ONLY, MatchKind.UNKNOWN)
REASON = "bill"


def change_of(match: BillMatch) -> int | None:
    """Return by how much adjusting changes the cost here, in micro-dollars; None if it cannot.

    A request that is in no bill is adjusted to nothing.
    """
    unclear = match.bill_micros is None and match.kind != MatchKind.HERE_ONLY
    if match.kind not in ADJUSTABLE or unclear:
        return None
    return (match.bill_micros or 0) - (match.here_micros or 0)


def explain(match: BillMatch, note: str, *, by: Actor) -> bool:
    """Record a word on a difference; return False if it is none any more, or explained by now."""
    with transaction.atomic():
        row = _locked(match)
        if row is None:
            return False
        _close(row, _note(row, note, by=by))
        audit.write(ActKind.BILL_EXPLAINED, by=by, thing=_thing(row), after=note)
    return True


def explain_day(day: BillDay, note: str, *, by: Actor) -> None:
    """Record a word on the difference of a day's sums."""
    with transaction.atomic():
        BillNote.objects.create(
            target=day.target,
            source=day.source,
            day=day.day,
            here_micros=day.here_micros,
            bill_micros=day.bill_micros,
            note=note,
            by_name=by.shown,
        )
        audit.write(ActKind.BILL_EXPLAINED, by=by, thing=day.day.isoformat(), after=note)


def adjust(match: BillMatch, note: str, *, by: Actor) -> bool:
    """Add what the ledger lacks by the bill; return False, changing nothing, if that cannot be.

    It cannot where the difference is gone or settled. A request is adjusted again where the bill
    says something else later.
    """
    try:
        with transaction.atomic():
            row = _locked(match)
            change = None if row is None else change_of(row)
            if row is None or change is None or not _book(row, change, by=by):
                return False
            _close(row, _note(row, note, by=by, change=change), adjusted=True)
            audit.write(
                ActKind.BILL_ADJUSTED,
                by=by,
                thing=_thing(row),
                before=_plain(row.here_micros),
                after=_plain(row.bill_micros or 0),
            )
    except IntegrityError:  # somebody else, or a late answer, was faster
        return False
    return True


def _locked(match: BillMatch) -> BillMatch | None:
    """Return a difference that is still open, with its day locked in the log and in files alike."""
    of = match.bill_day
    days = BillDay.objects.filter(target=of.target, day=of.day).select_for_update().order_by("pk")
    day = next((one for one in days if one.pk == of.pk), None)
    row = BillMatch.objects.filter(pk=match.pk, bill_day=day).first() if day else None
    if row is None or not row.is_open:
        return None
    same = (row.here_micros, row.bill_micros) == (match.here_micros, match.bill_micros)
    return row if same else None


def _book(row: BillMatch, change: int, *, by: Actor) -> bool:
    if not row.generation_id:
        entry = BillEntry.objects.get(pk=row.entry_id)
        booked = bills.booked_entries([entry.pk])
        here = sum(
            (booked or bills.booked_elsewhere(entry.target, entry.source, [entry.pk])).values()
        )
        if here != (row.here_micros or 0):  # booked since the bill was compared
            return False
        day = timezone.localdate(row.at, timezone.get_default_timezone())
        ledger.book_line(entry, change, day=day)
        return True
    generation = Generation.objects.select_for_update().filter(pk=row.generation_id).first()
    if generation is None or generation.target != settings.GATEWAY_TARGET:
        return False
    if generation.state == State.UNKNOWN or generation.charged == Charged.UNKNOWN:
        return deciding.decide_cost(generation, billed_micros=row.bill_micros or 0, by=by)
    return _adjust(generation, row, change)


def _adjust(generation: Generation, row: BillMatch, change: int) -> bool:
    booked = Charge.objects.filter(
        generation_id=generation.pk, kind__in=(Kind.CAPTURE, Kind.ADJUSTMENT)
    )
    here = booked.aggregate(sum=Sum("amount_micros"))["sum"] or 0
    if here != (row.here_micros or 0):  # booked since the bill was compared
        return False
    billed = here + change
    generation.charged = Charged.YES if billed else Charged.NO
    generation.billed_micros, generation.over_hold = billed, billed > generation.held_micros
    generation.save(update_fields=["charged", "billed_micros", "over_hold"])
    pictures = list(generation.pictures.order_by("index"))
    share_out(billed, pictures)
    Picture.objects.bulk_update(pictures, ["cost_micros"])
    ledger.adjust(generation, change, text="", reason=REASON)
    return True


def _note(row: BillMatch, note: str, *, by: Actor, change: int | None = None) -> BillNote:
    return BillNote.objects.create(
        target=row.bill_day.target,
        entry_id=row.entry_id,
        generation_id=row.generation_id,
        here_micros=row.here_micros,
        bill_micros=row.bill_micros,
        change_micros=change,
        note=note,
        by_name=by.shown,
    )


def _close(row: BillMatch, note: BillNote, *, adjusted: bool = False) -> None:
    """Note on the row and its day what came of it; the next comparison writes the day anew."""
    day = BillDay.objects.filter(pk=row.bill_day_id)
    day.update(open=F("open") - 1, digest="")
    if adjusted:
        day.update(here_micros=F("here_micros") + (note.change_micros or 0))
        BillMatch.objects.filter(pk=row.pk).update(
            kind=MatchKind.EQUAL, here_micros=row.bill_micros or 0, note=note
        )
    else:
        BillMatch.objects.filter(pk=row.pk).update(note=note)


def _thing(row: BillMatch) -> str:
    return f"G-{row.generation_id}" if row.generation_id else f"bill {row.entry_id}"


def _plain(amount_micros: int | None) -> str:
    amount = dollars(amount_micros)
    return "" if amount is None else f"{amount:.6f}"
