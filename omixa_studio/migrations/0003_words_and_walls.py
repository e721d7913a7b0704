"""The words a gallery searches by, and the indexes that its walls are read from."""

from django.db import migrations, models, transaction
from django.db.models import Q
from django.db.utils import OperationalError, ProgrammingError

from omixa_studio.models.search import FoldedCopy

TRIGRAMS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX IF NOT EXISTS generation_words ON omixa_studio_generation "
    "USING gin (prompt_search gin_trgm_ops)",
)


def fold_prompts(apps, schema_editor):
    rows = apps.get_model("omixa_studio", "Generation").objects.using(schema_editor.connection.alias)
    for row in rows.only("prompt").exclude(prompt="").iterator():
        row.save(update_fields=["prompt_search"])


def index_words(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    # A role that may not make the extension searches more slowly; nothing else changes.
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            for statement in TRIGRAMS:
                cursor.execute(statement)
    except (OperationalError, ProgrammingError):
        pass


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0002_what_is_always_there")]

    operations = [
        migrations.AddField(
            model_name="generation", name="prompt_search", field=FoldedCopy(of="prompt")
        ),
        migrations.RunPython(fold_prompts, migrations.RunPython.noop),
        migrations.RunPython(index_words, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="picture", name="picture_gallery"),
        migrations.RemoveIndex(model_name="picture", name="picture_team"),
        migrations.RemoveIndex(model_name="picture", name="picture_by_model"),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                fields=["person", "created_at", "id", "cost_micros", "trashed_at"],
                name="picture_wall",
                condition=Q(trashed_at__isnull=True),
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                fields=["person", "model", "created_at", "id", "cost_micros", "trashed_at"],
                name="picture_wall_of_model",
                condition=Q(trashed_at__isnull=True),
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                fields=["created_at", "id", "model", "person", "cost_micros", "shared", "trashed_at"],
                name="picture_team_wall",
                condition=Q(shared=True, trashed_at__isnull=True),
            ),
        ),
    ]
