import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0043_budgets"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="facts",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="notice",
            name="key",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
        migrations.AddField(
            model_name="notice",
            name="kind",
            field=models.CharField(blank=True, db_default="", default="", max_length=30),
        ),
        migrations.AddField(
            model_name="notice",
            name="path",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AlterField(
            model_name="notice",
            name="comment",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="omixa_studio.comment",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("key", "person"),
                name="one_notice_per_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("comment__isnull", False),
                    models.Q(("kind", ""), _negated=True),
                    _connector="OR",
                ),
                name="notice_is_about_something",
            ),
        ),
        migrations.AddField(
            model_name="studiosettings",
            name="managers_approve",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="BudgetRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("role", "Role"),
                            ("project", "Project"),
                            ("model", "Model"),
                            ("studio", "Studio"),
                        ],
                        max_length=10,
                    ),
                ),
                ("subject", models.CharField(blank=True, default="", max_length=120)),
                (
                    "period",
                    models.CharField(
                        choices=[("day", "Day"), ("week", "Week"), ("month", "Month")],
                        max_length=10,
                    ),
                ),
                ("amount_micros", models.BigIntegerField()),
                ("until", models.DateTimeField()),
                ("message", models.CharField(blank=True, default="", max_length=500)),
                ("click", models.CharField(max_length=64)),
                ("kept", models.JSONField(null=True)),
                ("held_micros", models.BigIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for approval"),
                            ("granted", "Approved"),
                            ("sent", "Approved and sent"),
                            ("stopped", "Approved, but not sent"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Not answered in time"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("why", models.JSONField(default=list)),
                ("answered_by_id", models.BigIntegerField(default=0)),
                ("answered_by_name", models.CharField(blank=True, default="", max_length=150)),
                ("answered_at", models.DateTimeField(null=True)),
                ("granted_micros", models.BigIntegerField(null=True)),
                ("granted_until", models.DateTimeField(null=True)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("closed", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "images",
                    models.ManyToManyField(
                        related_name="budget_requests", to="omixa_studio.inputimage"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budget_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "-id"], name="budget_request_of_person"),
                    models.Index(fields=["target", "-id"], name="budget_request_of_target"),
                    models.Index(
                        condition=models.Q(("state__in", ("waiting", "granted"))),
                        fields=["target", "state"],
                        name="budget_request_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "click"), name="one_request_per_click"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_micros__gt", 0)), name="request_is_positive"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="limit",
            name="told_micros",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="limit",
            name="told_on",
            field=models.DateField(null=True),
        ),
    ]
