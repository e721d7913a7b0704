"""Copies of the database at hand, as a backup would keep them, and back again."""

import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
from django.db import connection, connections


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
