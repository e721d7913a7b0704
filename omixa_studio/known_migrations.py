"""Whether a database belongs to a newer version of the studio, which this one must not touch."""

from typing import Any

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

APP = "omixa_studio"


def unknown_migrations(*, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Return the studio's migrations that a database has and this version does not know."""
    recorder = MigrationRecorder(connections[using])
    applied = {name for app, name in recorder.applied_migrations() if app == APP}
    known = {name for app, name in MigrationLoader(None).disk_migrations if app == APP}
    return sorted(applied - known)


def refuse_newer(*, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Raise CommandError if the database is of a newer version; a pre_migrate hook."""
    if newer := unknown_migrations(using=using):
        raise CommandError(
            f"The database was made by a newer version of the studio: it has {newer[-1]}, which "
            "this one does not know. Nothing was changed. Start the newer version again, or "
            "restore a backup that this version made."
        )
