"""Balances of every scope and period, raises that expire, and rules of single requests."""

from collections import Counter
from datetime import date, timedelta

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import CharField, Q, Sum, Value
from django.db.models.functions import Cast, Now

PERIODS = [("day", "Day"), ("week", "Week"), ("month", "Month")]
COLUMNS = {
    "person": "person_id",
    "role": "role",
    "project": "project_id",
    "model": "model",
    "studio": "",
}
# Rows without a role or a project count in no balance of one.
NO_SUBJECT = {("role", ""), ("project", "0"), ("model", "")}
# These were kept before.
ALREADY_KEPT = {("person", "month"), ("studio", "month")}
ROWS_AT_A_TIME = 2_000


def sum_the_ledger(apps, _schema_editor):
    """Let the database group by day, and add the days of a week or a month here."""
    balances = apps.get_model("omixa_studio", "Balance")
    for scope in COLUMNS:
        sums: Counter[tuple[str, str, str, date]] = Counter()
        for target, subject, month, day, micros in _by_day(apps, scope).iterator():
            if (scope, subject) not in NO_SUBJECT:
                for period, starts_on in _periods(month, day):
                    sums[target, subject, period, starts_on] += int(micros)
        balances.objects.bulk_create(
            (
                balances(
                    target=target,
                    scope=scope,
                    subject=subject,
                    period=period,
                    starts_on=starts_on,
                    counted_micros=micros,
                )
                for (target, subject, period, starts_on), micros in sums.items()
                if (scope, period) not in ALREADY_KEPT
            ),
            batch_size=ROWS_AT_A_TIME,
        )


def keep_the_old_ones(apps, _schema_editor):
    kept = Q(scope="person", period="month") | Q(scope="studio", period="month")
    apps.get_model("omixa_studio", "Balance").objects.exclude(kept).delete()


def _by_day(apps, scope):
    column = COLUMNS[scope]
    subject = Cast(column, CharField()) if column else Value("", output_field=CharField())
    charges = apps.get_model("omixa_studio", "Charge").objects.order_by()
    named = charges.annotate(subject=subject).values_list("target", "subject", "month", "day")
    return named.annotate(micros=Sum("amount_micros"))


def _periods(month, day):
    return (
        ("day", day),
        ("week", day - timedelta(days=day.weekday())),
        ("month", date.fromisoformat(f"{month}-01")),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0042_projects"),
    ]

    operations = [
        migrations.AddField(
            model_name="studiosettings",
            name="default_limit_micros",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="studiosettings",
            name="default_limit_period",
            field=models.CharField(
                choices=PERIODS, db_default="month", default="month", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="studiosettings",
            name="admins_unruled",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="RequestRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("person", "Person"), ("role", "Role"), ("studio", "Studio")],
                        max_length=10,
                    ),
                ),
                ("subject", models.CharField(blank=True, default="", max_length=120)),
                ("dearest_micros", models.BigIntegerField(null=True)),
                ("most_pictures", models.PositiveSmallIntegerField(null=True)),
                ("allowed_models", models.JSONField(default=list)),
                ("forbidden", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["scope", "subject"], name="one_rule_of_a_subject"
                    ),
                    models.CheckConstraint(
                        condition=Q(scope="studio", subject="")
                        | (Q(scope__in=("person", "role")) & ~Q(subject="")),
                        name="rule_names_its_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LimitRaise",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("extra_micros", models.BigIntegerField()),
                ("until", models.DateTimeField()),
                ("granted_by_name", models.CharField(blank=True, default="", max_length=150)),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("created_at", models.DateTimeField(db_default=Now())),
                (
                    "limit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="raises",
                        to="omixa_studio.limit",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["limit", "until"], name="raise_by_limit")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(extra_micros__gt=0), name="raise_is_positive"
                    ),
                ],
            },
        ),
        migrations.RunPython(sum_the_ledger, keep_the_old_ones),
    ]
