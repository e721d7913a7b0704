"""What an admin has stopped, as rows."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0012_dearest_bills_and_raised_holds"),
    ]

    operations = [
        migrations.CreateModel(
            name="Brake",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("target", models.CharField(max_length=200)),
                ("by", models.CharField(max_length=200)),
                ("why", models.CharField(blank=True, default="", max_length=200)),
                (
                    "since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="omixa_studio.run",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("person", None), ("run", None)),
                        fields=("target",),
                        name="one_brake_of_all",
                    ),
                    models.UniqueConstraint(
                        fields=("target", "person"), name="one_brake_of_person"
                    ),
                    models.UniqueConstraint(fields=("target", "run"), name="one_brake_of_run"),
                    models.CheckConstraint(
                        condition=models.Q(("person", None), ("run", None), _connector="OR"),
                        name="brake_of_one_thing",
                    ),
                ],
            },
        ),
    ]
