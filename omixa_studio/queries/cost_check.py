"""Compare the totals of costs with the ledger: for the worker and for tests, never for a page."""

from django.db.models import Count, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from omixa_studio.models import Charge, CostMark, CostTotal, Kind

LEDGER = ""


def wrong_totals() -> dict[tuple[str, str], tuple[int, ...]]:
    """Return by how much each wrong kind of total of a target exceeds the ledger; {} if none does.

    The amounts are micro-dollars billed, billed and held, requests, pictures. All of it is read in
    one statement, and so at one moment: rows added meanwhile make no difference.
    """
    found: dict[tuple[str, str], tuple[int, ...]] = {}
    for target, kind, *sums in _totals().union(_ledger(), all=True):
        found[target, kind] = tuple(int(one) for one in sums)
    nothing = (0,) * 4
    above = {
        (target, kind): tuple(
            own - right
            for own, right in zip(sums, found.get((target, LEDGER), nothing), strict=True)
        )
        for (target, kind), sums in found.items()
    }
    return {key: more for key, more in above.items() if any(more)}


def _totals() -> QuerySet[CostTotal, tuple[str, str, int, int, int, int]]:
    rows = CostTotal.objects.order_by().values_list("target", "kind")
    return rows.annotate(
        bills=Sum("billed_micros"),
        all_of_it=Sum("counted_micros"),
        clicks=Sum("requests"),
        paid_for=Sum("pictures"),
    )


def _ledger() -> QuerySet[Charge, tuple[str, str, int, int, int, int]]:
    mark = Coalesce(Subquery(CostMark.objects.values("charge_id")[:1]), Value(0))
    is_bill = Q(kind__in=(Kind.CAPTURE, Kind.ADJUSTMENT))
    rows = Charge.objects.filter(pk__lte=mark).order_by().annotate(none=Value(LEDGER))
    return rows.values_list("target", "none").annotate(
        bills=Sum("amount_micros", filter=is_bill, default=0),
        all_of_it=Sum("amount_micros"),
        clicks=Count("pk", filter=Q(kind=Kind.HOLD)),
        paid_for=Sum("pictures"),
    )
