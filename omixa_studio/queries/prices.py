"""Bills per picture, by everything their price depends on."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from omixa_studio.catalogue import Bills, PriceKey
from omixa_studio.models import MICRO, BilledPrice

BillsByModel = Mapping[str, Mapping[PriceKey, Bills]]


def bills_of(target: str, models: Collection[str] | None = None) -> BillsByModel:
    """Return the bills of some or all models at a target, by slug; models without are left out."""
    rows = BilledPrice.objects.filter(target=target, dearest_micros__gt=0)
    if models is not None:
        rows = rows.filter(model__in=set(models))
    found: defaultdict[str, dict[PriceKey, Bills]] = defaultdict(dict)
    for row in rows:
        key = PriceKey(row.quality, row.size, row.inputs)
        dearest, last = row.dearest_micros * MICRO, row.last_micros * MICRO
        found[row.model][key] = Bills(dearest, last, row.last_at)
    return found
