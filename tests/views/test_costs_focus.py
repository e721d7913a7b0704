"""Costs in the format FOCUS 1.2, held against the rules of its columns, which are data here."""

import csv
import io
import json
import re
import subprocess
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.test import Client, override_settings

from omixa_studio.models import Charge, Generation, Kind, Person, Project
from omixa_studio.services import ledger
from tests.factories import (
    hold,
    make_charge,
    make_collection,
    make_generation,
    make_person,
    make_picture,
)

pytestmark = pytest.mark.django_db
DECIMAL = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
ANY = re.compile(r"(?s).+")


class Column(NamedTuple):
    """What the specification says of a column: its type, whether it may be null, its values."""

    kind: re.Pattern[str] = ANY
    nullable: bool = False
    allowed: frozenset[str] = frozenset()


CATEGORIES = frozenset({"Usage", "Purchase", "Tax", "Credit", "Adjustment"})
# https://focus.finops.org/focus-specification/v1-2/, the columns of the feature level "mandatory".
MANDATORY = {
    "BilledCost": Column(DECIMAL),
    "BillingAccountId": Column(),
    "BillingAccountName": Column(nullable=True),
    "BillingCurrency": Column(re.compile("[A-Z]{3}")),
    "BillingPeriodEnd": Column(MOMENT),
    "BillingPeriodStart": Column(MOMENT),
    "ChargeCategory": Column(allowed=CATEGORIES),
    "ChargeClass": Column(nullable=True, allowed=frozenset({"Correction"})),
    "ChargeDescription": Column(nullable=True),
    "ChargePeriodEnd": Column(MOMENT),
    "ChargePeriodStart": Column(MOMENT),
    "ContractedCost": Column(DECIMAL),
    "EffectiveCost": Column(DECIMAL),
    "InvoiceIssuerName": Column(),
    "ListCost": Column(DECIMAL),
    "PricingQuantity": Column(DECIMAL, nullable=True),
    "PricingUnit": Column(nullable=True),
    "ProviderName": Column(),
    "PublisherName": Column(),
    "ServiceCategory": Column(allowed=frozenset({"AI and Machine Learning"})),
    "ServiceName": Column(),
}
FURTHER = {
    "ServiceSubcategory": Column(allowed=frozenset({"Generative AI"})),
    "SkuId": Column(nullable=True),
    "SubAccountId": Column(nullable=True),
    "SubAccountName": Column(nullable=True),
    "Tags": Column(nullable=True),
    "x_GenerationId": Column(re.compile(r"\d+")),
    "x_Held": Column(DECIMAL),
}
VALIDATOR = Path(__file__).parents[2] / ".venv-focus" / "bin" / "focus-validator"
# Version 1.0.0 misses what FOCUS 1.2 does not ask for (only providers with commitments, regions and
# so on have these columns), old names of three columns, and its own list of currencies.
NOT_OURS = {
    "BillingCurrency_IsCurrencyCode",
    *(
        f"CommitmentDiscount{name}_Required"
        for name in ("Category", "Id", "Name", "Status", "Type")
    ),
    *("ConsumedQuantity_Required", "ConsumedUnit_Required", "ContractedUnitPrice_Required"),
    *("InvoiceIssuer_Required", "Provider_Required", "Publisher_Required"),
    *("ListUnitPrice_Required", "PricingCategory_Required", "SkuPriceId_Required"),
    *("RegionId_Required", "RegionName_Required"),
    *("ResourceID_Required", "ResourceName_Required", "ResourceType_Required"),
}
OCTOBER, NOVEMBER = "from=2026-10-01&to=2026-10-31", "from=2026-11-01&to=2026-11-30"
Row = dict[str, str]


@pytest.fixture
def manager(client: Client) -> Person:
    person = make_person("mara", role="manager")
    client.force_login(person)
    return person


def click(person: Person, day: date, *, billed: int | None = 40_000, **more: Any) -> Generation:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    made = make_generation(person, created_at=at, month=f"{day:%Y-%m}", held_micros=50_000, **more)
    made.refresh_from_db()
    hold(made)
    if billed is not None:
        ledger.capture(made, billed, "", pictures=2)
    return made


