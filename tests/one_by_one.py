"""Databases of earlier versions, made as those made them: one migration after another."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

APP = "omixa_studio"
FIRST = "0001_the_first_tables"


def migrate_one_by_one(last: str) -> None:
    """Migrate a database without tables to one of our migrations, and other apps to their last.

    Django goes on with the migrations that were replaced by one where the first of them is there.
    """
    call_command("migrate", "auth", verbosity=0)
    loader = MigrationLoader(connection)
    first = loader.disk_migrations[APP, FIRST]
    with connection.schema_editor(atomic=first.atomic) as editor:
        first.apply(loader.project_state(list(first.dependencies)), editor)
    MigrationRecorder(connection).record_applied(APP, FIRST)
    for app in sorted({app for app, _name in loader.disk_migrations} - {APP}):
        call_command("migrate", app, verbosity=0)
    call_command("migrate", APP, last, verbosity=0)
