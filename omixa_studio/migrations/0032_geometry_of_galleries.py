from django.db import migrations, models

from omixa_studio.models.aspects import SQUARE, aspect_of

BATCH = 5000


def fill_aspects(apps, schema_editor):
    """Give the pictures that exist their shape, by ranges of ids and by size."""
    pictures = apps.get_model("omixa_studio", "Picture").objects.using(
        schema_editor.connection.alias
    )
    last = pictures.aggregate(last=models.Max("id"))["last"] or 0
    for first in range(1, last + 1, BATCH):
        batch = pictures.filter(id__gte=first, id__lt=first + BATCH)
        for width, height in batch.values_list("width", "height").distinct():
            aspect = aspect_of(width, height)
            if aspect != SQUARE:
                batch.filter(width=width, height=height).update(aspect=aspect)


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0031_templates_of_prompts")]

    operations = [
        migrations.CreateModel(
            name="CalendarMonth",
            fields=[
                ("name", models.CharField(max_length=7, primary_key=True, serialize=False)),
                ("starts_at", models.DateTimeField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="MonthCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("mine", "Mine"), ("team", "Team"), ("trash", "Trash")],
                        max_length=5,
                    ),
                ),
                ("person_id", models.BigIntegerField()),
                ("month", models.CharField(max_length=7)),
                ("target", models.CharField(max_length=200)),
                ("pictures", models.IntegerField()),
                ("billed_micros", models.BigIntegerField()),
                ("unknown", models.IntegerField()),
                ("moves", models.BigIntegerField()),
                ("marks", models.BigIntegerField()),
                ("merged", models.BooleanField(db_default=False, default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["kind", "person_id", "month"], name="month_count_of_gallery"
                    ),
                    models.Index(
                        condition=models.Q(("merged", False)),
                        fields=["id"],
                        name="month_count_to_merge",
                    ),
                ],
            },
        ),
        migrations.RemoveIndex(model_name="picture", name="picture_wall"),
        migrations.RemoveIndex(model_name="picture", name="picture_team_wall"),
        migrations.AddField(
            model_name="picture",
            name="aspect",
            field=models.PositiveSmallIntegerField(default=SQUARE),
        ),
        migrations.RunPython(fill_aspects, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", True)),
                fields=["person", "created_at", "id", "aspect", "cost_micros", "trashed_at"],
                name="picture_wall",
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("shared", True), ("trashed_at__isnull", True)),
                fields=[
                    "created_at",
                    "id",
                    "model",
                    "person",
                    "aspect",
                    "cost_micros",
                    "shared",
                    "trashed_at",
                ],
                name="picture_team_wall",
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", False)),
                fields=["person", "trashed_at", "id", "aspect"],
                name="picture_trash_of_person",
            ),
        ),
    ]
