from django.db import migrations, models

from omixa_studio import prompt_index


def create_index(apps, schema_editor):
    """Index the prompts that exist: about two minutes for a million pictures."""
    using = schema_editor.connection.alias
    prompt_index.fill(using=using)
    prompt_index.create_index(using=using)


def drop_index(apps, schema_editor):
    prompt_index.drop_index(using=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0032_geometry_of_galleries")]

    operations = [
        migrations.CreateModel(
            name="IndexedPrompt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("generation_id", models.BigIntegerField(unique=True)),
                ("person_id", models.BigIntegerField()),
                ("latest", models.DateTimeField()),
                ("stray", models.BooleanField(default=False)),
                ("text", models.TextField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["latest"], name="indexed_prompt_by_time"),
                    models.Index(
                        condition=models.Q(("stray", True)),
                        fields=["id"],
                        name="indexed_prompt_stray",
                    ),
                ],
            },
        ),
        migrations.RunPython(create_index, drop_index),
    ]
