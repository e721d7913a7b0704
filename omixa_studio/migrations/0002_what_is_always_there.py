"""The table of the cache, in which rate limits are counted."""

from django.core.management import call_command
from django.db import migrations


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("omixa_studio", "0001_the_first_tables")]

    operations = [migrations.RunPython(make_cache_table, migrations.RunPython.noop)]
