"""Find pictures by their cost without reading all others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("omixa_studio", "0064_look_ups_of_programs"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", True)),
                fields=["person", "cost_micros", "trashed_at"],
                name="picture_wall_by_cost",
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("shared", True), ("trashed_at__isnull", True)),
                fields=["cost_micros", "shared", "trashed_at"],
                name="picture_team_wall_by_cost",
            ),
        ),
    ]
