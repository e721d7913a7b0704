from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0060_mcp"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelsFile",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                ("text", models.TextField(blank=True)),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="one_models_file"
                    )
                ],
            },
        ),
    ]
