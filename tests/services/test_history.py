"""What past calls tell is read from the ledger, not from what is left of the pictures."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from omixa_studio.models import Generation
from omixa_studio.queries import history
from tests.factories import make_charge, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db
FAST = "imagen-4.0-fast-generate-001"


def billed(pictures: int, **fields: Any) -> Generation:
    row = make_generation(make_person(), model=FAST, billed_micros=160_000, **fields)
    make_charge(row, amount_micros=160_000, pictures=pictures)
    return row


def test_it_divides_a_bill_by_the_pictures_it_paid_for() -> None:
    billed(4)
    assert history.recent_calls("sandbox")[FAST].billed == [Decimal("0.04")]


def test_it_does_not_grow_dearer_when_pictures_are_deleted() -> None:
    row = billed(4)
    picture = make_picture(row)
    picture.delete()
    assert history.recent_calls("sandbox")[FAST].billed == [Decimal("0.04")]


def test_it_reads_the_last_calls_in_the_order_of_an_index() -> None:
    rows = Generation.objects.filter(target="sandbox", state="done").order_by("-created_at")
    if connection.vendor == "sqlite":
        assert "TEMP B-TREE" not in rows[:400].explain()
