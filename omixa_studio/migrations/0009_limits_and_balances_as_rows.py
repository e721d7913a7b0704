"""Limits as rows of any kind, and balances to check them against instead of the ledger."""

from datetime import date

from django.db import migrations, models
from django.db.models import Case, CharField, Q, Sum, Value, When
from django.db.models.functions import Cast

SCOPES = [
    ("person", "Person"),
    ("role", "Role"),
    ("project", "Project"),
    ("model", "Model"),
    ("studio", "Studio"),
]
PERIODS = [("day", "Day"), ("week", "Week"), ("month", "Month")]
ROWS_AT_A_TIME = 2_000


def say_whose(apps, _schema_editor):
    """A limit without an amount was none; the others say what they are about."""
    limits = apps.get_model("omixa_studio", "Limit").objects
    limits.filter(amount_micros=None).delete()
    limits.update(
        scope=Case(When(person_id=None, then=Value("studio")), default=Value("person")),
        subject=Case(
            When(person_id=None, then=Value("")),
            default=Cast("person_id", CharField(max_length=120)),
        ),
    )


def name_the_person(apps, _schema_editor):
    limits = apps.get_model("omixa_studio", "Limit").objects
    limits.exclude(scope__in=("person", "studio")).delete()
    for limit in limits.filter(scope="person"):
        limits.filter(pk=limit.pk).update(person_id=int(limit.subject))


def sum_the_ledger(apps, _schema_editor):
    """The database groups, over an index that holds all it needs; what comes is few rows."""
    charges = apps.get_model("omixa_studio", "Charge").objects.order_by()
    balances = apps.get_model("omixa_studio", "Balance")
    of_person = charges.values_list("target", "month", "person_id")
    of_studio = charges.values_list("target", "month", Value(""))
    for scope, rows in (("person", of_person), ("studio", of_studio)):
        sums = rows.annotate(counted=Sum("amount_micros"))
        balances.objects.bulk_create(
            (
                balances(
                    target=target,
                    scope=scope,
                    subject=str(subject),
                    period="month",
                    starts_on=date.fromisoformat(f"{month}-01"),
                    counted_micros=int(counted),
                )
                for target, month, subject, counted in sums.iterator()
            ),
            batch_size=ROWS_AT_A_TIME,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0008_one_account_per_e_mail"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lock",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
            ],
        ),
        migrations.RemoveConstraint(model_name="limit", name="one_studio_limit"),
        migrations.RemoveConstraint(model_name="limit", name="limit_is_not_negative"),
        migrations.AddField(
            model_name="limit",
            name="scope",
            field=models.CharField(choices=SCOPES, default="studio", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="limit",
            name="subject",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.AddField(
            model_name="limit",
            name="period",
            field=models.CharField(choices=PERIODS, default="month", max_length=10),
        ),
        migrations.AddField(
            model_name="limit",
            name="hard",
            field=models.BooleanField(default=True),
        ),
        migrations.RunPython(say_whose, name_the_person),
        migrations.RemoveField(model_name="limit", name="person_id"),
        migrations.AlterField(
            model_name="limit",
            name="amount_micros",
            field=models.BigIntegerField(),
        ),
        migrations.AddConstraint(
            model_name="limit",
            constraint=models.UniqueConstraint(
                fields=["scope", "subject", "period", "hard"], name="one_limit_of_a_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="limit",
            constraint=models.CheckConstraint(
                condition=Q(amount_micros__gte=0), name="limit_is_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="limit",
            constraint=models.CheckConstraint(
                condition=Q(scope="studio", subject="") | (~Q(scope="studio") & ~Q(subject="")),
                name="limit_names_its_subject",
            ),
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                ("scope", models.CharField(choices=SCOPES, max_length=10)),
                ("subject", models.CharField(blank=True, default="", max_length=120)),
                ("period", models.CharField(choices=PERIODS, max_length=10)),
                ("starts_on", models.DateField()),
                ("counted_micros", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["target", "scope", "subject", "period", "starts_on"],
                        name="one_balance_of_a_period",
                    )
                ],
            },
        ),
        migrations.RunPython(sum_the_ledger, migrations.RunPython.noop),
    ]