def read(client: Client, query: str, name: str = "focus") -> list[Row]:
    answer = client.get(f"/costs/{name}.csv?{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode(), newline="")))


def adjust(made: Generation, amount: int, booked: datetime) -> None:
    """Book an adjustment at a moment; the ledger's own time is that of its database."""
    [like] = Charge.objects.filter(generation_id=made.pk, kind=Kind.HOLD)
    like.pk, like.kind, like.amount_micros = None, Kind.ADJUSTMENT, amount
    like.created_at = booked
    like.save(force_insert=True)


def faults_of(row: Row) -> list[str]:
    """Return what is wrong with a row, by the rules of the specification."""
    found = []
    for name, column in (MANDATORY | FURTHER).items():
        text = row[name]
        if not text and column.nullable:
            continue
        fits = text in column.allowed if column.allowed else column.kind.fullmatch(text)
        if not fits:
            found.append(f"{name}: {text!r}")
    is_priced = row["ChargeCategory"] in ("Usage", "Purchase") and not row["ChargeClass"]
    if is_priced and not (row["PricingQuantity"] and row["PricingUnit"]):
        found.append("PricingQuantity and PricingUnit must not be null")
    moments = ("BillingPeriod", "ChargePeriod")
    found += [one for one in moments if not row[f"{one}Start"] < row[f"{one}End"]]
    if row["Tags"]:
        json.loads(row["Tags"])
    return found


def test_every_row_keeps_the_rules_of_the_format(client: Client, manager: Person) -> None:
    project = Project.objects.create(name="Autumn")
    click(manager, date(2026, 10, 5), project=project)
    late = click(make_person("jon", first_name='Jo "n", =1'), date(2026, 10, 6), billed=0)
    adjust(late, -10_000, datetime(2026, 10, 20, tzinfo=UTC))
    october = read(client, OCTOBER)
    adjust(click(manager, date(2026, 10, 7)), 5_000, datetime(2026, 11, 2, tzinfo=UTC))
    rows = [*october, *read(client, NOVEMBER)]
    assert len(MANDATORY) == 21
    assert len(rows) == 4
    assert set(rows[0]) == set(MANDATORY | FURTHER)
    assert [fault for row in rows for fault in faults_of(row)] == []


def test_it_has_what_was_billed_and_nothing_else(client: Client, manager: Person) -> None:
    project = Project.objects.create(name="Autumn")
    made = click(manager, date(2026, 10, 5), project=project)
    click(manager, date(2026, 10, 6), billed=None)
    [row] = read(client, OCTOBER)
    assert (
        row
        | {
            "BilledCost": "0.040000",
            "BillingPeriodStart": "2026-10-01T00:00:00Z",
            "BillingPeriodEnd": "2026-11-01T00:00:00Z",
            "ChargePeriodStart": "2026-10-05T00:00:00Z",
            "ChargePeriodEnd": "2026-10-06T00:00:00Z",
            "ChargeClass": "",
            "PricingQuantity": "2.0",
            "SkuId": made.model,
            "SubAccountId": f"project-{project.pk}",
            "SubAccountName": "Autumn",
            "x_GenerationId": str(made.pk),
            "x_Held": "0.050000",
        }
        == row
    )
    assert json.loads(row["Tags"])["person"] == "mara"


def test_only_what_comes_in_a_later_month_is_a_correction(client: Client, manager: Person) -> None:
    same = click(manager, date(2026, 10, 5))
    adjust(same, 1_000, datetime(2026, 10, 31, 23, tzinfo=UTC))
    other = click(manager, date(2026, 10, 6))
    adjust(other, -2_000, datetime(2026, 11, 1, 0, 5, tzinfo=UTC))
    october, november = read(client, OCTOBER), read(client, NOVEMBER)
    assert [row["ChargeClass"] for row in october] == ["", "", ""]
    [row] = november
    assert row["ChargeClass"] == "Correction"
    assert row["BilledCost"] == "-0.002000"
    assert row["BillingPeriodStart"] == "2026-11-01T00:00:00Z"
    assert row["ChargePeriodStart"] == "2026-10-06T00:00:00Z"
    total = sum(Decimal(row["BilledCost"]) for row in [*october, *november])
    assert total == Decimal("0.079000")


def test_what_was_held_counts_every_raise_of_it(client: Client, manager: Person) -> None:
    made = click(manager, date(2026, 10, 5), billed=None)
    for nth in (1, 2):
        make_charge(made, "raise", amount_micros=10_000, nth=nth)
    ledger.capture(made, 60_000, "", pictures=1)
    [row] = read(client, OCTOBER)
    assert row["x_Held"] == "0.070000"


def test_corrections_are_narrowed_to_a_collection_too(client: Client, manager: Person) -> None:
    inside, outside = click(manager, date(2026, 10, 6)), click(manager, date(2026, 10, 6))
    for made in (inside, outside):
        adjust(made, -2_000, datetime(2026, 11, 1, 0, 5, tzinfo=UTC))
    found = make_collection(manager, make_picture(inside))
    [row] = read(client, f"{NOVEMBER}&collection={found.pk}")
    assert row["x_GenerationId"] == str(inside.pk)


def test_days_are_those_of_the_studio_told_in_utc(client: Client, manager: Person) -> None:
    click(manager, date(2026, 10, 25))
    with override_settings(TIME_ZONE="Europe/Riga"):
        [row] = read(client, OCTOBER)
    # The clocks go back that night: the day has 25 hours.
    assert (row["ChargePeriodStart"], row["ChargePeriodEnd"]) == (
        "2026-10-24T21:00:00Z",
        "2026-10-25T22:00:00Z",
    )


def test_unknown_costs_stand_beside_it_and_are_no_zero(client: Client, manager: Person) -> None:
    lost = click(manager, date(2026, 10, 5), billed=None, state="unknown", charged="unknown")
    click(manager, date(2026, 10, 5))
    [charge], [unpriced] = read(client, OCTOBER), read(client, OCTOBER, "focus-unknown")
    assert unpriced["x_GenerationId"] == str(lost.pk) != charge["x_GenerationId"]
    assert (unpriced["x_State"], unpriced["x_Held"]) == ("unknown", "0.050000")
    assert not any("Cost" in name for name in unpriced)


def test_the_rows_come_by_day(client: Client, manager: Person) -> None:
    for day in (7, 3, 5):
        click(manager, date(2026, 10, day))
    starts = [row["ChargePeriodStart"] for row in read(client, OCTOBER)]
    assert all(one < other for one, other in pairwise(starts))


@pytest.mark.parametrize("name", ["focus", "focus-unknown"])
def test_no_prompt_leaves_with_it(client: Client, manager: Person, name: str) -> None:
    jon = make_person("jon")
    click(jon, date(2026, 10, 5), prompt="a secret lighthouse")
    click(jon, date(2026, 10, 5), prompt="a secret lighthouse", billed=None, state="unknown")
    answer = client.get(f"/costs/{name}.csv?{OCTOBER}").getvalue().decode()
    assert str(jon.first_name or "jon") in answer
    assert "lighthouse" not in answer


@pytest.mark.skipif(not VALIDATOR.exists(), reason="scripts/focus.sh was not run")
def test_the_validator_finds_nothing_else(client: Client, manager: Person, tmp_path: Path) -> None:
    click(manager, date(2026, 10, 5), project=Project.objects.create(name="Autumn"))
    adjust(click(manager, date(2026, 9, 7)), -5_000, datetime(2026, 10, 2, tzinfo=UTC))
    file = tmp_path / "focus.csv"
    file.write_bytes(client.get(f"/costs/focus.csv?{OCTOBER}").getvalue())
    version = ("--validate-version", "1.0", "--column-namespace", "x_")
    asked = [str(VALIDATOR), "--data-file", str(file), *version]
    said = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=120).stdout
    assert set(re.findall(r"^\s*(\w+) failed:", said, re.MULTILINE)) == NOT_OURS
