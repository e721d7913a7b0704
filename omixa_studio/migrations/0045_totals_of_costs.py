"""Totals of costs, filled with the ledger that is there.

The finest ones are summed from the ledger, all others from those: they are fewer.
"""

from django.db import migrations, models

COLUMNS = {
    "p": ("person_id", "-1"),
    "m": ("model", "'*'"),
    "o": ("operation", "'*'"),
    "j": ("project_id", "-1"),
}
DAYS = ("", "o", "m", "j", "po", "mjo")
LONGER = ("", "o", "m", "j", "po", "mjo", "pmo", "pjo")
INTO = """
INSERT INTO omixa_studio_costtotal (
    target, kind, starts_on, person_id, model, operation, project_id,
    billed_micros, counted_micros, requests, settled, failed, pictures
)
"""
FINEST = """
SELECT c.target, 'dpmjo', c.day, c.person_id, c.model, c.operation, c.project_id,
    sum(CASE WHEN c.kind IN ('capture', 'adjustment') THEN c.amount_micros ELSE 0 END),
    sum(c.amount_micros),
    sum(CASE WHEN c.kind = 'hold' THEN 1 ELSE 0 END),
    sum(CASE WHEN c.kind = 'release' THEN 1 ELSE 0 END),
    sum(CASE WHEN g.state = 'failed' THEN 1 ELSE 0 END),
    sum(c.pictures)
FROM omixa_studio_charge c
LEFT JOIN omixa_studio_generation g ON c.kind = 'release' AND g.id = c.generation_id
GROUP BY 1, 3, 4, 5, 6, 7
"""
COARSER = """
SELECT target, '{kind}', {starts_on}, {columns},
    sum(billed_micros), sum(counted_micros), sum(requests), sum(settled), sum(failed),
    sum(pictures)
FROM omixa_studio_costtotal WHERE kind = 'dpmjo'
GROUP BY 1, 3, 4, 5, 6, 7
"""
MARK = """
INSERT INTO omixa_studio_costmark (charge_id) SELECT max(id) FROM omixa_studio_charge
HAVING max(id) IS NOT NULL
"""


def fill(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(INTO + FINEST)
        for grain, kinds in (("d", DAYS), ("m", LONGER), ("y", LONGER)):
            for letters in kinds:
                cursor.execute(INTO + coarser(vendor, grain, letters))
        cursor.execute(MARK)


def coarser(vendor, grain, letters):
    columns = [name if one in letters else other for one, (name, other) in COLUMNS.items()]
    starts_on = "starts_on"
    if grain != "d":
        name = {"m": "month", "y": "year"}[grain]
        starts_on = f"date(starts_on, 'start of {name}')"
        if vendor == "postgresql":
            starts_on = f"CAST(date_trunc('{name}', starts_on) AS date)"
    return COARSER.format(kind=grain + letters, starts_on=starts_on, columns=", ".join(columns))


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0044_requests_for_money"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(("kind", "hold")),
                fields=[
                    *("target", "day", "generation_id"),
                    *("person_id", "model", "operation", "project_id"),
                ],
                name="hold_by_day",
            ),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(("kind", "hold")),
                fields=[
                    *("target", "person_id", "day", "generation_id"),
                    *("model", "operation", "project_id"),
                ],
                name="hold_of_person",
            ),
        ),
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(
                condition=models.Q(("kind", "hold")),
                fields=["target", "project_id", "day", "generation_id", "model", "operation"],
                name="hold_of_project",
            ),
        ),
        migrations.CreateModel(
            name="CostMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("charge_id", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="CostTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=5)),
                ("starts_on", models.DateField()),
                ("person_id", models.BigIntegerField(default=-1)),
                ("model", models.CharField(default="*", max_length=120)),
                ("operation", models.CharField(default="*", max_length=20)),
                ("project_id", models.BigIntegerField(default=-1)),
                ("billed_micros", models.BigIntegerField()),
                ("counted_micros", models.BigIntegerField()),
                ("requests", models.BigIntegerField()),
                ("settled", models.BigIntegerField()),
                ("failed", models.BigIntegerField()),
                ("pictures", models.BigIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("person_id__gte", 0)),
                        fields=["target", "kind", "person_id", "starts_on"],
                        name="cost_total_of_person",
                    ),
                    models.Index(
                        condition=models.Q(("model", "*"), _negated=True),
                        fields=["target", "kind", "model", "starts_on"],
                        name="cost_total_of_model",
                    ),
                    models.Index(
                        condition=models.Q(("project_id__gte", 0)),
                        fields=["target", "kind", "project_id", "starts_on"],
                        name="cost_total_of_project",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "target",
                            "kind",
                            "starts_on",
                            "person_id",
                            "model",
                            "operation",
                            "project_id",
                        ),
                        name="one_cost_total",
                    )
                ],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
