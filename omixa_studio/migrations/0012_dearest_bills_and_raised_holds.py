"""The dearest bill of each choice, from all that was billed, and holds that can be raised."""

from django.db import migrations, models
from django.db.models import Count, OuterRef, Q, Subquery

ROWS_AT_A_TIME = 2_000
LONGEST = 120
CHOICE = ("target", "model", "quality", "size", "inputs")


def keep_the_dearest(apps, _schema_editor):
    """Every amount that the gateway told; what a person typed in is no price."""
    prices = apps.get_model("omixa_studio", "BilledPrice")
    inputs = count_inputs(apps)
    found: dict[tuple[object, ...], tuple[int, int]] = {}
    for pk, target, model, options, count, billed, pictures in billed_calls(apps):
        quality, size = (str(options.get(name) or "")[:LONGEST] for name in ("quality", "size"))
        key = (target, model, quality, size, inputs.get(pk, 0))
        each = -(-billed // min(pictures or count, count))
        dearest = max(each, found[key][0]) if key in found else each
        found[key] = (dearest, each)
    prices.objects.bulk_create(
        (
            prices(**dict(zip(CHOICE, key, strict=True)), dearest_micros=dearest, last_micros=last)
            for key, (dearest, last) in found.items()
        ),
        batch_size=ROWS_AT_A_TIME,
    )


def billed_calls(apps):
    charges = apps.get_model("omixa_studio", "Charge").objects
    paid_for = charges.filter(generation_id=OuterRef("pk"), kind="capture").values("pictures")
    told = Q(came_late=True) | ~Q(settled_by__startswith="person:")
    rows = apps.get_model("omixa_studio", "Generation").objects.filter(
        told, charged="yes", billed_micros__isnull=False, count__gt=0
    )
    names = ("pk", "target", "model", "options", "count", "billed_micros")
    each = rows.order_by("pk").values_list(*names, Subquery(paid_for[:1]))
    return each.iterator(chunk_size=ROWS_AT_A_TIME)


def count_inputs(apps):
    sent = apps.get_model("omixa_studio", "GenerationInput").objects.filter(is_mask=False)
    return dict(sent.order_by().values_list("generation_id").annotate(Count("pk")))


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0011_the_log_of_acts"),
    ]

    operations = [
        migrations.CreateModel(
            name="BilledPrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                ("model", models.CharField(max_length=120)),
                ("quality", models.CharField(blank=True, default="", max_length=120)),
                ("size", models.CharField(blank=True, default="", max_length=120)),
                ("inputs", models.PositiveSmallIntegerField(default=0)),
                ("dearest_micros", models.BigIntegerField(default=0)),
                ("last_micros", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["target", "model", "quality", "size", "inputs"],
                        name="one_billed_price_per_choice",
                    )
                ],
            },
        ),
        migrations.RunPython(keep_the_dearest, migrations.RunPython.noop),
        # Only the hourly comparison grouped by it: balances are asked where sums were made.
        migrations.RemoveIndex(model_name="charge", name="charge_balance"),
        migrations.RemoveConstraint(model_name="charge", name="one_charge_per_kind"),
        migrations.RemoveConstraint(model_name="charge", name="charge_has_its_sign"),
        migrations.AddField(
            model_name="charge",
            name="nth",
            field=models.PositiveSmallIntegerField(default=0, db_default=0),
        ),
        migrations.AlterField(
            model_name="charge",
            name="kind",
            field=models.CharField(
                choices=[
                    ("hold", "Hold"),
                    ("raise", "Raise"),
                    ("release", "Release"),
                    ("capture", "Capture"),
                    ("adjustment", "Adjustment"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.UniqueConstraint(
                fields=["generation_id", "kind", "nth"], name="one_charge_per_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=Q(kind="raise") | Q(nth=0), name="only_raises_repeat"
            ),
        ),
        migrations.AddConstraint(
            model_name="charge",
            constraint=models.CheckConstraint(
                condition=Q(kind="hold", amount_micros__gte=0)
                | Q(kind="raise", amount_micros__gt=0)
                | Q(kind="release", amount_micros__lte=0)
                | Q(kind="capture", amount_micros__gte=0)
                | Q(kind="adjustment"),
                name="charge_has_its_sign",
            ),
        ),
    ]
