"""A misbehaving gateway, and what a worker hands to the services."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from omixa_studio.gateway.client import Gateway
from omixa_studio.sandbox import Sandbox
from omixa_studio.services.tools import Tools
from omixa_studio.worker import Times, Worker
from tests.databases import put_migrated_sqlite
from tests.servers import PROJECT
from tests.workers import make_tools


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A stand-in gateway that answers at once."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def tools(sandbox: Sandbox, tmp_path: Path) -> Tools:
    """The tools of a worker."""
    return make_tools(sandbox, tmp_path)


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk that can only be read."""
    place = tmp_path / "sealed"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("A disk can be mounted by root alone.")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def worker() -> Worker:
    """A worker for the sandbox that nobody has started, with a gateway that is not there."""
    gateway = Gateway("http://127.0.0.1:9/api/v1", "none", call_seconds=1, answer_bytes=2**20)
    return Worker(threads=1, times=Times(), target="sandbox", gateway=gateway)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare_surroundings(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of a studio without tables yet, on each of the databases."""
    told = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "omixa_studio.settings",
        "STUDIO_DATA_DIR": str(tmp_path),
    }
    told.pop("DATABASE_URL", None)  # these tests may themselves run on PostgreSQL
    if request.param == "postgres":
        told["DATABASE_URL"] = request.getfixturevalue("postgres_url")
    return told


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database on PostgreSQL that has its tables, to be copied."""
    name = "migrated"
    folder = tmp_path_factory.mktemp("migrated")
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    url = postgres_server.rpartition("/")[0] + "/" + name
    settings = "omixa_studio.settings"
    told = {"DJANGO_SETTINGS_MODULE": settings, "STUDIO_DATA_DIR": str(folder), "DATABASE_URL": url}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        env={**os.environ, **told},
        cwd=PROJECT,
        check=True,
    )
    return name


@pytest.fixture
def surroundings(
    bare_surroundings: dict[str, str], request: pytest.FixtureRequest
) -> dict[str, str]:
    """The environment of a studio that has its tables and no rows, on each of the databases.

    A migration takes seconds, and a copy of its result none.
    """
    if url := bare_surroundings.get("DATABASE_URL"):
        name = request.getfixturevalue("migrated_postgres")
        _copy_postgres(request.getfixturevalue("postgres_server"), url, name)
    else:
        put_migrated_sqlite(Path(bare_surroundings["STUDIO_DATA_DIR"], "studio.sqlite3"))
    return bare_surroundings


@pytest.fixture
def few_values_in_a_statement(db: None) -> Iterator[None]:
    """As many as SQLite takes are too many for a test; the rule is the same for fewer."""
    connection.ensure_connection()
    if connection.vendor != "sqlite":
        yield
        return
    before = connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 1_100)
    yield
    connection.connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, before)


def _copy_postgres(server_url: str, url: str, template: str) -> None:
    """Put a copy of a database in the place of an empty one."""
    name = url.rpartition("/")[2]
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
