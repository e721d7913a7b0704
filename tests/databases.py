"""Copies of the database at hand, as a backup would keep them, and back again; migrated ones."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
from django.db import connection, connections

from tests.servers import PROJECT

MIGRATIONS = PROJECT / "omixa_studio" / "migrations"


def put_migrated_sqlite(place: Path) -> None:
    """Put an SQLite database with all tables and no rows at a place.

    Migrating takes seconds: it is done once for all processes, and again where a migration differs.
    """
    # Which apps there are, and so which tables of others, stands in the settings.
    sources = (MIGRATIONS.parent / "settings.py", *sorted(MIGRATIONS.glob("*.py")))
    digest = hashlib.sha256(b"".join(one.read_bytes() for one in sources))
    kept = Path(tempfile.gettempdir(), f"omixa-studio-{os.getuid()}-{digest.hexdigest()}")
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            _migrate(kept)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept, place)


def _migrate(kept: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        told |= {"STUDIO_DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "omixa_studio.settings"}
        program = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(program, env=told, cwd=PROJECT, check=True)
        made = Path(folder, "studio.sqlite3")
        with closing(sqlite3.connect(made)) as rows:
            rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.move(made, kept)


def copy_database(folder: Path) -> str:
    """Keep the database as it is now; return what `restore_database` takes."""
    if connection.vendor == "sqlite":
        kept = folder / f"{uuid4().hex}.sqlite3"
        with closing(sqlite3.connect(_name())) as rows, closing(sqlite3.connect(kept)) as copy:
            rows.backup(copy)
        return str(kept)
    kept_name = f"kept_{uuid4().hex}"
    _on_server(f'CREATE DATABASE "{kept_name}" TEMPLATE "{_name()}"')
    return kept_name


def restore_database(kept: str) -> None:
    """Put a copy in the place of the database; nobody else may be connected."""
    connections.close_all()
    if connection.vendor == "sqlite":
        # In one transaction: a thread of an earlier test may still have the file open.
        with closing(sqlite3.connect(kept)) as copy, closing(sqlite3.connect(_name())) as rows:
            copy.backup(rows)
        return
    _on_server(
        f'DROP DATABASE "{_name()}" WITH (FORCE)', f'CREATE DATABASE "{_name()}" TEMPLATE "{kept}"'
    )


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _on_server(*statements: str) -> None:
    """Run statements beside the database at hand, which nobody may use meanwhile."""
    connections.close_all()
    given = connection.get_connection_params()
    with psycopg.connect(
        host=given.get("host"),
        port=given.get("port"),
        user=given.get("user"),
        dbname="postgres",
        autocommit=True,
    ) as server:
        for statement in statements:
            server.execute(statement.encode())
