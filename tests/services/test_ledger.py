"""Every cent once: exact sums, rows that nobody changes, totals that nothing moves."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Sum
from pytest_django import Settings

from omixa_studio import kept_counts, ledger_guard
from omixa_studio.gateway.money import parse_money
from omixa_studio.models import Charge, Generation, dollars, micros
from omixa_studio.services import ledger, settling
from omixa_studio.services.keeping import share_out
from tests.factories import make_charge, make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


def total(**which: Any) -> int:
    return Charge.objects.filter(**which).aggregate(sum=Sum("amount_micros"))["sum"] or 0


def test_it_sums_a_hundred_thousand_bills_of_039_to_exactly_3900() -> None:
    row = make_generation(make_person())
    first = make_charge(row, amount_micros=micros(Decimal("0.039")))
    table = Charge._meta.db_table
    names = [str(field.column) for field in Charge._meta.fields if not field.primary_key]
    chosen = ", ".join("n.value" if name == "generation_id" else f"c.{name}" for name in names)
    numbers = (
        "WITH RECURSIVE n(value) AS (SELECT 1000001 UNION ALL "
        "SELECT value + 1 FROM n WHERE value < 1099999) "
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"{numbers} INSERT INTO {table} ({', '.join(names)}) "
            f"SELECT {chosen} FROM {table} c, n WHERE c.id = {first.pk}"
        )
    assert Charge.objects.count() == 100_000
    assert total() == 3_900_000_000
    assert dollars(total()) == 3900
    assert not Charge.objects.aggregate(sum=Sum("amount_micros"))["sum"] % 39_000


@pytest.mark.parametrize(
    "text", ["0.0000001", "-0.04", "+0.04", "4e-2", "NaN", "Infinity", "", " 0.04", "1,5", "0x1"]
)
def test_it_takes_an_odd_amount_for_unknown_and_never_for_zero(text: str) -> None:
    assert parse_money(text) is None


def test_it_never_rounds_money() -> None:
    assert micros(Decimal("999999999.999999")) == 999_999_999_999_999
    with pytest.raises(ValueError, match="six places"):
        micros(Decimal("0.0000001"))


@pytest.mark.parametrize(("bill", "pictures"), [(40_000, 3), (1, 4), (0, 2), (100_003, 10)])
def test_it_shares_a_bill_so_that_the_shares_add_up(bill: int, pictures: int) -> None:
    made = [make_picture(make_generation(make_person())) for _ in range(pictures)]
    share_out(bill, made)
    costs = [picture.cost_micros or 0 for picture in made]
    assert sum(costs) == bill
    assert max(costs) - min(costs) <= 1


def test_it_refuses_to_change_or_delete_a_row() -> None:
    charge = make_charge(make_generation(make_person()))
    rows = Charge.objects.filter(pk=charge.pk)
    for change in (lambda: rows.update(amount_micros=0), rows.delete, charge.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert total() == 40_000


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no TRUNCATE")
def test_it_refuses_to_truncate() -> None:
    make_charge(make_generation(make_person()))
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"TRUNCATE {Charge._meta.db_table}")


def test_it_books_each_kind_once_per_generation() -> None:
    row = make_generation(make_person())
    ledger.hold(row)
    with pytest.raises(DatabaseError), transaction.atomic():
        ledger.hold(row)


def test_it_keeps_totals_when_pictures_and_people_go() -> None:
    person = make_person("grace")
    row = make_generation(person)
    make_picture(row)
    ledger.hold(row)
    ledger.capture(row, 39_000, "0.039000", pictures=1)
    before = list(Charge.objects.order_by("id").values())
    row.pictures.all().delete()
    person.delete()
    row.refresh_from_db()
    assert row.person is None
    assert list(Charge.objects.order_by("id").values()) == before
    assert total(person_name="grace") == 39_000


def test_it_books_for_a_person_who_was_deleted_meanwhile() -> None:
    person = make_person("grace")
    key = person.pk
    row = make_generation(person, state="unknown")
    ledger.hold(row)
    person.delete()
    settling.decide(Generation.objects.get(pk=row.pk), billed_micros=39_000, by="ada")
    assert total(person_id=key) == 39_000
    assert set(Charge.objects.values_list("person_name", flat=True)) == {"grace"}


def test_it_books_on_the_month_of_the_click() -> None:
    row = make_generation(make_person(), state="unknown", month="2024-02")
    ledger.hold(row, day=date(2024, 2, 29))
    settling.decide(row, billed_micros=39_000, by="ada")
    assert set(Charge.objects.values_list("month", flat=True)) == {"2024-02"}
    assert set(Charge.objects.values_list("day", flat=True)) == {date(2024, 2, 29)}


def triggers() -> int:
    sql = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    if connection.vendor == "postgresql":
        sql = "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(sql, [Charge._meta.db_table])
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_it_has_its_triggers_again_after_a_migration_that_alters_the_table() -> None:
    whole = triggers()
    # Those that refuse changes, and one that counts bills.
    assert whole == (4 if connection.vendor == "postgresql" else 3)
    old = Charge._meta.get_field("reason")
    new = models.TextField(blank=True, default="")
    new.set_attributes_from_name("reason")
    new.model = Charge
    try:
        kept_counts.stop_counting()  # as the hook of the command does
        with connection.schema_editor() as editor:
            editor.alter_field(Charge, old, new)
        if connection.vendor == "sqlite":
            assert triggers() == 0  # what SQLite silently does
        call_command("migrate", verbosity=0)
        assert triggers() == whole
    finally:
        kept_counts.stop_counting()
        with connection.schema_editor() as editor:
            editor.alter_field(Charge, new, old)
        ledger_guard.refuse_changes()
        kept_counts.keep_counts()
    make_charge(make_generation(make_person()))
    with pytest.raises(DatabaseError, match="append-only"):
        Charge.objects.all().delete()


def test_it_lifts_the_triggers_for_tests_alone_and_puts_them_back() -> None:
    make_charge(make_generation(make_person()))
    with ledger_guard.changes_allowed():
        Charge.objects.all().delete()
    assert triggers() > 0


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite")
def test_it_writes_through_to_the_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"


def test_it_books_on_the_day_of_the_hold_whatever_time_zone_there_is_by_now(
    settings: Settings,
) -> None:
    """A click at 18:00 in Los Angeles is one of tomorrow for a studio in Auckland."""
    clicked = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    settings.TIME_ZONE = "America/Los_Angeles"
    rows = [make_generation(make_person(), created_at=clicked, month="2026-11") for _ in range(3)]
    ledger.hold(*rows, day=date(2026, 11, 21))
    settings.TIME_ZONE = "Pacific/Auckland"
    ledger.release(rows[0])
    ledger.capture(rows[1], 30_000, "0.03")
    ledger.adjust(rows[2], 10_000, text="0.05", reason="came_late")
    days = Charge.objects.values_list("month", "day").distinct()
    assert list(days) == [("2026-11", date(2026, 11, 21))]
