"""The studio's limit row, which every hold locks, and the table of the cache."""

from django.core.management import call_command
from django.db import migrations


def make_studio_limit(apps, schema_editor):
    apps.get_model("omixa_studio", "Limit").objects.using(
        schema_editor.connection.alias
    ).get_or_create(person_id=None)


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0001_the_first_tables")]

    operations = [
        migrations.RunPython(make_studio_limit, migrations.RunPython.noop),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
