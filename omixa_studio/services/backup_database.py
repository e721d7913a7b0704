"""The database of a backup: frozen at one moment while the studio goes on, and put back.

SQLite has an online backup; PostgreSQL exports a snapshot, which `pg_dump` and our own questions
share. Sessions and the cache are left out: whoever has the backup is not logged in with it. So
are the sealed keys of the gateway: whoever has backup and secret of the studio spends nothing.
"""

import gzip
import shutil
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Sum

from omixa_studio import env
from omixa_studio.models import Charge, GatewaySecret, PersonSession

from .backup_folder import BackupError

LEFT_OUT: tuple[str, ...] = (
    "django_session",
    PersonSession._meta.db_table,
    GatewaySecret._meta.db_table,
    str(settings.CACHES["default"]["LOCATION"]),
)
DUMPS = {"sqlite": "database.sqlite3.gz", "postgresql": "database.dump"}
COPY = "backup"
INDEX = "prompt_pieces"


def is_empty() -> bool:
    """Return whether the database has no table of a studio."""
    if connection.vendor == "sqlite" and not _file().exists():
        return True  # which connecting would make
    return "django_migrations" not in connection.introspection.table_names()


@contextmanager
def frozen(folder: Path) -> Iterator[str]:
    """Freeze the database; give the alias under which its state of this moment can be read.

    On leaving, the dump lies in the folder. Raises BackupError.
    """
    if connection.vendor == "postgresql":
        with _frozen_postgres(folder) as alias:
            yield alias
    else:
        with _frozen_sqlite(folder) as alias:
            yield alias


def tables(using: str) -> list[str]:
    """Return the tables of a database whose rows are in a backup."""
    names = connections[using].introspection.table_names()
    # Those of an index are counted with its rows.
    return sorted(name for name in names if name not in LEFT_OUT and not name.startswith(INDEX))


def row_counts(using: str, names: Iterable[str]) -> dict[str, int]:
    """Return the number of rows of some tables."""
    found = {}
    with connections[using].cursor() as cursor:
        for name in names:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
            found[name] = cursor.fetchone()[0]
    return found


def ledger_sums(using: str) -> dict[str, dict[str, int]]:
    """Return the rows and the micro-dollars of the ledger of each target."""
    rows = Charge.objects.using(using).order_by().values("target")
    sums = rows.annotate(n=Count("pk"), micros=Sum("amount_micros")).order_by("target")
    return {one["target"]: {"rows": one["n"], "micros": int(one["micros"])} for one in sums}


def migrations(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Return the studio's migrations that a database has."""
    rows = MigrationRecorder.Migration.objects.using(using).filter(app="omixa_studio")
    return sorted(rows.values_list("name", flat=True))


def put_back(dump: Path) -> None:
    """Fill an empty database from a dump. Raises BackupError, OSError."""
    if connection.vendor == "postgresql":
        _run("pg_restore", "--single-transaction", "--no-owner", "--no-privileges", str(dump))
        return
    for log in (Path(f"{_file()}-wal"), Path(f"{_file()}-shm")):
        if log.exists() and not _file().exists():
            raise BackupError(f"{log} belongs to an earlier database: move it away.")
    part = _file().with_name(f"{_file().name}.part")
    with gzip.open(dump) as source, part.open("wb") as target:
        shutil.copyfileobj(source, target, 2**20)
    with closing(sqlite3.connect(part)) as rows:
        whole = rows.execute("PRAGMA quick_check").fetchone()[0]
    if whole != "ok":
        raise BackupError(f"The copy of the database is damaged: {whole}")
    connection.close()
    part.replace(_file())


@contextmanager
def _frozen_sqlite(folder: Path) -> Iterator[str]:
    copy = folder / "database.sqlite3"
    with closing(sqlite3.connect(_file())) as rows, closing(sqlite3.connect(copy)) as kept:
        rows.backup(kept)  # in one step: it waits for nobody, and nobody for it
        kept.execute("PRAGMA journal_mode=DELETE")
        kept.execute("PRAGMA secure_delete=ON")
        with kept:
            for table in LEFT_OUT:
                if _has_table(kept, table):
                    kept.execute(f'DELETE FROM "{table}"')  # noqa: S608
    same = dict(connections.databases[DEFAULT_DB_ALIAS])
    connections.databases[COPY] = {**same, "NAME": str(copy), "OPTIONS": {}}
    try:
        yield COPY
    finally:
        connections[COPY].close()
        del connections[COPY]
        del connections.databases[COPY]
    with copy.open("rb") as source, gzip.open(folder / DUMPS["sqlite"], "wb", 1) as target:
        shutil.copyfileobj(source, target, 2**20)
    copy.unlink()


@contextmanager
def _frozen_postgres(folder: Path) -> Iterator[str]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        left_out = [f"--exclude-table-data={table}" for table in LEFT_OUT]
        dump = f"--file={folder / DUMPS['postgresql']}"
        _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", dump, *left_out)
        yield DEFAULT_DB_ALIAS


def _run(program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs on the database; the password is on no command line."""
    given = connection.get_connection_params()
    kept = ("host", "port", "user", "dbname", "sslmode", "sslrootcert", "service")
    # Only a studio on PostgreSQL loads its driver.
    known = {name: given[name] for name in kept if given.get(name)}
    where = import_module("psycopg.conninfo").make_conninfo(**known)
    surroundings = {"PATH": env.text("PATH"), "PGPASSWORD": str(given.get("password") or "")}
    try:
        done = subprocess.run(  # noqa: S603 (two names of ours, and options of ours)
            [program, f"--dbname={where}", *options],
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError:
        raise BackupError(
            f"{program} is not on this machine: install PostgreSQL's client programs, "
            "at least as new as the server."
        ) from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise BackupError(f"{program} failed: {lines[0]}")


def _has_table(rows: sqlite3.Connection, name: str) -> bool:
    found = rows.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [name])
    return found.fetchone() is not None


def _file() -> Path:
    return Path(connection.settings_dict["NAME"])
