"""Bills per picture, by everything their price depends on."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from omixa_studio.catalogue import Bills, PriceKey
from omixa_studio.models import MICRO, BilledPrice

from .prepared import Prepared

BillsByModel = Mapping[str, Mapping[PriceKey, Bills]]


def bills_of(target: str, models: Collection[str] | None = None) -> BillsByModel:
    """Return the bills of some or all models at a target, by slug; models without are left out."""
    slugs = None if models is None else tuple(sorted(set(models)))
    found: defaultdict[str, dict[PriceKey, Bills]] = defaultdict(dict)
    for model, quality, size, inputs, dearest, last, at in _BILLS.rows(None, target, slugs):
        key = PriceKey(quality, size, inputs)
        found[model][key] = Bills(dearest * MICRO, last * MICRO, at)
    return found


def _bills(_nobody: None, target: str, models: Sequence[str] | None) -> QuerySet[BilledPrice, Any]:
    rows = BilledPrice.objects.filter(target=target, dearest_micros__gt=0)
    rows = rows if models is None else rows.filter(model__in=models)
    price = ("quality", "size", "inputs")
    return rows.values_list("model", *price, "dearest_micros", "last_micros", "last_at")


_BILLS = Prepared(_bills)
