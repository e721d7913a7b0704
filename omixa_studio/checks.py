"""System checks: report problems at start instead of on the first page."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError
from django.db import connections

from omixa_studio import storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.env import POSTGRES, REDIS

NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs")


@register()
def models_toml_is_right(**_kwargs: Any) -> list[CheckMessage]:
    """Report each mistake of models.toml; the built-in catalogue goes on working."""
    return [
        Warning(
            f"{problem.file}: {problem.model} {problem.field}: {problem.sentence}",
            hint="The built-in value is used until this is mended.",
            id="omixa_studio.W001",
        )
        for problem in load_catalogue(settings.MODELS_TOML).problems
    ]


@register()
def the_database_is_on_a_local_disk(**_kwargs: Any) -> list[CheckMessage]:
    """Report a network share, on which SQLite's write-ahead log breaks."""
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return []
    kind = _file_system_of(str(settings.DATA_DIR))
    if kind not in NETWORK_FILE_SYSTEMS:
        return []
    return [
        Error(
            f"The data folder lies on a network share ({kind}).",
            hint="Move STUDIO_DATA_DIR to a local disk, or set DATABASE_URL to a PostgreSQL.",
            id="omixa_studio.E001",
        )
    ]


@register(Tags.database)
def the_database_answers(
    databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Report an unreachable database in one sentence instead of a traceback."""
    try:
        for name in databases or ():
            connections[name].ensure_connection()
    except DatabaseError as error:
        return [
            Error(
                f"The database cannot be reached: {' '.join(str(error).split())}",
                hint="DATABASE_URL says where it is.",
                id="omixa_studio.E002",
            )
        ]
    return []


@register()
def the_storage_can_be_used(**_kwargs: Any) -> list[CheckMessage]:
    """Report options unknown to the bucket's driver before the first paid picture."""
    try:
        storage.backend()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="STORAGE_URL holds the options.", id="omixa_studio.E003")]
    return []


@register()
def the_queue_can_be_used(**_kwargs: Any) -> list[CheckMessage]:
    """Report options unknown to the queue's driver, which would stop every wake-up."""
    kind = urlsplit(settings.QUEUE_URL).scheme
    try:
        if kind in REDIS:
            import_module("redis").ConnectionPool.from_url(settings.QUEUE_URL).make_connection()
        elif kind in POSTGRES:
            import_module("psycopg").conninfo.conninfo_to_dict(settings.QUEUE_URL)
    except Exception as error:  # noqa: BLE001 (any driver's)
        said = " ".join(str(error).split())
        hint = "QUEUE_URL holds the options."
        return [Error(f"The queue cannot be used: {said}", hint=hint, id="omixa_studio.E004")]
    return []


def _file_system_of(path: str) -> str:
    """Return the kind of the mount that holds a path, "" where the system does not tell."""
    try:
        with open("/proc/mounts", encoding="utf-8") as mounts:
            rows = [line.split()[1:3] for line in mounts]
    except OSError:
        return ""
    holding = [row for row in rows if path == row[0] or path.startswith(row[0].rstrip("/") + "/")]
    return max(holding, key=lambda row: len(row[0]))[1] if holding else ""
