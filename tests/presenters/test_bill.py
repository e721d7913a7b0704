"""The price on the button: about what it costs, and whether what is held still fits."""

from decimal import Decimal

import pytest

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import BilledPrice
from omixa_studio.presenters.studio.bill import bill_for
from omixa_studio.services.pricing import terms_now

pytestmark = pytest.mark.django_db
UNPRICED = "imagen-4.0-fast-generate-001"


@pytest.mark.parametrize(
    ("left", "short", "leaves"),
    [("0.09", True, "0.01"), ("0.10", False, "0.02"), ("0.07", True, "0"), (None, False, None)],
)
def test_it_is_short_when_the_hold_does_not_fit(
    left: str | None, short: bool, leaves: str | None
) -> None:
    """After bills of 5 and then 4 cents two pictures cost about 8 cents, and 10 are held."""
    BilledPrice.objects.create(
        target="sandbox", model=UNPRICED, dearest_micros=50_000, last_micros=40_000
    )
    catalogue = load_catalogue(None)
    model = catalogue.models[UNPRICED]
    terms = terms_now(catalogue, [model])
    bill = bill_for(terms, model, {"n": "2"}, None if left is None else Decimal(left))
    assert (bill.amount, bill.held) == (Decimal("0.08"), Decimal("0.10"))
    assert bill.short is short
    assert bill.leaves == (None if leaves is None else Decimal(leaves))
