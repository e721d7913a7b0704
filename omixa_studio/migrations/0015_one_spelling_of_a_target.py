"""Rows of one gateway under one name, however its address was spelled when they were made."""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Greatest

from omixa_studio.gateway.address import spell_target
from omixa_studio.ledger_guard import changes_allowed

# What stands alone under its target is only renamed; of the others see below.
PLAIN = ("Generation", "Charge")
BALANCE = ("scope", "subject", "period", "starts_on")
CHOICE = ("model", "quality", "size", "inputs")
STOPPED = ("person_id", "run_id")


def respell(apps, schema_editor):
    # Nothing is booked anew: the same rows count in the same months, under one name.
    with changes_allowed(using=schema_editor.connection.alias):
        for name in PLAIN:
            rows = apps.get_model("omixa_studio", name).objects
            for old, new in renamed(rows):
                rows.filter(target=old).update(target=new)
    merge(apps, "Balance", BALANCE, sum_balances)
    merge(apps, "BilledPrice", CHOICE, keep_the_dearest)
    merge(apps, "Brake", STOPPED, keep_the_other)
    merge(apps, "Pause", (), keep_the_longer)


def renamed(rows):
    """Each spelling in use that is not the one, with the one."""
    in_use = rows.order_by().values_list("target", flat=True).distinct()
    return [(one, spell_target(one)) for one in list(in_use) if spell_target(one) != one]


def merge(apps, name, columns, put_together):
    """Rename rows; where the new name has such a row already, make one of the two."""
    rows = apps.get_model("omixa_studio", name).objects
    for old, new in renamed(rows):
        for row in list(rows.filter(target=old)):
            same = {column: getattr(row, column) for column in columns}
            there = rows.filter(target=new, **same)
            if not there.exists():
                rows.filter(pk=row.pk).update(target=new)
                continue
            put_together(there, row)
            row.delete()


def sum_balances(there, row):
    there.update(counted_micros=F("counted_micros") + row.counted_micros)


def keep_the_dearest(there, row):
    there.update(
        dearest_micros=Greatest("dearest_micros", row.dearest_micros),
        last_micros=Greatest("last_micros", row.last_micros),
    )


def keep_the_other(_there, _row):
    """Stopped is stopped, whoever did it first."""


def keep_the_longer(there, row):
    """One that a person ends goes before one that ends by itself."""
    if there.filter(until=None).exists():
        return
    if row.until is None or there.filter(until__lt=row.until).exists():
        names = ("reason", "error", "since", "until", "key_digest")
        there.update(**{name: getattr(row, name) for name in names})


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0014_what_came_that_is_no_picture"),
    ]

    operations = [
        migrations.RunPython(respell, migrations.RunPython.noop),
    ]
