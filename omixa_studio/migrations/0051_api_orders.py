import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0050_tokens"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identity", models.CharField(max_length=64)),
                ("ordinal", models.PositiveIntegerField()),
                ("body_sha256", models.CharField(max_length=64)),
                ("group", models.UUIDField()),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("delivered_at", models.DateTimeField(null=True)),
                (
                    "token",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="orders",
                        to="omixa_studio.token",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("token", "identity", "ordinal"), name="api_order_bought_once"
                    )
                ],
            },
        ),
    ]
