"""Watch prices: tell admins when a choice of a model costs more than it usually did.

The worker adds new bills to the prices of their days, and compares today's with the median of the
days before.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from statistics import median_low

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.urls import reverse

from omixa_studio.catalogue import Catalogue, key_of
from omixa_studio.models import Charge, Generation, Kind, PriceDay, PriceMark
from omixa_studio.models.ledger import today
from omixa_studio.queries.people import admins
from omixa_studio.queries.price_days import CHOICE, FEWEST_DAYS, LEAST_BILLED_MICROS, days_before

from . import notices

ROWS_AT_A_TIME = 1_000
DAYS_LOOKED_AT = 30
# A price that rose by less is rounding, or other sizes under the same name.
RISEN = 1.1
Priced = tuple[date, str, str, str, int]


def watch(target: str, catalogue: Catalogue) -> list[PriceDay]:
    """Add new bills, and tell admins once of each choice that costs more today; return these."""
    while _add_bills(target) == ROWS_AT_A_TIME:
        continue
    risen = [row for row in _unflagged(target) if _flag(row)]
    for row in risen:
        found = catalogue.find(row.model)
        facts = {
            "model": found.name if found else row.model,
            "choice": ", ".join(filter(None, [row.quality, row.size])) or "–",
            "now_micros": row.each_micros,
            "usual_micros": row.usual_micros,
        }
        path, key = reverse("models"), f"price {target} {row.pk}"
        notices.tell(admins(), "price_rose", facts, path=path, key=key)
    return risen


def _add_bills(target: str) -> int:
    """Add the next bills to the prices of their days; return how many ledger rows were read.

    A row that becomes visible after a later one is left out, which no median notices.
    """
    mark = _mark(target)
    rows = list(
        Charge.objects.filter(pk__gt=mark)
        .order_by("pk")
        .values_list("pk", "kind", "target", "generation_id", "day", "amount_micros", "pictures")[
            :ROWS_AT_A_TIME
        ]
    )
    if not rows:
        return 0
    bills = [row[3:] for row in rows if row[1] == Kind.CAPTURE and row[2] == target and row[6]]
    with transaction.atomic():
        # Two workers read the same rows: the second one finds that the mark has moved.
        moved = PriceMark.objects.filter(pk=1, charge_id=mark).update(charge_id=rows[-1][0])
        if moved:
            _add(target, bills)
    return len(rows)


def _add(target: str, bills: Iterable[tuple[int, date, int, int]]) -> None:
    told = {pk: (day, amount, count) for pk, day, amount, count in bills}
    pictures: Counter[Priced] = Counter()
    micros: Counter[Priced] = Counter()
    for pk, model, options, inputs in _asked(told):
        day, amount, count = told[pk]
        key = (day, model, *key_of(options, inputs))
        pictures[key] += count
        micros[key] += amount
    for key in sorted(pictures):
        same = {"target": target, **dict(zip(("day", *CHOICE), key, strict=True))}
        PriceDay.objects.bulk_create([PriceDay(**same)], ignore_conflicts=True)
        row = PriceDay.objects.select_for_update().get(**same)
        row.pictures += pictures[key]
        row.billed_micros += micros[key]
        row.save(update_fields=["pictures", "billed_micros"])


def _asked(pks: Iterable[int]) -> "QuerySet[Generation, tuple[int, str, dict[str, object], int]]":
    sent = Count("sent_inputs", filter=Q(sent_inputs__is_mask=False))
    rows = Generation.objects.filter(pk__in=list(pks)).annotate(inputs_sent=sent)
    return rows.values_list("pk", "model", "options", "inputs_sent")


def _mark(target: str) -> int:
    """Return the last row that was added; at first, the one before the days looked at."""
    known = PriceMark.objects.values_list("charge_id", flat=True).first()
    if known is not None:
        return known
    since = today() - timedelta(days=DAYS_LOOKED_AT)
    first = Charge.objects.filter(target=target, day__gte=since).aggregate(first=Min("pk"))["first"]
    PriceMark.objects.get_or_create(pk=1, defaults={"charge_id": (first or 1) - 1})
    return PriceMark.objects.values_list("charge_id", flat=True).get(pk=1)


def _unflagged(target: str) -> list[PriceDay]:
    return list(PriceDay.objects.filter(target=target, day=today(), usual_micros=None))


def _flag(row: PriceDay) -> bool:
    """Note the usual price beside one that is above it; return whether it is.

    Nothing is said without enough days before, or while all of it is less than a dollar.
    """
    before = days_before(row, since=row.day - timedelta(days=DAYS_LOOKED_AT))
    billed = sum(one.billed_micros for one in before)
    if len(before) < FEWEST_DAYS or billed < LEAST_BILLED_MICROS:
        return False
    usual = median_low(one.each_micros for one in before)
    if row.each_micros <= usual * RISEN:
        return False
    row.usual_micros = usual
    return bool(PriceDay.objects.filter(pk=row.pk, usual_micros=None).update(usual_micros=usual))
