"""The log of acts, and passwords that their owners have to change."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0010_errors_as_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="must_change_password",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="Act",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=30)),
                ("who_id", models.BigIntegerField(default=0)),
                ("who_name", models.CharField(blank=True, default="", max_length=150)),
                ("whom_id", models.BigIntegerField(default=0)),
                ("whom_name", models.CharField(blank=True, default="", max_length=150)),
                ("thing", models.CharField(blank=True, default="", max_length=200)),
                ("before", models.CharField(blank=True, default="", max_length=200)),
                ("after", models.CharField(blank=True, default="", max_length=200)),
                ("address", models.CharField(blank=True, default="", max_length=45)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["created_at"], name="act_by_time"),
                    models.Index(fields=["kind", "-id"], name="act_by_kind"),
                    models.Index(fields=["who_id", "-id"], name="act_by_who"),
                    models.Index(fields=["whom_id", "-id"], name="act_by_whom"),
                ],
            },
        ),
    ]
