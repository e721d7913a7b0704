"""A new database begins with one migration, and is what all that it replaces make of one."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db.migrations.loader import MigrationLoader

from tests.servers import PROJECT

APP = "omixa_studio"
ONE_BY_ONE = """
import django
django.setup()
from django.core.management import call_command
from tests.one_by_one import migrate_one_by_one
migrate_one_by_one("0063_gateway_keys")
call_command("migrate", verbosity=0)
call_command("migrate", check_unapplied=True)
"""
# Their ids depend on the order in which apps were migrated.
COUNTED = ("django_content_type", "auth_permission")
# The first has the time of each; the second, the largest id that any table ever had.
LEFT_OUT = ("django_migrations", "sqlite_sequence")
# The order of columns is left out: it says when each was added or renamed, and nothing reads it.
# 0046 adds columns in its own words, where Django would have written whole tables anew.
SAME = (
    (r'"', ""),
    (r"NOT NULL DEFAULT (\S+)", r"DEFAULT \1 NOT NULL"),
    (r"DEFAULT FALSE", "DEFAULT 0"),
    (r"DEFAULT TRUE", "DEFAULT 1"),
    (r"^collected_in integer unsigned", "collected_in integer"),
)


def test_a_new_database_begins_with_one_migration() -> None:
    loader = MigrationLoader(None)
    ((first, migration),) = loader.replacements.items()
    assert first in loader.graph.nodes
    assert not loader.graph.nodes.keys() & set(migration.replaces)


def test_others_that_need_our_first_one_find_it_in_older_databases() -> None:
    # Django takes the first by name; were it the new one, no older database could be opened.
    names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == APP)
    assert names[0] == "0001_the_first_tables"


def test_it_makes_what_all_migrations_made(
    bare_surroundings: dict[str, str], request: pytest.FixtureRequest
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ONE_BY_ONE],
        cwd=PROJECT,
        env=bare_surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before = described(bare_surroundings)
    new = described(request.getfixturevalue("surroundings"))
    assert len(new["schema"]) > 300
    for part, told in new.items():
        assert told == before[part], part


def described(surroundings: dict[str, str]) -> dict[str, Any]:
    """Return the schema, the names of migrations and the rows of a database."""
    if url := surroundings.get("DATABASE_URL"):
        return of_postgres(url)
    return of_sqlite(Path(surroundings["STUDIO_DATA_DIR"], "studio.sqlite3"))


def of_sqlite(database: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(database)) as connection:
        made = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        schema = {
            (kind, name, table): sorted(columns(sql)) if kind == "table" else sql
            for kind, name, table, sql in made
        }
        tables = [name for kind, name, _table in schema if kind == "table"]
        return {"schema": schema, **contents(connection, tables)}


def columns(sql: str) -> list[str]:
    """Split the statement of a table at the commas between columns; write each as Django does."""
    head, _, inner = sql.removesuffix(")").partition("(")
    parts, depth = [""], 0
    for sign in inner:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [head, *(in_words_of_django(part.strip()) for part in parts)]


def in_words_of_django(part: str) -> str:
    for pattern, words in SAME:
        part = re.sub(pattern, words, part)
    return part


def of_postgres(url: str) -> dict[str, Any]:
    told = ["pg_dump", "--schema-only", "--no-owner", f"--dbname={url}"]
    dump = subprocess.run(told, capture_output=True, text=True, check=True).stdout
    # A comment comes before each statement.
    blocks = re.split(r"^--\n-- (Name: .*)\n--\n", dump, flags=re.MULTILINE)[1:]
    schema = {
        name: sorted(line.rstrip(",") for line in block.splitlines() if not line.startswith("\\"))
        for name, block in zip(blocks[::2], blocks[1::2], strict=True)
    }
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {"schema": schema, **contents(connection, [name for (name,) in found])}


def contents(connection: Any, tables: list[str]) -> dict[str, Any]:
    """Return the names of migrations and all rows, of some tables only how many."""
    rows = {}
    for table in set(tables) - set(LEFT_OUT):
        columns = "count(*)" if table in COUNTED else "*"
        rows[table] = sorted(map(repr, connection.execute(f'SELECT {columns} FROM "{table}"')))
    migrations = connection.execute("SELECT app, name FROM django_migrations").fetchall()
    return {"migrations": sorted(migrations), "rows": rows}
